// What every stage may rely on, and must keep: successors stand before their nodes, operands before
// their values; kinds have the operands that they need and no others; numbers are in range.
#include <fmt/format.h>

#include "compiler/graph.h"

namespace bpfc::ir {
namespace {

std::optional<std::string> check_value(const Graph& graph, ValueIndex index) {
  const ValueTable& values = graph.values;
  const Value& value = values[index];
  for (const ValueIndex operand : {value.left, value.right}) {
    if (operand != kNoValue && operand >= index) {
      return fmt::format("v{} uses v{}, which does not stand before it", index, operand);
    }
  }
  const bool has_left = value.left != kNoValue;
  const bool has_right = value.right != kNoValue;
  switch (value.kind) {
    case ValueKind::kLoad:
      if (value.size != 1 && value.size != 2 && value.size != 4) {
        return fmt::format("v{} loads {} bytes", index, value.size);
      }
      if (has_right) return fmt::format("v{} is a load with two operands", index);
      break;
    case ValueKind::kAlu:
      if (!has_left || has_right == (value.op == Arithmetic::kNegate)) {
        return fmt::format("v{} has the wrong number of operands", index);
      }
      break;
    default:
      if (has_left || has_right) return fmt::format("v{} should have no operands", index);
      if (value.kind == ValueKind::kCell && value.k >= graph.cell_count) {
        return fmt::format("v{} reads cell {}", index, value.k);
      }
  }
  return std::nullopt;
}

std::optional<std::string> check_node(const Graph& graph, NodeIndex index) {
  const Node& node = graph[index];
  for (const NodeIndex next : {node.then, node.otherwise}) {
    if (next != kNoNode && next >= index) {
      return fmt::format("n{} leads to n{}, which does not stand before it", index, next);
    }
  }
  for (const ValueIndex value : {node.left, node.right}) {
    if (value != kNoValue && value >= graph.values.size()) {
      return fmt::format("n{} uses v{}, which does not exist", index, value);
    }
  }
  const bool one_way = node.then != kNoNode && node.otherwise == kNoNode;
  bool right_shape = true;
  switch (node.kind) {
    case NodeKind::kReturn:
      right_shape = node.then == kNoNode && node.otherwise == kNoNode && node.left == kNoValue;
      break;
    case NodeKind::kDecide:
      right_shape = node.then != kNoNode && node.otherwise != kNoNode && node.left != kNoValue &&
                    node.right != kNoValue;
      break;
    case NodeKind::kAssign:
      right_shape = one_way && node.left != kNoValue && node.k < graph.cell_count;
      break;
    case NodeKind::kRequire:
      right_shape = one_way;
      break;
  }
  if (!right_shape) return fmt::format("n{} has the wrong operands or successors", index);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> check_graph(const Graph& graph) {
  if (graph.root >= graph.size()) return "there is no root";
  if (graph.cell_count > kMaxCells) return fmt::format("{} cells", graph.cell_count);
  for (ValueIndex i = 0; i < graph.values.size(); ++i) {
    if (auto wrong = check_value(graph, i)) return wrong;
  }
  for (NodeIndex i = 0; i < graph.size(); ++i) {
    if (auto wrong = check_node(graph, i)) return wrong;
  }
  return std::nullopt;
}

}  // namespace bpfc::ir
