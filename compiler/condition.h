// What a primitive tests, before it is known where its outcomes lead.
//
// Lowering reads the text from left to right, since an encapsulation moves what stands to its
// right; the graph is built from the end to the front, since a node names its successors.
// Conditions stand between: the lowering makes them in source order, build_graph() then walks them
// backwards. `a or b and c`, whose members read from the left, becomes, with the exits T and F:
//
//   c: T, F       b: c, F       a: c, b
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "compiler/graph.h"

namespace bpfc {

using ConditionIndex = std::uint32_t;

enum class ConditionKind : std::uint8_t {
  kTest,    // left comparison right
  kAlways,  // `value`
  kAssign,  // true, once the cell has been assigned
  kNot,     // of the condition `first`
  kChain,   // `count` links from `first` on
};

struct Condition {
  ConditionKind kind = ConditionKind::kAlways;
  Comparison comparison{};
  bool value = false;
  std::uint32_t cell = 0;
  ir::ValueIndex left = ir::kNoValue;
  ir::ValueIndex right = ir::kNoValue;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

enum class Join : std::uint8_t { kAnd, kOr };

struct ConditionLink {
  Join join;  // with what stands before; of no meaning for the first
  ConditionIndex condition;
};

class ConditionTable {
 public:
  ConditionIndex test(Comparison comparison, ir::ValueIndex left, ir::ValueIndex right);
  ConditionIndex always(bool value);
  ConditionIndex assign(std::uint32_t cell, ir::ValueIndex value);
  ConditionIndex negate(ConditionIndex condition);
  // Tested in order, from the left, no further than needed.
  ConditionIndex all(std::initializer_list<ConditionIndex> conditions);
  ConditionIndex any(std::initializer_list<ConditionIndex> conditions);
  ConditionIndex chain(std::span<const ConditionLink> links);

  const Condition& operator[](ConditionIndex index) const { return conditions_[index]; }
  std::span<const ConditionLink> links(const Condition& condition) const {
    return std::span(links_).subspan(condition.first, condition.count);
  }

 private:
  ConditionIndex add(const Condition& condition);
  ConditionIndex join(Join join, std::initializer_list<ConditionIndex> conditions);

  std::vector<Condition> conditions_;
  std::vector<ConditionLink> links_;
};

// Adds nodes that lead to `accept` where the condition holds and to `reject` where it does not, and
// returns the first. Linear; without recursion.
ir::NodeIndex build_graph(ir::Graph& graph, const ConditionTable& conditions, ConditionIndex root,
                          ir::NodeIndex accept, ir::NodeIndex reject);

}  // namespace bpfc
