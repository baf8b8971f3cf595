#include "compiler/link/wlan.h"

#include "compiler/link/payload_protocol.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kFrameControl = 0;  // its first byte
constexpr std::uint32_t kFlags = 1;         // its second
constexpr std::uint32_t kControlBit = 0x04;
constexpr std::uint32_t kDataBit = 0x08;
constexpr std::uint32_t kQualityBit = 0x80;
constexpr std::uint32_t kToSystem = 0x01;
constexpr std::uint32_t kFromSystem = 0x02;

constexpr std::uint32_t kAddress1 = 4;
constexpr std::uint32_t kAddress2 = 10;
constexpr std::uint32_t kAddress3 = 16;
constexpr std::uint32_t kAddress4 = 24;

ConditionIndex has_bit(Lowering& lowering, std::uint32_t field, std::uint32_t bit) {
  return lowering.conditions.test(Comparison::kAnyBit, lowering.load_link(field, 1),
                                  lowering.constant(bit));
}

ConditionIndex lacks_bit(Lowering& lowering, std::uint32_t field, std::uint32_t bit) {
  return lowering.conditions.negate(has_bit(lowering, field, bit));
}

ConditionIndex is_data_frame(Lowering& lowering) {
  return lowering.conditions.all({lacks_bit(lowering, kFrameControl, kControlBit),
                                  has_bit(lowering, kFrameControl, kDataBit)});
}

// A little-endian halfword at 2: the length of radiotap's header, and of PPI's.
ir::ValueIndex length_at_2(Lowering& lowering) {
  auto& values = lowering.graph.values;
  const ir::ValueIndex high =
      values.alu(Arithmetic::kShiftLeft, values.load(1, ir::kNoValue, 3), lowering.constant(8));
  return values.alu(Arithmetic::kOr, high, values.load(1, ir::kNoValue, 2));
}

// True, with the cell assigned.
ConditionIndex assign_length(Lowering& lowering, std::uint32_t cell) {
  constexpr std::uint32_t kHeader = 24;
  constexpr std::uint32_t kQualityField = 2;
  auto& conditions = lowering.conditions;
  const HeaderOffset& frame = lowering.outermost().link_header;
  const ir::ValueIndex control = lowering.load(frame, 1);
  const auto bit = [&](std::uint32_t k) {
    return conditions.test(Comparison::kAnyBit, control, lowering.constant(k));
  };
  const ConditionIndex with_quality = conditions.all(
      {bit(kDataBit), conditions.negate(bit(kControlBit)), bit(kQualityBit),
       conditions.assign(cell, lowering.address(frame.plus(kHeader + kQualityField)))});
  return conditions.any(
      {with_quality, conditions.assign(cell, lowering.address(frame.plus(kHeader)))});
}

// The conditions that the addresses of a frame must meet, given what is asked of one of them.
template <typename Ask>
ConditionIndex destination(Lowering& lowering, Ask ask) {
  auto& conditions = lowering.conditions;
  const ConditionIndex management =
      conditions.all({lacks_bit(lowering, kFrameControl, kDataBit), ask(kAddress1)});
  const ConditionIndex data = conditions.all(
      {has_bit(lowering, kFrameControl, kDataBit),
       conditions.any({conditions.all({lacks_bit(lowering, kFlags, kToSystem), ask(kAddress1)}),
                       conditions.all({has_bit(lowering, kFlags, kToSystem), ask(kAddress3)})})});
  return conditions.all(
      {lacks_bit(lowering, kFrameControl, kControlBit), conditions.any({management, data})});
}

template <typename Ask>
ConditionIndex source(Lowering& lowering, Ask ask) {
  auto& conditions = lowering.conditions;
  const ConditionIndex management =
      conditions.all({lacks_bit(lowering, kFrameControl, kDataBit), ask(kAddress2)});
  const ConditionIndex from_system =
      conditions.any({conditions.all({lacks_bit(lowering, kFlags, kToSystem), ask(kAddress3)}),
                      conditions.all({has_bit(lowering, kFlags, kToSystem), ask(kAddress4)})});
  const ConditionIndex data = conditions.all(
      {has_bit(lowering, kFrameControl, kDataBit),
       conditions.any({conditions.all({lacks_bit(lowering, kFlags, kFromSystem), ask(kAddress2)}),
                       conditions.all({has_bit(lowering, kFlags, kFromSystem), from_system})})});
  return conditions.all(
      {lacks_bit(lowering, kFrameControl, kControlBit), conditions.any({management, data})});
}

ConditionIndex control_field_is(Lowering& lowering, std::uint32_t value, std::uint32_t mask) {
  return lowering.equal(lowering.load_link(kFrameControl, 1), value, mask);
}

ConditionIndex is_control_frame(Lowering& lowering) {
  return control_field_is(lowering, 0x04, 0x0c);
}

// All frames have a second address, but for clear-to-send and acknowledgement.
ConditionIndex has_address2(Lowering& lowering) {
  auto& conditions = lowering.conditions;
  return conditions.negate(conditions.all(
      {is_control_frame(lowering), conditions.any({control_field_is(lowering, 0xc0, 0xf0),
                                                   control_field_is(lowering, 0xd0, 0xf0)})}));
}

}  // namespace

// Prism's header has a fixed length, unless the magic number says that it is AVS's after all.
ConditionIndex find_behind_prism(Lowering& lowering, std::uint32_t cell) {
  constexpr std::uint32_t kAvsMagic = 0x80211000;
  constexpr std::uint32_t kAvsMask = 0xfffff000;
  constexpr std::uint32_t kPrismLength = 144;
  auto& conditions = lowering.conditions;
  const ir::ValueIndex magic = lowering.graph.values.load(4, ir::kNoValue, 0);
  return conditions.any({conditions.all({lowering.equal(magic, kAvsMagic, kAvsMask),
                                         find_behind_avs(lowering, cell)}),
                         conditions.assign(cell, lowering.constant(kPrismLength))});
}

ConditionIndex find_behind_avs(Lowering& lowering, std::uint32_t cell) {
  return lowering.conditions.assign(cell, lowering.graph.values.load(4, ir::kNoValue, 4));
}

ConditionIndex find_behind_radiotap(Lowering& lowering, std::uint32_t cell) {
  return lowering.conditions.assign(cell, length_at_2(lowering));
}

ConditionIndex find_wlan_payload(Lowering& lowering, std::uint32_t cell) {
  return assign_length(lowering, cell);
}

// radiotap.org: the flags field, if present, is the first of the fields, but for the timestamp (8
// bytes); one of its bits says that the frame's header is padded.
ConditionIndex find_radiotap_payload(Lowering& lowering, std::uint32_t cell) {
  constexpr std::uint32_t kPresentField = 4;  // little-endian, read as big-endian
  constexpr std::uint32_t kHasTimestamp = 0x01000000;
  constexpr std::uint32_t kHasFlags = 0x02000000;
  constexpr std::uint32_t kMoreWords = 0x00000080;
  constexpr std::uint32_t kFirstField = 8;
  constexpr std::uint32_t kSecondField = 16;
  constexpr std::uint32_t kPadded = 0x20;
  auto& conditions = lowering.conditions;
  auto& values = lowering.graph.values;
  const auto bit = [&](ir::ValueIndex value, std::uint32_t k) {
    return conditions.test(Comparison::kAnyBit, value, lowering.constant(k));
  };
  const ir::ValueIndex control = lowering.load(lowering.outermost().link_header, 1);
  const ir::ValueIndex present = values.load(4, ir::kNoValue, kPresentField);
  const auto padded_at = [&](std::uint32_t field) {
    return bit(values.load(1, ir::kNoValue, field), kPadded);
  };
  const ConditionIndex timestamp = bit(present, kHasTimestamp);
  const ConditionIndex padded =
      conditions.any({conditions.all({timestamp, padded_at(kSecondField)}),
                      conditions.all({conditions.negate(timestamp), padded_at(kFirstField)})});
  const ir::ValueIndex rounded = values.alu(
      Arithmetic::kAnd, values.alu(Arithmetic::kAdd, values.cell(cell), lowering.constant(3)),
      lowering.constant(~3U));
  const ConditionIndex round =
      conditions.all({bit(control, kDataBit), conditions.negate(bit(control, kControlBit)),
                      bit(present, kHasFlags), conditions.negate(bit(present, kMoreWords)), padded,
                      conditions.assign(cell, rounded)});
  const ConditionIndex length = assign_length(lowering, cell);
  return conditions.all({length, conditions.any({round, conditions.always(true)})});
}

ConditionIndex ppi_holds_wlan(Lowering& lowering) {
  constexpr std::uint32_t kLinkTypeField = 4;
  constexpr std::uint32_t kWlan = 0x69000000;  // 105, little-endian
  return lowering.equal(lowering.graph.values.load(4, ir::kNoValue, kLinkTypeField), kWlan);
}

ConditionIndex wlan_payload_is(Lowering& lowering, std::uint32_t protocol) {
  const ConditionIndex data = is_data_frame(lowering);
  return lowering.conditions.all({data, llc_payload_is(lowering, protocol)});
}

ConditionIndex wlan_has_llc(Lowering& lowering) { return is_data_frame(lowering); }

ConditionIndex wlan_address_is(Lowering& lowering, ast::Direction direction,
                               std::span<const std::uint8_t> address) {
  auto& conditions = lowering.conditions;
  const auto is = [&](std::uint32_t offset) {
    return lowering.equal_bytes(lowering.context.link_header.plus(offset), address);
  };
  switch (direction) {
    case ast::Direction::kSource:
      return source(lowering, is);
    case ast::Direction::kDestination:
      return destination(lowering, is);
    case ast::Direction::kBoth:
      return conditions.all({source(lowering, is), destination(lowering, is)});
    case ast::Direction::kDefault:
    case ast::Direction::kEither:
      return conditions.any({source(lowering, is), destination(lowering, is)});
    // As in libpcap only data frames have a receiver and a transmitter.
    case ast::Direction::kReceiver:
      return conditions.all({has_bit(lowering, kFrameControl, kDataBit), is(kAddress1)});
    case ast::Direction::kTransmitter:
      return conditions.all(
          {has_bit(lowering, kFrameControl, kDataBit), has_address2(lowering), is(kAddress2)});
    case ast::Direction::kAddress1:
      return is(kAddress1);
    case ast::Direction::kAddress2:
      return conditions.all({has_address2(lowering), is(kAddress2)});
    case ast::Direction::kAddress3:
      return conditions.all({conditions.negate(is_control_frame(lowering)), is(kAddress3)});
    case ast::Direction::kAddress4:
      break;
  }
  return conditions.all({lowering.equal(lowering.load_link(kFlags, 1), kToSystem | kFromSystem,
                                        kToSystem | kFromSystem),
                         is(kAddress4)});
}

ConditionIndex wlan_multicast(Lowering& lowering) {
  constexpr std::uint32_t kGroupBit = 1;
  return destination(lowering,
                     [&](std::uint32_t offset) { return has_bit(lowering, offset, kGroupBit); });
}

}  // namespace bpfc
