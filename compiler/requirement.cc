#include "compiler/requirement.h"

#include <bit>
#include <vector>

namespace bpfc {

ir::NodeIndex require_loads(ir::Graph& graph, std::initializer_list<ir::ValueIndex> values,
                            ir::NodeIndex next) {
  const ir::Node last = graph[next];
  if (last.kind == ir::NodeKind::kReturn && last.k == 0) return next;
  // Operands are visited after what uses them, and so are required in front of it.
  std::vector<ir::ValueIndex> pending(values);
  std::vector<bool> seen;
  while (!pending.empty()) {
    const ir::ValueIndex index = pending.back();
    pending.pop_back();
    if (index == ir::kNoValue || !graph.values.facts(index).can_fail) continue;
    seen.resize(graph.values.size(), false);
    if (seen[index]) continue;
    seen[index] = true;
    const ir::Value value = graph.values[index];
    const bool division = value.kind == ir::ValueKind::kAlu &&
                          (value.op == Arithmetic::kDivide || value.op == Arithmetic::kModulo);
    if (value.kind == ir::ValueKind::kLoad && value.left == ir::kNoValue &&
        value.k + std::uint64_t{value.size} <= 0x80000000U) {
      next = graph.require_bytes(value.k + value.size, next);
    } else if (value.kind == ir::ValueKind::kLoad || division) {
      // Loading, or dividing, is the only exact way to know: base + offset is no 32-bit sum.
      next = graph.require_value(index, next);
      continue;
    }
    pending.push_back(value.left);
    pending.push_back(value.right);
  }
  return next;
}

bool keeps_zero(Arithmetic op) {
  switch (op) {
    case Arithmetic::kMultiply:
    case Arithmetic::kDivide:
    case Arithmetic::kModulo:
    case Arithmetic::kAnd:
    case Arithmetic::kShiftLeft:
    case Arithmetic::kShiftRight:
      return true;
    default:
      return false;
  }
}

std::uint32_t possible_bits(const ir::ValueTable& values, ir::ValueIndex index) {
  constexpr std::uint32_t kAll = ~std::uint32_t{0};
  const ir::Value& value = values[index];
  switch (value.kind) {
    case ir::ValueKind::kConstant:
      return value.k;
    case ir::ValueKind::kLoad:
      return value.size == 4 ? kAll : (std::uint32_t{1} << (8U * value.size)) - 1;
    case ir::ValueKind::kAlu: {
      if (value.op == Arithmetic::kAnd) {
        // One level down is what filters have; deeper would make this more than constant time.
        const auto bits = [&](ir::ValueIndex operand) {
          const ir::Value& inner = values[operand];
          if (inner.kind == ir::ValueKind::kConstant) return inner.k;
          if (inner.kind == ir::ValueKind::kLoad && inner.size < 4) {
            return (std::uint32_t{1} << (8U * inner.size)) - 1;
          }
          return kAll;
        };
        return bits(value.left) & bits(value.right);
      }
      const bool is_zero =
          (keeps_zero(value.op) && values.constant_of(value.left) == 0U) ||
          (value.op == Arithmetic::kMultiply && values.constant_of(value.right) == 0U);
      return is_zero ? 0 : kAll;
    }
    default:
      return kAll;
  }
}

}  // namespace bpfc
