// The tree of a filter expression.
//
// The tree lies in arenas: a node names its children by index, and every child stands before its
// parent, leaves in the order in which the text has them. So one loop over `nodes` from the front
// sees each node after its children and every primitive in source order, and nothing that works on
// the tree needs recursion. `tcp port 80 or 443 and not icmp` gives
//
//   nodes[0] Identified 80   tcp port
//   nodes[1] Identified 443  tcp port, inherited
//   nodes[2] Abbreviation icmp
//   nodes[3] Not 2
//   nodes[4] Chain 0, or 1, and 3        <- root
//
// A chain is read from the left: `and` and `or` bind alike (pcap-filter(7)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bpfc/diagnostic.h"

namespace bpfc::ast {

// Protocol qualifiers and the protocols that stand alone. kLink is `link` and its synonyms. The
// spellings are in grammar/keyword.def.
enum class Protocol : std::uint8_t {
  kDefault,  // none written
  kLink,
  kIp,
  kIp6,
  kArp,
  kRarp,
  kTcp,
  kUdp,
  kSctp,
  kIcmp,
  kIcmp6,
  kIgmp,
  kIgrp,
  kPim,
  kVrrp,
  kCarp,
  kAh,
  kEsp,
  kRadio,
  kAtalk,
  kAarp,
  kDecnet,
  kLat,
  kSca,
  kMoprc,
  kMopdl,
  kIso,
  kEsis,
  kIsis,
  kClnp,
  kStp,
  kIpx,
  kNetbeui,
  kIsisL1,
  kIsisL2,
  kIsisIih,
  kIsisLsp,
  kIsisSnp,
  kIsisCsnp,
  kIsisPsnp,
};

enum class Direction : std::uint8_t {
  kDefault,  // none written: means kEither
  kSource,
  kDestination,
  kEither,
  kBoth,
  kReceiver,  // 802.11 only, and so the rest
  kTransmitter,
  kAddress1,
  kAddress2,
  kAddress3,
  kAddress4,
};

enum class AddressType : std::uint8_t {
  kDefault,
  kHost,
  kNet,
  kPort,
  kPortRange,
  kProto,
  kProtochain,
  kGateway,
};

// What stands before an identifier, or was inherited from the one before.
struct Qualifiers {
  Protocol protocol = Protocol::kDefault;
  Direction direction = Direction::kDefault;
  AddressType type = AddressType::kDefault;
  SourceRange range;  // where they were written
};

using NodeIndex = std::uint32_t;
using ArithmeticIndex = std::uint32_t;

enum class IdentifierKind : std::uint8_t {
  kName,    // a word; the text has no backslash
  kNumber,  // `number`
  kIpv4,    // two to four parts with dots (also DECnet's area.node)
  kIpv6,
  kMac48,
  kMac8,  // $x: ARCnet and BACnet
};

// A qualified identifier: `tcp port 80`, `net 10.0.0.0/8`.
struct Identified {
  IdentifierKind kind = IdentifierKind::kName;
  SourceRange text;  // the identifier alone
  std::uint32_t number = 0;
  std::optional<std::uint32_t> prefix_length = {};  // of kIpv4 and kIpv6
  std::optional<SourceRange> mask = {};             // the text of kIpv4's mask
  Qualifiers qualifiers = {};
  bool inherited = false;  // the qualifiers stand before an earlier identifier
};

struct Abbreviation {
  Protocol protocol;
};

enum class RelationOperator : std::uint8_t {
  kEqual,
  kNotEqual,
  kGreater,
  kLess,
  kGreaterOrEqual,
  kLessOrEqual,
  kAnd,  // `byte N & V` and `byte N | V` only: the result is not 0
  kOr,
};

struct Relation {
  RelationOperator op;
  ArithmeticIndex left;
  ArithmeticIndex right;
};

// `broadcast`, `multicast`.
struct Cast {
  Protocol protocol;
  bool multicast;
};

// `less N` and `greater N`: both include N.
struct LengthLimit {
  bool greater;
  std::uint32_t limit;
};

// `byte N op V`.
struct ByteTest {
  RelationOperator op;
  std::uint32_t offset;
  std::uint32_t value;
  SourceRange value_range;
};

// `inbound`, `outbound`.
struct PacketDirection {
  bool inbound;
};

struct InterfaceIndex {
  std::uint32_t index;
};

enum class EncapsulationKind : std::uint8_t { kVlan, kMpls, kPppoed, kPppoes, kGeneve, kVxlan };

// Moves the headers of everything to its right.
struct Encapsulation {
  EncapsulationKind kind;
  std::optional<std::uint32_t> identifier;  // VLAN id, label, session, VNI
  SourceRange identifier_range;
};

// A word or a number, where a keyword takes either.
struct NameOrNumber {
  SourceRange text;
  std::optional<std::uint32_t> number;  // none: a word
};

// `llc` with an optional frame type.
struct Llc {
  std::optional<SourceRange> type;
};

enum class PflogField : std::uint8_t { kInterface, kRuleset, kRule, kSubrule, kReason, kAction };

struct Pflog {
  PflogField field;
  NameOrNumber value;
};

// `type`, `subtype` and `dir` of 802.11.
struct Wlan {
  Protocol protocol;
  std::optional<NameOrNumber> type;
  std::optional<NameOrNumber> subtype;
  std::optional<NameOrNumber> direction;
};

enum class AtmKind : std::uint8_t {
  kLane,
  kMetac,
  kBcc,
  kOam,
  kOamf4,
  kOamf4sc,
  kOamf4ec,
  kSc,
  kIlmic,
  kConnectmsg,
  kMetaconnect,
};

struct Atm {
  AtmKind kind;
};

enum class Ss7Kind : std::uint8_t { kFisu, kLssu, kMsu, kHfisu, kHlssu, kHmsu };

struct Ss7 {
  Ss7Kind kind;
};

enum class SignallingField : std::uint8_t {
  kVpi,  // ATM
  kVci,
  kSio,  // SS7
  kOpc,
  kDpc,
  kSls,
  kHsio,
  kHopc,
  kHdpc,
  kHsls,
};

struct NumberAt {
  std::uint32_t value;
  SourceRange range;
};

// `vpi < 5`, `opc (1 or 2)`: true when the field compares with any of the numbers.
struct Signalling {
  SignallingField field;
  RelationOperator op;
  std::uint32_t first;  // into Filter::numbers
  std::uint32_t count;
};

struct Not {
  NodeIndex operand;
};

enum class Connective : std::uint8_t { kAnd, kOr };

struct ChainLink {
  Connective connective;  // before the operand; of no meaning for the first
  NodeIndex operand;
};

// At least two operands, read from the left.
struct Chain {
  std::uint32_t first;  // into Filter::links
  std::uint32_t count;
};

// The ranges of the children lie in their parent's. Qualifiers belong to the range of what follows
// them: an identifier or, in `port (80 or 443)`, the chain.
struct Node {
  SourceRange range;
  std::variant<Identified, Abbreviation, Relation, Cast, LengthLimit, ByteTest, PacketDirection,
               InterfaceIndex, Encapsulation, Llc, Pflog, Wlan, Atm, Ss7, Signalling, Not, Chain>
      value;
};

struct Number {
  std::uint32_t value;
};

// `len`.
struct Length {};

// `ip[2:2]`.
struct Accessor {
  Protocol protocol;
  ArithmeticIndex index;
  std::uint32_t size;  // as written, unchecked; 1 where nothing was written
  SourceRange protocol_range;
  SourceRange size_range;
};

enum class ArithmeticOperator : std::uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kAnd,
  kOr,
  kXor,
  kShiftLeft,
  kShiftRight,
};

struct Binary {
  ArithmeticOperator op;
  ArithmeticIndex left;
  ArithmeticIndex right;
};

struct Negate {
  ArithmeticIndex operand;
};

struct Arithmetic {
  SourceRange range;
  std::variant<Number, Length, Accessor, Binary, Negate> value;
};

// A parsed filter. Owns everything; immutable once parsed. No root: the empty expression, which
// accepts every packet.
struct Filter {
  std::string source;
  std::vector<Node> nodes;
  std::vector<Arithmetic> arithmetic;
  std::vector<ChainLink> links;
  std::vector<NumberAt> numbers;
  std::optional<NodeIndex> root;

  std::string_view text(SourceRange range) const {
    return std::string_view(source).substr(range.begin, range.end - range.begin);
  }
};

}  // namespace bpfc::ast
