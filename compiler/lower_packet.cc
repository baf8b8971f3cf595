// What is asked of the packet as a whole and of its link-layer header: lengths, single bytes,
// direction, interface, 802.2 frames.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/any_case.h"
#include "compiler/lowering.h"
#include "compiler/protocol_numbers.h"
#include "vm/ancillary.h"

namespace bpfc {
namespace {

// IEEE 802.2: what the first byte of the control field says.
struct LlcType {
  std::string_view name;
  std::uint32_t mask;
  std::uint32_t value;
};

constexpr std::uint32_t kFormat = 0x03;
constexpr std::uint32_t kSupervisory = 0x0f;
constexpr std::uint32_t kUnnumbered = 0xef;
constexpr std::array kLlcTypes = {
    LlcType{"i", 0x01, 0x00},
    LlcType{"s", kFormat, 0x01},
    LlcType{"u", kFormat, 0x03},
    LlcType{"rr", kSupervisory, 0x01},
    LlcType{"rnr", kSupervisory, 0x05},
    LlcType{"rej", kSupervisory, 0x09},
    LlcType{"ui", kUnnumbered, 0x03},
    LlcType{"ua", kUnnumbered, 0x63},
    LlcType{"disc", kUnnumbered, 0x43},
    LlcType{"dm", kUnnumbered, 0x0f},
    LlcType{"sabme", kUnnumbered, 0x6f},
    LlcType{"test", kUnnumbered, 0xe3},
    LlcType{"xid", kUnnumbered, 0xaf},
    LlcType{"frmr", kUnnumbered, 0x87},
};

}  // namespace

ConditionIndex lower_length_limit(Lowering& lowering, const ast::LengthLimit& limit) {
  const ir::ValueIndex length = lowering.graph.values.length();
  if (limit.greater) return lowering.greater_or_equal(length, limit.limit);
  return lowering.conditions.negate(lowering.greater(length, limit.limit));
}

ConditionIndex lower_byte_test(Lowering& lowering, const ast::ByteTest& test) {
  Lowering::check_maximum(test.value, 0xff, test.value_range, "byte value");
  auto& values = lowering.graph.values;
  auto& conditions = lowering.conditions;
  const ir::ValueIndex byte = lowering.load_link(test.offset, 1);
  const ir::ValueIndex value = lowering.constant(test.value);
  switch (test.op) {
    case ast::RelationOperator::kEqual:
      return conditions.test(Comparison::kEqual, byte, value);
    case ast::RelationOperator::kLess:
      return conditions.negate(conditions.test(Comparison::kGreaterOrEqual, byte, value));
    case ast::RelationOperator::kGreater:
      return conditions.test(Comparison::kGreater, byte, value);
    case ast::RelationOperator::kAnd:
      return conditions.negate(lowering.equal(values.alu(Arithmetic::kAnd, byte, value), 0));
    default:
      return conditions.negate(lowering.equal(values.alu(Arithmetic::kOr, byte, value), 0));
  }
}

ConditionIndex lower_direction(Lowering& lowering, const ast::PacketDirection& direction,
                               SourceRange range) {
  const auto& field = lowering.link().direction;
  if (field && !lowering.context.cooked_socket) {
    const ir::ValueIndex value = lowering.load_link(field->offset, field->size);
    const auto is = [&](const MaskedValue& wanted) {
      return lowering.equal(value, wanted.value, wanted.mask);
    };
    if (!direction.inbound) return is(field->outbound);
    return field->inbound ? is(*field->inbound) : lowering.conditions.negate(is(field->outbound));
  }
  if (!lowering.knows_device()) {
    Lowering::fail(DiagnosticCode::kNotLive, range,
                   fmt::format("'{}' needs a live capture: {} does not say which way packets go",
                               lowering.filter.text(range), lowering.innermost_link()));
  }
  constexpr std::uint32_t kOutgoing = 4;  // PACKET_OUTGOING, linux/if_packet.h
  const auto type = static_cast<std::uint32_t>(AncillaryLoad::kPacketType);
  const ConditionIndex outbound = lowering.equal(lowering.graph.values.ancillary(type), kOutgoing);
  return direction.inbound ? lowering.conditions.negate(outbound) : outbound;
}

ConditionIndex lower_interface_index(Lowering& lowering, const ast::InterfaceIndex& interface,
                                     SourceRange range) {
  const auto& offset = lowering.link().interface_index_offset;
  if (offset && !lowering.live()) {
    return lowering.equal(lowering.load_link(*offset, 4), interface.index);
  }
  if (lowering.knows_device()) {
    const auto index = static_cast<std::uint32_t>(AncillaryLoad::kInterfaceIndex);
    return lowering.equal(lowering.graph.values.ancillary(index), interface.index);
  }
  Lowering::fail(DiagnosticCode::kNotLive, range,
                 fmt::format("'ifindex' needs a live capture: {} does not name the interface",
                             lowering.innermost_link()));
}

ConditionIndex lower_llc(Lowering& lowering, const ast::Llc& llc, SourceRange range) {
  constexpr std::uint32_t kControlField = 2;
  if (lowering.link().has_llc == nullptr) lowering.fail_on_link_type("llc", range);
  auto& conditions = lowering.conditions;
  const HeaderOffset& header = lowering.context.payload;
  const ConditionIndex condition = lowering.link().has_llc(lowering);
  if (!llc.type) return condition;
  const std::string_view name = lowering.filter.text(*llc.type);
  const auto* type = std::find_if(kLlcTypes.begin(), kLlcTypes.end(), [name](const LlcType& row) {
    return equal_in_any_case(row.name, name);
  });
  if (type == kLlcTypes.end()) {
    Lowering::fail(DiagnosticCode::kUnknownName, *llc.type,
                   fmt::format("unknown type of 802.2 frame '{}'", name));
  }
  return conditions.all({condition, lowering.equal(lowering.load(header.plus(kControlField), 1),
                                                   type->value, type->mask)});
}

}  // namespace bpfc
