// A cell's interval joins those of everything that is assigned to it, and the 0 that it has before;
// an assigned value may read other cells, so this is repeated until nothing grows. Each round
// settles one more cell of a chain; protochain has 16. What has not settled by then has no bounds.
#include "compiler/interval.h"

#include <algorithm>

namespace bpfc {
namespace {

constexpr int kRounds = 24;
constexpr Interval kAnything;

Interval up_to(std::uint64_t low, std::uint64_t high) {
  if (high > kAnything.high) return kAnything;
  return {static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(high)};
}

// The smallest 2^n - 1 that is not below.
std::uint32_t all_bits(std::uint32_t high) {
  for (const unsigned distance : {1U, 2U, 4U, 8U, 16U}) high |= high >> distance;
  return high;
}

Interval combine(Arithmetic op, const Interval& a, const Interval& b) {
  const bool constant = b.low == b.high;
  switch (op) {
    case Arithmetic::kAdd:
      return up_to(std::uint64_t{a.low} + b.low, std::uint64_t{a.high} + b.high);
    case Arithmetic::kSubtract:
      if (a.low < b.high) return kAnything;
      return {a.low - b.high, a.high - b.low};
    case Arithmetic::kMultiply:
      return up_to(std::uint64_t{a.low} * b.low, std::uint64_t{a.high} * b.high);
    case Arithmetic::kDivide:
      // By 0 there is no value.
      return {b.high == 0 ? 0 : a.low / b.high, a.high / std::max(b.low, std::uint32_t{1})};
    case Arithmetic::kModulo:
      return {0, b.high == 0 ? 0 : std::min(a.high, b.high - 1)};
    case Arithmetic::kAnd:
      return {0, std::min(a.high, b.high)};
    case Arithmetic::kOr:
    case Arithmetic::kXor:
      return {0, all_bits(a.high | b.high)};
    case Arithmetic::kShiftLeft:
      if (!constant || b.low >= 32) return kAnything;
      return up_to(std::uint64_t{a.low} << b.low, std::uint64_t{a.high} << b.low);
    case Arithmetic::kShiftRight:
      if (!constant || b.low >= 32) return kAnything;
      return {a.low >> b.low, a.high >> b.low};
    case Arithmetic::kNegate:
      return kAnything;
  }
  return kAnything;
}

}  // namespace

Interval Intervals::compute(const ir::ValueTable& values, ir::ValueIndex index) const {
  const ir::Value& value = values[index];
  switch (value.kind) {
    case ir::ValueKind::kConstant:
      return {value.k, value.k};
    case ir::ValueKind::kLoad:
      return {0, value.size == 4 ? kAnything.high : (std::uint32_t{1} << 8U * value.size) - 1};
    case ir::ValueKind::kCell:
      return of_cell_[value.k];
    case ir::ValueKind::kAlu:
      if (value.right == ir::kNoValue) return kAnything;
      return combine(value.op, of_value_[value.left], of_value_[value.right]);
    default:
      return kAnything;
  }
}

Intervals::Intervals(const ir::Graph& graph)
    : of_value_(graph.values.size()), of_cell_(graph.cell_count, Interval{0, 0}) {
  for (int round = 0;; ++round) {
    // Operands stand before their values.
    for (ir::ValueIndex i = 0; i < graph.values.size(); ++i)
      of_value_[i] = compute(graph.values, i);
    bool grown = false;
    for (ir::NodeIndex i = 0; i < graph.size(); ++i) {
      const ir::Node& node = graph[i];
      if (node.kind != ir::NodeKind::kAssign) continue;
      const Interval& assigned = of_value_[node.left];
      Interval& cell = of_cell_[node.k];
      if (assigned.high <= cell.high) continue;
      cell.high = round < kRounds ? assigned.high : kAnything.high;
      grown = true;
    }
    if (!grown) return;
  }
}

}  // namespace bpfc
