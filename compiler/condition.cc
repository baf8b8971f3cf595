#include "compiler/condition.h"

#include <utility>

namespace bpfc {

ConditionIndex ConditionTable::add(const Condition& condition) {
  conditions_.push_back(condition);
  return static_cast<ConditionIndex>(conditions_.size() - 1);
}

ConditionIndex ConditionTable::test(Comparison comparison, ir::ValueIndex left,
                                    ir::ValueIndex right) {
  return add(
      {.kind = ConditionKind::kTest, .comparison = comparison, .left = left, .right = right});
}

ConditionIndex ConditionTable::always(bool value) {
  return add({.kind = ConditionKind::kAlways, .value = value});
}

ConditionIndex ConditionTable::assign(std::uint32_t cell, ir::ValueIndex value) {
  return add({.kind = ConditionKind::kAssign, .cell = cell, .left = value});
}

ConditionIndex ConditionTable::negate(ConditionIndex condition) {
  return add({.kind = ConditionKind::kNot, .first = condition});
}

ConditionIndex ConditionTable::chain(std::span<const ConditionLink> links) {
  const auto first = static_cast<std::uint32_t>(links_.size());
  links_.insert(links_.end(), links.begin(), links.end());
  return add({.kind = ConditionKind::kChain,
              .first = first,
              .count = static_cast<std::uint32_t>(links.size())});
}

ConditionIndex ConditionTable::join(Join join, std::initializer_list<ConditionIndex> conditions) {
  const auto first = static_cast<std::uint32_t>(links_.size());
  for (const ConditionIndex condition : conditions) links_.push_back({join, condition});
  return add({.kind = ConditionKind::kChain,
              .first = first,
              .count = static_cast<std::uint32_t>(conditions.size())});
}

ConditionIndex ConditionTable::all(std::initializer_list<ConditionIndex> conditions) {
  return join(Join::kAnd, conditions);
}

ConditionIndex ConditionTable::any(std::initializer_list<ConditionIndex> conditions) {
  return join(Join::kOr, conditions);
}

ir::NodeIndex build_graph(ir::Graph& graph, const ConditionTable& conditions, ConditionIndex root,
                          ir::NodeIndex accept, ir::NodeIndex reject) {
  // A condition whose nodes are being built. For a chain `remaining` counts the links whose nodes
  // are not there yet, and accept and reject are the exits of the part of the chain that they make
  // up.
  struct Frame {
    ConditionIndex condition;
    ir::NodeIndex accept;
    ir::NodeIndex reject;
    std::uint32_t remaining;
  };
  const auto frame = [&](ConditionIndex condition, ir::NodeIndex yes, ir::NodeIndex no) {
    return Frame{condition, yes, no, conditions[condition].count};
  };
  std::vector<Frame> stack = {frame(root, accept, reject)};
  ir::NodeIndex built = ir::kNoNode;
  while (!stack.empty()) {
    Frame& top = stack.back();
    const Condition& condition = conditions[top.condition];
    switch (condition.kind) {
      case ConditionKind::kTest:
        built = graph.decide(condition.comparison, condition.left, condition.right, top.accept,
                             top.reject);
        stack.pop_back();
        break;
      case ConditionKind::kAlways:
        built = condition.value ? top.accept : top.reject;
        stack.pop_back();
        break;
      case ConditionKind::kAssign:
        built = graph.assign(condition.cell, condition.left, top.accept);
        stack.pop_back();
        break;
      case ConditionKind::kNot:
        top = frame(condition.first, top.reject, top.accept);
        break;
      case ConditionKind::kChain: {
        const auto links = conditions.links(condition);
        if (top.remaining < condition.count) {
          // The last of the remaining links was built: what stands before it leads there.
          (links[top.remaining].join == Join::kAnd ? top.accept : top.reject) = built;
        }
        if (top.remaining == 0) {
          stack.pop_back();
          break;
        }
        --top.remaining;
        stack.push_back(frame(links[top.remaining].condition, top.accept, top.reject));
        break;
      }
    }
  }
  return built;
}

}  // namespace bpfc
