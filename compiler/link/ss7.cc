#include "compiler/link/ss7.h"

namespace bpfc {
namespace {

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

}  // namespace

ConditionIndex lower_ss7(Lowering& lowering, const ast::Ss7& ss7, SourceRange range) {
  const auto& fields = lowering.link().ss7;
  if (!fields) lowering.fail_on_link_type(lowering.first_word(range), range, kSs7LinkTypes);
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

}  // namespace bpfc
