// A mask that keeps the upper bits, and a shift to the right, keep the order of values: what they
// map to an interval is an interval. So a test of `v & mask` or `v >> count` becomes one of v, and
// that again, until what is left is neither:
//
//   ip[0] >> 4 = 4           [14] in [0x40, 0x4f]
//   tcp[0:2] & 0xf000 != 0   [x + 14] in [0x1000, 0xffff]
#include "compiler/interval_test.h"

#include <bit>

#include "compiler/requirement.h"

namespace bpfc {
namespace {

constexpr std::uint64_t kAll = ~std::uint32_t{0};
constexpr int kMostSteps = 4;

// An interval that may be empty, or begin past all numbers.
struct Range {
  std::uint64_t low;
  std::uint64_t high;
};

std::optional<Range> range_of(const ir::ValueTable& values, const ir::Node& node, std::uint32_t k) {
  const std::uint64_t wide = k;
  switch (node.comparison) {
    case Comparison::kEqual:
      return Range{wide, wide};
    case Comparison::kGreater:
      return Range{wide + 1, kAll};
    case Comparison::kGreaterOrEqual:
      return Range{wide, kAll};
    case Comparison::kAnyBit: {
      // Whether one of the upper bits is set.
      const std::uint32_t possible = possible_bits(values, node.left);
      const std::uint32_t mask = k & possible;
      if (mask == 0 || !std::has_single_bit(std::uint64_t{possible} + 1)) return std::nullopt;
      const std::uint32_t lowest = mask & (0U - mask);
      if ((possible & ~(lowest - 1)) != mask) return std::nullopt;
      return Range{lowest, kAll};
    }
  }
  return std::nullopt;
}

// What the operand must be for the value to be in the range; none: the value is not such a mask or
// shift.
std::optional<Range> before(const ir::ValueTable& values, const ir::Value& value, Range range) {
  if (value.kind != ir::ValueKind::kAlu || value.right == ir::kNoValue) return std::nullopt;
  const auto k = values.constant_of(value.right);
  if (!k) return std::nullopt;
  if (value.op == Arithmetic::kShiftRight && *k < 32) {
    return Range{range.low << *k, (range.high << *k) + ((std::uint64_t{1} << *k) - 1)};
  }
  if (value.op != Arithmetic::kAnd) return std::nullopt;
  const std::uint32_t possible = possible_bits(values, value.left);
  const std::uint32_t dropped = possible & ~*k;
  if (dropped == possible || !std::has_single_bit(std::uint64_t{possible} + 1) ||
      !std::has_single_bit(std::uint64_t{dropped} + 1)) {
    return std::nullopt;
  }
  // Multiples of dropped + 1 are what the mask leaves.
  const std::uint64_t low = (range.low + dropped) & ~std::uint64_t{dropped};
  const std::uint64_t high = range.high & ~std::uint64_t{dropped};
  if (low > high) return Range{1, 0};
  return Range{low, high + dropped};
}

}  // namespace

std::optional<IntervalTest> interval_test(const ir::ValueTable& values, const ir::Node& node) {
  if (node.kind != ir::NodeKind::kDecide) return std::nullopt;
  const auto k = values.constant_of(node.right);
  if (!k) return std::nullopt;
  auto range = range_of(values, node, *k);
  if (!range) return std::nullopt;
  ir::ValueIndex base = node.left;
  for (int step = 0; step < kMostSteps; ++step) {
    const auto wider = before(values, values[base], *range);
    if (!wider) break;
    range = wider;
    base = values[base].left;
  }
  const std::uint32_t top = possible_bits(values, base);
  range->high = std::min<std::uint64_t>(range->high, top);
  if (range->low > range->high) return std::nullopt;
  if (range->low == 0 && range->high == top) return std::nullopt;
  return IntervalTest{base, Interval{static_cast<std::uint32_t>(range->low),
                                     static_cast<std::uint32_t>(range->high)}};
}

}  // namespace bpfc
