// `protochain P`: P is one of the protocols of the packet, behind whatever extension headers.
//
// libpcap writes a loop with a backward jump, which the kernel refuses, and loses its place behind
// an authentication header. Here the walk is unrolled: two cells hold the header that comes next
// and where it starts, and each of kMostHeaders steps either answers or moves both on. For IPv6
//
//   next := ip6[6], at := 40
//   step: next = P? yes.  next = 59 (none)? no.
//         next is hop-by-hop, routing, destination options or fragment?
//             next, at := byte [at], at + 8 * (byte [at + 1] + 1), step again
//         next = 51 (authentication)?
//             next, at := byte [at], at + 4 * (byte [at + 1] + 2), step again
//         no.
//
// A chain longer than that does not match. IPv4 has authentication headers only. A fragment header
// has a reserved byte where the others have their length (RFC 8200); it is 8 bytes long whatever
// that byte says, but libpcap reads it as a length, and so do we.
#include <fmt/format.h>

#include "compiler/lowering.h"
#include "compiler/protocol_numbers.h"

namespace bpfc {
namespace {

constexpr int kMostHeaders = 16;

class Walk {
 public:
  Walk(Lowering& lowering, bool ip6, std::uint32_t wanted)
      : lowering_(lowering),
        ip6_(ip6),
        wanted_(wanted),
        next_(lowering.new_cell(lowering.current)),
        at_(lowering.new_cell(lowering.current)) {}

  ConditionIndex build() {
    auto& conditions = lowering_.conditions;
    // The inner step decides where the outer one has moved on, so the last is made first.
    ConditionIndex rest = lowering_.equal(next(), wanted_);
    for (int header = 0; header < kMostHeaders; ++header) rest = step(rest);
    const ir::ValueIndex first =
        lowering_.load(lowering_.network().plus(ip6_ ? kIp6NextHeader : kIp4Protocol), 1);
    return conditions.all(
        {conditions.assign(next_, first), conditions.assign(at_, first_header()), rest});
  }

 private:
  static constexpr std::uint32_t kIp4Protocol = 9;
  static constexpr std::uint32_t kIp6NextHeader = 6;

  ir::ValueIndex next() { return lowering_.graph.values.cell(next_); }
  ir::ValueIndex at() { return lowering_.graph.values.cell(at_); }

  // From the network header.
  ir::ValueIndex first_header() {
    constexpr std::uint32_t kIp6Header = 40;
    return ip6_ ? lowering_.constant(kIp6Header) : lowering_.ip4_payload().base;
  }

  ir::ValueIndex byte_of_header(std::uint32_t offset) {
    return lowering_.load({at(), lowering_.network().constant + offset}, 1);
  }

  // True, with the cells moved behind the header at hand.
  ConditionIndex advance(std::uint32_t units, std::uint32_t bytes_per_unit) {
    auto& values = lowering_.graph.values;
    const ir::ValueIndex length =
        values.alu(Arithmetic::kMultiply,
                   values.alu(Arithmetic::kAdd, byte_of_header(1), lowering_.constant(units)),
                   lowering_.constant(bytes_per_unit));
    auto& conditions = lowering_.conditions;
    return conditions.all({conditions.assign(next_, byte_of_header(0)),
                           conditions.assign(at_, values.alu(Arithmetic::kAdd, length, at()))});
  }

  ConditionIndex step(ConditionIndex rest) {
    auto& conditions = lowering_.conditions;
    const ConditionIndex authentication =
        conditions.all({lowering_.equal(next(), ip_protocol::kAh), advance(2, 4)});
    ConditionIndex moved = authentication;
    if (ip6_) {
      const ConditionIndex extension =
          conditions.any({lowering_.equal(next(), ip_protocol::kHopByHop),
                          lowering_.equal(next(), ip_protocol::kDestinationOptions),
                          lowering_.equal(next(), ip_protocol::kRouting),
                          lowering_.equal(next(), ip_protocol::kFragment)});
      moved = conditions.any({conditions.all({extension, advance(1, 8)}), authentication});
    }
    const ConditionIndex none = lowering_.equal(next(), ip_protocol::kNoNextHeader);
    return conditions.any(
        {lowering_.equal(next(), wanted_), conditions.all({conditions.negate(none), moved, rest})});
  }

  Lowering& lowering_;
  bool ip6_;
  std::uint32_t wanted_;
  std::uint32_t next_;
  std::uint32_t at_;
};

}  // namespace

ConditionIndex lower_protochain(Lowering& lowering, ast::Protocol within, std::uint32_t number,
                                SourceRange range) {
  if (lowering.network().base != ir::kNoValue) {
    Lowering::fail(DiagnosticCode::kEncapsulation, range,
                   "'protochain' is not supported behind headers of variable length");
  }
  auto& conditions = lowering.conditions;
  switch (within) {
    case ast::Protocol::kDefault: {
      const ConditionIndex ip4 = lower_protochain(lowering, ast::Protocol::kIp, number, range);
      const ConditionIndex ip6 = lower_protochain(lowering, ast::Protocol::kIp6, number, range);
      return conditions.any({ip4, ip6});
    }
    case ast::Protocol::kIp: {
      Lowering::check_maximum(number, 0xff, range, "IP protocol");
      const ConditionIndex ip4 = lowering.payload_is(ethertype::kIp);
      return conditions.all({ip4, Walk(lowering, false, number).build()});
    }
    case ast::Protocol::kIp6: {
      Lowering::check_maximum(number, 0xff, range, "IPv6 next header");
      const ConditionIndex ip6 = lowering.payload_is(ethertype::kIp6);
      return conditions.all({ip6, Walk(lowering, true, number).build()});
    }
    default:
      Lowering::fail(DiagnosticCode::kInvalidQualifier, range,
                     "'protochain' goes with ip, ip6, or nothing before it");
  }
}

}  // namespace bpfc
