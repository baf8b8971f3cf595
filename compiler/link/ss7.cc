#include "compiler/link/ss7.h"

#include <array>

namespace bpfc {
namespace {

constexpr std::string_view kMtp2 = "MTP2, MTP2_WITH_PHDR and ERF";

constexpr std::uint32_t kLargestStatusUnit = 2;

// The length indicator, and the factor of its unit.
struct LengthIndicator {
  std::uint32_t offset;
  std::uint8_t size;
  std::uint32_t mask;
  std::uint32_t unit;
};

LengthIndicator length_indicator(const Ss7Fields& fields, bool high_speed) {
  if (high_speed) return {fields.high_speed_length_indicator, 2, 0xff80, 0x80};
  return {fields.length_indicator, 1, 0x3f, 1};
}

bool is_high_speed(ast::Ss7Kind kind) {
  return kind == ast::Ss7Kind::kHfisu || kind == ast::Ss7Kind::kHlssu ||
         kind == ast::Ss7Kind::kHmsu;
}

// A field to compare numbers with: its bits, and how a number looks in them. As in libpcap `<` and
// `>` compare these, so a larger point code need not compare as larger: its low byte comes first.
struct Field {
  std::uint32_t offset;
  std::uint8_t size;
  std::uint32_t mask;
  std::uint32_t maximum;
  std::uint32_t (*encode)(std::uint32_t number);
};

std::uint32_t as_it_is(std::uint32_t number) { return number; }

// The routing label is the little-endian word DPC:14, OPC:14, SLS:4, read as a big-endian one.
std::uint32_t swap_bytes(std::uint32_t word) {
  return word << 24U | (word & 0xff00U) << 8U | (word >> 8U & 0xff00U) | word >> 24U;
}
std::uint32_t destination_code(std::uint32_t number) { return swap_bytes(number) >> 16U; }
std::uint32_t origin_code(std::uint32_t number) { return swap_bytes(number << 14U); }
std::uint32_t link_selection(std::uint32_t number) { return number << 4U; }

Field field_of(const Ss7Fields& fields, ast::SignallingField field) {
  constexpr std::uint32_t kHighSpeed = 3;
  constexpr std::uint32_t kLargestPointCode = 0x3fff;
  const std::uint32_t shift = field >= ast::SignallingField::kHsio ? kHighSpeed : 0;
  switch (field) {
    case ast::SignallingField::kOpc:
    case ast::SignallingField::kHopc:
      return {fields.point_codes + shift, 4, swap_bytes(kLargestPointCode << 14U),
              kLargestPointCode, origin_code};
    case ast::SignallingField::kDpc:
    case ast::SignallingField::kHdpc:
      return {fields.point_codes + shift, 2, swap_bytes(kLargestPointCode) >> 16U,
              kLargestPointCode, destination_code};
    case ast::SignallingField::kSls:
    case ast::SignallingField::kHsls:
      return {fields.link_selection + shift, 1, 0xf0, 15, link_selection};
    default:
      return {fields.service_information + shift, 1, 0xff, 0xff, as_it_is};
  }
}

Field field_of_atm(ast::SignallingField field) {
  if (field == ast::SignallingField::kVpi) return {1, 1, 0xff, 0xff, as_it_is};
  return {2, 2, 0xffff, 0xffff, as_it_is};
}

}  // namespace

ConditionIndex lower_ss7(Lowering& lowering, const ast::Ss7& ss7, SourceRange range) {
  const auto& fields = lowering.link().ss7;
  if (!fields) lowering.fail_on_link_type(lowering.first_word(range), range, kMtp2);
  const LengthIndicator indicator = length_indicator(*fields, is_high_speed(ss7.kind));
  auto& conditions = lowering.conditions;
  const ir::ValueIndex length = lowering.graph.values.alu(
      Arithmetic::kAnd, lowering.load_link(indicator.offset, indicator.size),
      lowering.constant(indicator.mask));
  const ConditionIndex is_message = lowering.greater(length, kLargestStatusUnit * indicator.unit);
  switch (ss7.kind) {
    case ast::Ss7Kind::kFisu:
    case ast::Ss7Kind::kHfisu:
      return lowering.equal(length, 0);
    case ast::Ss7Kind::kLssu:
    case ast::Ss7Kind::kHlssu:
      return conditions.all({lowering.greater(length, 0), conditions.negate(is_message)});
    default:
      return is_message;
  }
}

ConditionIndex lower_signalling(Lowering& lowering, const ast::Signalling& signalling,
                                SourceRange range) {
  const std::string_view name = lowering.first_word(range);
  const bool atm = signalling.field == ast::SignallingField::kVpi ||
                   signalling.field == ast::SignallingField::kVci;
  const LinkRules& outermost = *lowering.options.link_type->rules;
  if (atm ? !outermost.is_atm : !lowering.link().ss7) {
    lowering.fail_on_link_type(name, range, atm ? "SUNATM" : kMtp2);
  }
  const Field field =
      atm ? field_of_atm(signalling.field) : field_of(*lowering.link().ss7, signalling.field);
  ir::ValueIndex value = lowering.load_link(field.offset, field.size);
  if (field.encode != as_it_is) {
    value = lowering.graph.values.alu(Arithmetic::kAnd, value, lowering.constant(field.mask));
  }
  std::vector<ConditionLink> any;
  for (std::uint32_t i = signalling.first; i < signalling.first + signalling.count; ++i) {
    const ast::NumberAt& number = lowering.filter.numbers[i];
    Lowering::check_maximum(number.value, field.maximum, number.range, name);
    any.push_back({Join::kOr, compare(lowering, signalling.op, value,
                                      lowering.constant(field.encode(number.value)))});
  }
  return lowering.conditions.chain(any);
}

}  // namespace bpfc
