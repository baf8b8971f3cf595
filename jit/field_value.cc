// A comparison asks whether a value lies in a range. What was done to the field is undone to the
// range's ends: for `(field & 0xf0) >> 2 = 20`, the field masked by 0xf0 lies from 80 to 83.
#include "jit/field_value.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace bpfc::jit {
namespace {

constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();

// What `(field & mask) shifted` can be at most.
std::uint32_t largest(const FieldValue& value) {
  return value.left_shift >= 0 ? value.mask << value.left_shift : value.mask >> -value.left_shift;
}

// The bits of the field that a mask of the shifted value leaves.
std::uint32_t unshifted(std::uint32_t mask, int left_shift) {
  return left_shift >= 0 ? mask >> left_shift : mask << -left_shift;
}

std::optional<FieldValue> shifted(FieldValue value, int left) {
  if (value.addend != 0) return std::nullopt;
  const int total = value.left_shift + left;
  if (left > 0 && std::countl_zero(largest(value)) < left) return std::nullopt;
  if (left < 0) {
    // Bits that fall out at the right end.
    const std::uint32_t kept = left > -32 ? kMost << -left : 0;
    value.mask &= unshifted(kept, value.left_shift);
  }
  if (value.mask == 0) return FieldValue::constant(0);
  value.left_shift = static_cast<std::int8_t>(total);
  return value;
}

}  // namespace

FieldValue FieldValue::field(std::uint32_t offset, std::uint32_t size) {
  return {.offset = offset,
          .size = static_cast<std::uint8_t>(size),
          .mask = size == 4 ? kMost : (1U << 8 * size) - 1};
}

std::optional<FieldValue> compute(Arithmetic arithmetic, const FieldValue& left,
                                  const FieldValue& right, Rules rules) {
  if (left.is_constant() && (right.is_constant() || arithmetic == Arithmetic::kNegate)) {
    const auto value = bpfc::compute(arithmetic, left.addend, right.addend, rules);
    if (!value) return std::nullopt;
    return FieldValue::constant(*value);
  }
  if (!right.is_constant()) {
    if (arithmetic == Arithmetic::kAdd && left.is_constant()) {
      return compute(arithmetic, right, left, rules);
    }
    return std::nullopt;
  }
  const std::uint32_t constant = right.addend;
  FieldValue value = left;
  switch (arithmetic) {
    case Arithmetic::kAdd:
      value.addend += constant;
      return value;
    case Arithmetic::kSubtract:
      value.addend -= constant;
      return value;
    case Arithmetic::kAnd:
      if (value.addend != 0) return std::nullopt;
      value.mask &= unshifted(constant, value.left_shift);
      if (value.mask == 0) return FieldValue::constant(0);
      return value;
    case Arithmetic::kShiftLeft:
    case Arithmetic::kShiftRight:
      if (constant > 31) return std::nullopt;
      return shifted(value, arithmetic == Arithmetic::kShiftLeft ? static_cast<int>(constant)
                                                                 : -static_cast<int>(constant));
    default:
      return std::nullopt;
  }
}

std::optional<FieldCondition> lies_between(const FieldValue& value, std::uint32_t low,
                                           std::uint32_t high) {
  if (value.is_constant()) {
    return FieldCondition{.decided = value.addend >= low && value.addend <= high};
  }
  if (low == 0 && high == kMost) return FieldCondition{.decided = true};
  FieldTest test = {.offset = value.offset, .size = value.size, .mask = value.mask};
  if (value.left_shift == 0) {
    // A range that wraps is one all the same.
    test.low = low - value.addend;
    test.span = high - low;
    return FieldCondition{.test = test};
  }
  if (value.addend != 0) return std::nullopt;
  const std::uint32_t most = largest(value);
  if (low > most) return FieldCondition{.decided = false};
  high = std::min(high, most);
  std::uint32_t last = 0;
  if (value.left_shift > 0) {
    const std::uint32_t unit = 1U << value.left_shift;
    test.low = low / unit + (low % unit != 0 ? 1 : 0);
    last = high / unit;
    if (test.low > last) return FieldCondition{.decided = false};
  } else {
    test.low = low << -value.left_shift;
    last = high << -value.left_shift | ((1U << -value.left_shift) - 1);
  }
  test.span = last - test.low;
  return FieldCondition{.test = test};
}

std::optional<FieldCondition> condition(Comparison comparison, const FieldValue& left,
                                        const FieldValue& right) {
  if (!right.is_constant()) return std::nullopt;
  const std::uint32_t constant = right.addend;
  switch (comparison) {
    case Comparison::kEqual:
      return lies_between(left, constant, constant);
    case Comparison::kGreater:
      if (constant == kMost) return FieldCondition{.decided = false};
      return lies_between(left, constant + 1, kMost);
    case Comparison::kGreaterOrEqual:
      return lies_between(left, constant, kMost);
    case Comparison::kAnyBit:
      break;
  }
  if (left.is_constant()) return FieldCondition{.decided = (left.addend & constant) != 0};
  if (left.addend != 0) return std::nullopt;
  const std::uint32_t mask = left.mask & unshifted(constant, left.left_shift);
  if (mask == 0) return FieldCondition{.decided = false};
  return FieldCondition{.test = {.offset = left.offset, .size = left.size, .mask = mask},
                        .negated = true};
}

}  // namespace bpfc::jit
