// Tree to conditions: what the files lower_*.cc share.
//
// One loop over the tree's nodes, which stand in source order, turns each into a condition. Each
// file takes some kinds of primitive; all of them read the header context where they stand, and
// encapsulations change it.
//
// Order is meaning: a load past the end of the packet rejects, so what is tested first decides the
// verdict on short packets. The order here is that of the program which libpcap makes without
// optimization.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bpfc/compile.h"
#include "compiler/condition.h"
#include "compiler/graph.h"
#include "compiler/header_context.h"
#include "compiler/link_rules.h"
#include "grammar/ast.h"

namespace bpfc {

// Thrown by whatever finds that the filter cannot be compiled; lower() catches it.
struct LoweringFailure {
  Diagnostic diagnostic;
};

// What becomes of `ip[9]`: the load of byte 23, as `ip proto` has it; or, as in libpcap until it
// has threaded its jumps, another value, which no other test says anything of.
enum class Relations : std::uint8_t { kFolded, kApart };

class Lowering {
 public:
  Lowering(const ast::Filter& tree, const CompileOptions& compile_options, ir::Graph& target);

  const ast::Filter& filter;
  const CompileOptions& options;
  ir::Graph& graph;
  ConditionTable conditions;
  HeaderContext context;
  SourceRange current;  // of the primitive that is being lowered
  Relations relations = Relations::kFolded;

  const LinkRules& link() const { return *context.link_type->rules; }
  // The headers as they are at the text's start.
  const HeaderContext& outermost() const { return outermost_; }
  bool live() const { return options.target == Target::kLiveLinux; }
  // Whether the direction and the interface can be asked for.
  bool knows_device() const { return live() || options.target == Target::kCapture; }

  [[noreturn]] static void fail(DiagnosticCode code, SourceRange range, std::string message,
                                std::string hint = {});
  // The source with `text` put in place of the range, for a hint.
  std::string with_replacement(SourceRange range, std::string_view text) const;
  // For a name that is not known, or that nobody could be asked about: the message says which.
  [[noreturn]] void fail_on_name(std::string_view what, std::string_view name, SourceRange range,
                                 const NameError* error, std::string hint = {}) const;
  // Fails unless value <= maximum.
  static void check_maximum(std::uint32_t value, std::uint32_t maximum, SourceRange range,
                            std::string_view what);
  // `only_on`: the link types that know the keyword, where they are few.
  [[noreturn]] void fail_on_link_type(std::string_view keyword, SourceRange range,
                                      std::string_view only_on = {}) const;
  // What the primitive at hand has to ask, for messages.
  std::string innermost_link() const;
  // The keyword that the range starts with.
  std::string_view first_word(SourceRange range) const;

  // A new variable.
  std::uint32_t new_cell(SourceRange range);

  // Values.
  ir::ValueIndex constant(std::uint32_t k) { return graph.values.constant(k); }
  ir::ValueIndex load(HeaderOffset at, std::uint8_t size);
  ir::ValueIndex load_type();
  // The offset as a number to compute with.
  ir::ValueIndex address(HeaderOffset at);
  // Fields of the link-layer header; fails where the packet has none (cooked sockets).
  ir::ValueIndex load_link(std::uint32_t offset, std::uint8_t size);
  HeaderOffset network() const { return context.payload.plus(context.network); }
  HeaderOffset network_no_snap() const { return context.payload.plus(context.network_no_snap); }
  // Behind the IPv4 header, by its length field.
  HeaderOffset ip4_payload();
  // Behind the fixed IPv6 header.
  HeaderOffset ip6_payload() const;

  // Conditions.
  ConditionIndex equal(ir::ValueIndex value, std::uint32_t k);
  ConditionIndex equal(ir::ValueIndex value, std::uint32_t k, std::uint32_t mask);
  ConditionIndex greater(ir::ValueIndex value, std::uint32_t k);
  ConditionIndex greater_or_equal(ir::ValueIndex value, std::uint32_t k);
  // `bytes` at the offset, the last four first, as libpcap compares them.
  ConditionIndex equal_bytes(HeaderOffset at, std::span<const std::uint8_t> bytes);

  // The link layer says that the payload is `protocol`: an ethertype or a service access point.
  ConditionIndex payload_is(std::uint32_t protocol);
  // Only the first fragment has the transport header.
  ConditionIndex first_fragment();
  // That there is the link-layer header which the context speaks of; none: it is certain.
  std::optional<ConditionIndex> has_link_header();

  // The context of an Ethernet frame without tags.
  void enter_ethernet(HeaderOffset frame);

  // `root`, and before it whatever has to be asked or computed first.
  ConditionIndex with_prologue(ConditionIndex root);

 private:
  bool is_read(std::uint32_t cell) const;

  std::uint32_t next_cell_ = 0;
  HeaderContext outermost_;
  // Where the packet says where the outermost headers start.
  std::optional<std::uint32_t> link_header_cell_;
  std::optional<std::uint32_t> payload_cell_;
};

// lower_protocol.cc
ConditionIndex lower_abbreviation(Lowering& lowering, ast::Protocol protocol, SourceRange range);
ConditionIndex lower_protocol(Lowering& lowering, ast::Protocol within, std::uint32_t number,
                              SourceRange range);
ConditionIndex lower_proto(Lowering& lowering, const ast::Identified& identified);
// lower_protochain.cc
ConditionIndex lower_protochain(Lowering& lowering, ast::Protocol within, std::uint32_t number,
                                SourceRange range);
// lower_identified.cc
ConditionIndex lower_identified(Lowering& lowering, const ast::Identified& identified);
// lower_host.cc
ConditionIndex lower_host_or_net(Lowering& lowering, const ast::Identified& identified);
ConditionIndex lower_ip4(Lowering& lowering, const ast::Identified& identified,
                         std::uint32_t address, std::uint32_t mask);
ConditionIndex lower_ip6(Lowering& lowering, const ast::Identified& identified,
                         const std::array<std::uint8_t, 16>& address, std::uint32_t prefix_length);
// lower_link_address.cc
ConditionIndex link_address_is(Lowering& lowering, ast::Direction direction,
                               std::span<const std::uint8_t> address, SourceRange range);
ConditionIndex lower_link_address(Lowering& lowering, const ast::Identified& identified,
                                  std::span<const std::uint8_t> address);
ConditionIndex lower_gateway(Lowering& lowering, const ast::Identified& identified);
ConditionIndex lower_decnet(Lowering& lowering, const ast::Identified& identified);
ConditionIndex lower_cast(Lowering& lowering, const ast::Cast& cast, SourceRange range);
// lower_port.cc
ConditionIndex lower_port(Lowering& lowering, const ast::Identified& identified);
// The bytes that are looked at are those of a UDP packet to this port.
ConditionIndex udp4_destination(Lowering& lowering, std::uint32_t port);
ConditionIndex udp6_destination(Lowering& lowering, std::uint32_t port);
// lower_relation.cc
ConditionIndex compare(Lowering& lowering, ast::RelationOperator op, ir::ValueIndex left,
                       ir::ValueIndex right);
ConditionIndex lower_relation(Lowering& lowering, const ast::Relation& relation);
// lower_encapsulation.cc
ConditionIndex lower_encapsulation(Lowering& lowering, const ast::Encapsulation& encapsulation,
                                   SourceRange range);
// lower_tunnel.cc
ConditionIndex lower_geneve(Lowering& lowering, const ast::Encapsulation& encapsulation,
                            SourceRange range);
ConditionIndex lower_vxlan(Lowering& lowering, const ast::Encapsulation& encapsulation,
                           SourceRange range);
// lower_packet.cc
ConditionIndex lower_length_limit(Lowering& lowering, const ast::LengthLimit& limit);
ConditionIndex lower_byte_test(Lowering& lowering, const ast::ByteTest& test);
ConditionIndex lower_direction(Lowering& lowering, const ast::PacketDirection& direction,
                               SourceRange range);
ConditionIndex lower_interface_index(Lowering& lowering, const ast::InterfaceIndex& interface,
                                     SourceRange range);
ConditionIndex lower_llc(Lowering& lowering, const ast::Llc& llc, SourceRange range);

// The whole tree. Accepting returns options.snaplen.
Expected<ir::Graph, Diagnostic> lower(const ast::Filter& filter, const CompileOptions& options,
                                      Relations relations = Relations::kFolded);

}  // namespace bpfc
