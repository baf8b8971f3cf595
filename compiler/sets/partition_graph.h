// A decision graph whose nodes may have many ways out: a value's range, cut into parts, each of
// which leads somewhere.
//
// `ip host 1.2.3.4 or 1.2.3.5` has, for the source, the one node
//
//   [26]:  0 -> next,  0x1020304 -> accept,  0x1020306 -> next
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compiler/covered.h"
#include "compiler/graph.h"

namespace bpfc::sets {

using Index = std::uint32_t;
inline constexpr Index kNone = ~Index{0};

// From `low` up to the next part, or to the value's end.
struct Part {
  std::uint32_t low = 0;
  Index target = kNone;

  friend bool operator==(const Part&, const Part&) = default;
};

// The bits of a value that say how likely it is: `size` bytes, `shift` bits up.
struct Field {
  std::uint8_t size = 0;  // 0: all of it
  std::uint8_t shift = 0;
};

struct Node {
  ir::ValueIndex value = ir::kNoValue;  // what is cut into parts; kNoValue: `plain` it is
  Field field;
  std::uint32_t highest = 0;           // the end of the value's range
  std::vector<Part> parts;             // ascending, the first from 0; neighbours differ in target
  ir::Node plain;                      // its successors are indices of this graph
  ir::NodeIndex origin = ir::kNoNode;  // where its tests begin in the graph that it is made of
  // Of each part, or of `then` and `otherwise`: the share of the packets that come by which were
  // seen to go there. The rest, up to 1, is left to the guess. Empty: none was seen.
  std::vector<double> weights = {};

  bool is_partition() const { return value != ir::kNoValue; }
};

// Successors stand before their nodes.
struct Graph {
  std::vector<Node> nodes;
  Index root = kNone;

  bool is_rejection(Index node) const {
    const Node& last = nodes[node];
    return !last.is_partition() && last.plain.kind == ir::NodeKind::kReturn && last.plain.k == 0;
  }
};

// Appends the part, or lets the one before it go on.
inline void append_part(std::vector<Part>& parts, const Part& part) {
  if (parts.empty() || parts.back().target != part.target) parts.push_back(part);
}

// Calls visit(successor) for each different one, in any order.
template <typename Visit>
void each_successor(const Node& node, Visit visit) {
  if (!node.is_partition()) {
    if (node.plain.then != ir::kNoNode) visit(node.plain.then);
    if (node.plain.otherwise != ir::kNoNode && node.plain.otherwise != node.plain.then) {
      visit(node.plain.otherwise);
    }
    return;
  }
  // Few parts are compared with each other; of many the targets are sorted.
  constexpr std::size_t kFew = 8;
  const std::vector<Part>& parts = node.parts;
  if (parts.size() <= kFew) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      std::size_t first = 0;
      while (parts[first].target != parts[i].target) ++first;
      if (first == i) visit(parts[i].target);
    }
    return;
  }
  std::vector<Index> targets;
  targets.reserve(parts.size());
  for (const Part& part : parts) targets.push_back(part.target);
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  for (const Index target : targets) visit(target);
}

// For each node, how many reachable nodes lead to it; the root has one more.
std::vector<std::uint32_t> predecessors(const Graph& graph);

// One node for each reachable one.
Graph partition_graph(const ir::Graph& graph);

// Whether a node and one that it leads to cut the same value into parts.
bool has_regions(const Graph& graph);

// merge.cc: nodes that test the same value, and that are reached only from such nodes, become one.
void merge_regions(Graph& graph);

// group.cc: brings tests of one value together that others stand between. Whether there were any.
bool group_chains(Graph& graph, const ir::ValueTable& values, const Intervals& intervals,
                  const std::vector<Covered>& covered);

// hoist.cc: brings partitions of one value before the tests that lead to them, where that makes the
// graph smaller. Whether there were any.
bool hoist_partitions(Graph& graph, const ir::ValueTable& values, const Intervals& intervals,
                      const std::vector<Covered>& covered);

// widen.cc: tests of neighbouring bytes that must all hold become one test of a wider load.
void widen_loads(Graph& graph, ir::ValueTable& values, const Intervals& intervals);

// A value and the parts of its range, whose targets are nodes of an ir::Graph.
struct Partition {
  ir::ValueIndex value = ir::kNoValue;
  Field field;
  std::uint32_t highest = 0;
  std::vector<Part> parts;
  std::vector<double> weights = {};  // as a Node's
};

// All but one part, which the others need not think of any more.
Partition without_part(const Partition& partition, std::size_t place);

// The sum of weights: how much of what comes by they say something of.
double seen(const std::vector<double>& weights);

// What one more instruction in the program is worth, in executed instructions a packet: of a long
// list, and of a few parts, which should not be spread over more instructions than they are.
struct SearchCost {
  double instruction = 0.015;
  double of_few = 1.5;
};

// search.cc: the share of packets that go from the partition to the target, as far as they were
// seen or can be guessed.
double expected_share(const ir::ValueTable& values, const Node& node, Index target);

// order.cc: of tests that must hold together, those come first that reject most for their cost.
void order_conjunctions(Graph& graph, const ir::ValueTable& values);

// search.cc: adds the decision that leads from the value to the targets of its parts, of which
// there is more than one, if one is enough.
std::optional<ir::NodeIndex> add_one_test(ir::Graph& graph, ir::ValueIndex value,
                                          std::span<const Part> parts, std::uint32_t highest);

// search.cc: adds decisions that lead from the value to the targets of its parts, and returns the
// first. There is more than one part.
ir::NodeIndex add_search(ir::Graph& graph, const Partition& partition, const SearchCost& cost);

}  // namespace bpfc::sets
