#include "compiler/graph.h"

#include <algorithm>
#include <utility>

namespace bpfc::ir {
namespace {

bool is_shift(Arithmetic op) {
  return op == Arithmetic::kShiftLeft || op == Arithmetic::kShiftRight;
}

bool is_division(Arithmetic op) { return op == Arithmetic::kDivide || op == Arithmetic::kModulo; }

}  // namespace

ValueIndex ValueTable::intern(const Value& value) {
  const ValueIndex index = table_.intern(value);
  if (index < facts_.size()) return index;
  ValueFacts facts;
  for (const ValueIndex operand : {value.left, value.right}) {
    if (operand == kNoValue) continue;
    facts.cells |= facts_[operand].cells;
    facts.can_fail = facts.can_fail || facts_[operand].can_fail;
    facts.depth = std::max(facts.depth, facts_[operand].depth + 1);
  }
  // A number past the end is for check_graph() to find.
  if (value.kind == ValueKind::kCell && value.k < kMaxCells) {
    facts.cells |= std::uint64_t{1} << value.k;
  }
  if (value.kind == ValueKind::kLoad) facts.can_fail = true;
  if (value.kind == ValueKind::kAlu && is_division(value.op) &&
      constant_of(value.right).value_or(0) == 0) {
    facts.can_fail = true;
  }
  facts_.push_back(facts);
  return index;
}

ValueIndex ValueTable::constant(std::uint32_t k) {
  return intern({.kind = ValueKind::kConstant, .k = k});
}

ValueIndex ValueTable::length() { return intern({.kind = ValueKind::kLength}); }

ValueIndex ValueTable::load(std::uint8_t size, ValueIndex base, std::uint32_t offset) {
  if (base != kNoValue) {
    const auto constant = constant_of(base);
    if (folds_ && constant && std::uint64_t{*constant} + offset + size <= kPlainAddresses) {
      return load(size, kNoValue, *constant + offset);
    }
  } else if (std::uint64_t{offset} + size > kPlainAddresses) {
    // As an absolute offset it would be an ancillary load.
    base = constant(offset);
    offset = 0;
  }
  return intern({.kind = ValueKind::kLoad, .size = size, .k = offset, .left = base});
}

ValueIndex ValueTable::ancillary(std::uint32_t number) {
  return intern({.kind = ValueKind::kAncillary, .k = number});
}

ValueIndex ValueTable::cell(std::uint32_t number) {
  return intern({.kind = ValueKind::kCell, .k = number});
}

ValueIndex ValueTable::alu(Arithmetic op, ValueIndex left, ValueIndex right) {
  const auto a = constant_of(left);
  const auto b = right == kNoValue ? std::optional<std::uint32_t>{0} : constant_of(right);
  const bool same_everywhere = !is_shift(op) || !b || *b < 32;
  if (a && b && same_everywhere && folds_) {
    if (const auto folded = compute(op, *a, *b, Rules::kKernel)) return constant(*folded);
  }
  const bool right_is_zero = b && *b == 0 && right != kNoValue;
  const bool nothing_to_add = op == Arithmetic::kAdd || op == Arithmetic::kSubtract ||
                              op == Arithmetic::kOr || op == Arithmetic::kXor || is_shift(op);
  if (right_is_zero && nothing_to_add) return left;
  if (folds_ && op == Arithmetic::kAdd && a && *a == 0) return right;
  return intern({.kind = ValueKind::kAlu, .op = op, .left = left, .right = right});
}

NodeIndex Graph::add_return(std::uint32_t k) {
  return nodes_.intern({.kind = NodeKind::kReturn, .k = k});
}

NodeIndex Graph::decide(Comparison comparison, ValueIndex left, ValueIndex right, NodeIndex then,
                        NodeIndex otherwise) {
  return nodes_.intern({.kind = NodeKind::kDecide,
                        .comparison = comparison,
                        .left = left,
                        .right = right,
                        .then = then,
                        .otherwise = otherwise});
}

NodeIndex Graph::assign(std::uint32_t cell, ValueIndex value, NodeIndex next) {
  // What rejects at once rejects as well if computing the value ends the filter.
  const bool rejects =
      next < nodes_.size() && nodes_[next].kind == NodeKind::kReturn && nodes_[next].k == 0;
  if (rejects) return next;
  cell_count = std::max(cell_count, cell + 1);
  return nodes_.intern({.kind = NodeKind::kAssign, .k = cell, .left = value, .then = next});
}

NodeIndex Graph::require_bytes(std::uint32_t length, NodeIndex next) {
  if (length == 0) return next;
  return nodes_.intern({.kind = NodeKind::kRequire, .k = length, .then = next});
}

NodeIndex Graph::require_value(ValueIndex value, NodeIndex next) {
  return nodes_.intern({.kind = NodeKind::kRequire, .left = value, .then = next});
}

NodeIndex Graph::add_like(const Node& node, NodeIndex then, NodeIndex otherwise) {
  switch (node.kind) {
    case NodeKind::kReturn:
      return add_return(node.k);
    case NodeKind::kDecide:
      return decide(node.comparison, node.left, node.right, then, otherwise);
    case NodeKind::kAssign:
      return assign(node.k, node.left, then);
    case NodeKind::kRequire:
      return node.left == kNoValue ? require_bytes(node.k, then) : require_value(node.left, then);
  }
  return kNoNode;
}

Graph Graph::without_nodes() && {
  Graph result;
  result.values = std::move(values);
  result.cell_count = cell_count;
  return result;
}

std::vector<bool> Graph::reachable() const {
  std::vector<bool> reached(nodes_.size(), false);
  reached[root] = true;
  for (NodeIndex i = root + 1; i-- > 0;) {
    if (!reached[i]) continue;
    const Node& node = nodes_[i];
    if (node.then != kNoNode) reached[node.then] = true;
    if (node.otherwise != kNoNode) reached[node.otherwise] = true;
  }
  return reached;
}

}  // namespace bpfc::ir
