#include "compiler/link/signalling.h"

#include <vector>

#include "compiler/link/ss7.h"

namespace bpfc {
namespace {

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
std::uint32_t destination_code(std::uint32_t number) { return __builtin_bswap32(number) >> 16U; }
std::uint32_t origin_code(std::uint32_t number) { return __builtin_bswap32(number << 14U); }
std::uint32_t link_selection(std::uint32_t number) { return number << 4U; }

Field field_of(const Ss7Fields& fields, ast::SignallingField field) {
  constexpr std::uint32_t kHighSpeed = 3;
  constexpr std::uint32_t kLargestPointCode = 0x3fff;
  const std::uint32_t shift = field >= ast::SignallingField::kHsio ? kHighSpeed : 0;
  switch (field) {
    case ast::SignallingField::kOpc:
    case ast::SignallingField::kHopc:
      return {fields.point_codes + shift, 4, __builtin_bswap32(kLargestPointCode << 14U),
              kLargestPointCode, origin_code};
    case ast::SignallingField::kDpc:
    case ast::SignallingField::kHdpc:
      return {fields.point_codes + shift, 2, __builtin_bswap32(kLargestPointCode) >> 16U,
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

ConditionIndex lower_signalling(Lowering& lowering, const ast::Signalling& signalling,
                                SourceRange range) {
  const std::string_view name = lowering.first_word(range);
  const bool atm = signalling.field == ast::SignallingField::kVpi ||
                   signalling.field == ast::SignallingField::kVci;
  const LinkRules& outermost = *lowering.options.link_type->rules;
  if (atm ? !outermost.is_atm : !lowering.link().ss7) {
    lowering.fail_on_link_type(name, range, atm ? "SUNATM" : kSs7LinkTypes);
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
