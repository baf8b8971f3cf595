#include <fmt/format.h>

#include <array>
#include <string_view>

#include "compiler/graph.h"

namespace bpfc::ir {
namespace {

constexpr std::array<std::string_view, 11> kOperators = {"+", "-", "*",  "/",  "%", "&",
                                                         "|", "^", "<<", ">>", "-"};
constexpr std::array<std::string_view, 4> kComparisons = {"=", ">", ">=", "&"};

std::string print(const Value& value) {
  switch (value.kind) {
    case ValueKind::kConstant:
      return fmt::format("{:#x}", value.k);
    case ValueKind::kLength:
      return "length";
    case ValueKind::kLoad:
      if (value.left == kNoValue) return fmt::format("load {} [{}]", value.size, value.k);
      return fmt::format("load {} [v{} + {}]", value.size, value.left, value.k);
    case ValueKind::kAncillary:
      return fmt::format("ancillary {}", value.k);
    case ValueKind::kCell:
      return fmt::format("cell {}", value.k);
    case ValueKind::kAlu: {
      const std::string_view op = kOperators[static_cast<std::size_t>(value.op)];
      if (value.op == Arithmetic::kNegate) return fmt::format("{}v{}", op, value.left);
      return fmt::format("v{} {} v{}", value.left, op, value.right);
    }
  }
  return {};
}

std::string print(const Node& node) {
  switch (node.kind) {
    case NodeKind::kReturn:
      return fmt::format("return {}", node.k);
    case NodeKind::kDecide:
      return fmt::format("v{} {} v{} ? n{} : n{}", node.left,
                         kComparisons[static_cast<std::size_t>(node.comparison)], node.right,
                         node.then, node.otherwise);
    case NodeKind::kAssign:
      return fmt::format("cell {} := v{}, n{}", node.k, node.left, node.then);
    case NodeKind::kRequire:
      if (node.left == kNoValue) return fmt::format("require {} bytes, n{}", node.k, node.then);
      return fmt::format("require v{}, n{}", node.left, node.then);
  }
  return {};
}

}  // namespace

std::string to_text(const Graph& graph) {
  const std::vector<bool> reached = graph.reachable();
  std::vector<bool> used(graph.values.size(), false);
  for (NodeIndex i = 0; i < graph.size(); ++i) {
    if (!reached[i]) continue;
    for (const ValueIndex value : {graph[i].left, graph[i].right}) {
      if (value != kNoValue) used[value] = true;
    }
  }
  for (auto i = static_cast<ValueIndex>(graph.values.size()); i-- > 0;) {
    if (!used[i]) continue;
    for (const ValueIndex operand : {graph.values[i].left, graph.values[i].right}) {
      if (operand != kNoValue) used[operand] = true;
    }
  }
  std::string text;
  for (ValueIndex i = 0; i < graph.values.size(); ++i) {
    if (used[i]) text += fmt::format("v{} = {}\n", i, print(graph.values[i]));
  }
  for (NodeIndex i = graph.root + 1; i-- > 0;) {
    if (reached[i]) text += fmt::format("n{}: {}\n", i, print(graph[i]));
  }
  return text;
}

}  // namespace bpfc::ir
