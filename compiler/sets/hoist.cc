// Where tests lead to partitions of one value, that partition may stand before them: what both
// would do alike then needs none of those tests, and what they do differently still has them.
//
//   len > 40?  v = 4? a : reject                     v = 4?  a
//           :  v = 4? a : v = 6? b : reject          v = 6?  (len > 40?  reject : b)  : reject
//
// The tests in front are a region of one to three nodes with one way in; all that leads to the
// partitions comes from there. The value is computed on each way through the region, or that way
// rejects, so that to compute it before can end nothing that might have been accepted. A way that
// comes by without the region's tests must not depend on the bytes that they load: those are there
// already, or it rejects.
//
// It pays where the program gets shorter by it; no packet executes more then, as a rule. Each step
// makes the graph smaller, so they come to an end.
#include <algorithm>
#include <utility>

#include "compiler/sets/partition_graph.h"
#include "compiler/sets/region.h"

namespace bpfc::sets {
namespace {

// A graph may be gone through so often, which no filter of people needs.
constexpr std::size_t kMostSteps = 1000;

class Hoister {
 public:
  Hoister(Graph& graph, const ir::ValueTable& values, const Intervals& intervals,
          const std::vector<Covered>& covered)
      : graph_(graph),
        values_(values),
        regions_(graph, values, intervals, covered, predecessors_) {}

  bool run() {
    predecessors_ = predecessors(graph_);
    if (!find_candidates()) return false;
    const Index root = graph_.root;
    for (Index i = 0; i <= root; ++i) {
      if (predecessors_[i] != 0 && leads_to_candidates(i)) settle(i);
    }
    if (changed_) order_nodes();
    return changed_;
  }

 private:
  // Values that have several partitions. Whether there are any.
  bool find_candidates() {
    std::vector<bool> seen(values_.size(), false);
    bool found = false;
    for (Index i = 0; i <= graph_.root; ++i) {
      const Node& node = graph_.nodes[i];
      if (predecessors_[i] == 0 || !node.is_partition()) continue;
      if (seen[node.value] && !found) {
        found = true;
        candidates_.assign(values_.size(), false);
      }
      if (seen[node.value]) candidates_[node.value] = true;
      seen[node.value] = true;
    }
    return found;
  }

  // Whether one of the node's ways leads to a partition of such a value: there is no region
  // without.
  bool leads_to_candidates(Index i) const {
    bool leads = false;
    each_successor(graph_.nodes[i], [&](Index next) {
      const Node& node = graph_.nodes[next];
      leads = leads || (node.is_partition() && candidates_[node.value]);
    });
    return leads;
  }

  // Hoists from below the node, and from below what that makes.
  void settle(Index i) {
    std::vector<Index> pending = {i};
    while (!pending.empty() && steps_ < kMostSteps) {
      const Index at = pending.back();
      const auto region = regions_.region_from(at);
      if (!region) {
        pending.pop_back();
        continue;
      }
      ++steps_;
      hoist(*region, pending);
    }
  }

  // The region's tests with other exits; the first of the copies, all of which go to `pending`.
  Index copy_of(const Region& region, const Ways& ways, std::vector<Index>& pending) {
    // A node's successors in the region were found later than it was.
    std::vector<Index> copies(region.nodes.size(), kNone);
    const auto image = [&](Index next) {
      const auto* inside = std::find(region.nodes.begin(), region.nodes.end(), next);
      return inside == region.nodes.end()
                 ? RegionFinder::target_of(region, ways, next)
                 : copies[static_cast<std::size_t>(inside - region.nodes.begin())];
    };
    for (const std::size_t k : below_first(region)) {
      Node node = graph_.nodes[region.nodes[k]];
      std::vector<Part> parts;
      for (const Part& part : node.parts) append_part(parts, {part.low, image(part.target)});
      node.parts = std::move(parts);
      if (node.plain.then != ir::kNoNode) node.plain.then = image(node.plain.then);
      if (node.plain.otherwise != ir::kNoNode) node.plain.otherwise = image(node.plain.otherwise);
      const bool idle =
          node.is_partition() ? node.parts.size() == 1 : node.plain.then == node.plain.otherwise;
      if (idle) {
        copies[k] = node.is_partition() ? node.parts.front().target : node.plain.then;
        continue;
      }
      copies[k] = add(std::move(node));
      pending.push_back(copies[k]);
    }
    return copies.front();
  }

  // The region's nodes by number, successors before what leads to them.
  std::vector<std::size_t> below_first(const Region& region) const {
    std::vector<std::size_t> order;
    while (order.size() < region.nodes.size()) {
      for (std::size_t k = 0; k < region.nodes.size(); ++k) {
        if (std::find(order.begin(), order.end(), k) != order.end()) continue;
        bool ready = true;
        each_successor(graph_.nodes[region.nodes[k]], [&](Index next) {
          const auto* inside = std::find(region.nodes.begin(), region.nodes.end(), next);
          if (inside == region.nodes.end()) return;
          const auto number = static_cast<std::size_t>(inside - region.nodes.begin());
          ready = ready && std::find(order.begin(), order.end(), number) != order.end();
        });
        if (ready) order.push_back(k);
      }
    }
    return order;
  }

  Index add(Node node) {
    const auto index = static_cast<Index>(graph_.nodes.size());
    each_successor(node, [&](Index next) { ++predecessors_[next]; });
    graph_.nodes.push_back(std::move(node));
    predecessors_.push_back(0);
    return index;
  }

  void hoist(const Region& region, std::vector<Index>& pending) {
    const Index at = region.nodes.front();
    Node first;
    first.value = region.value;
    first.origin = graph_.nodes[at].origin;
    std::vector<std::pair<Ways, Index>> copies;
    for (const Index exit : region.exits) {
      const Node& node = graph_.nodes[exit];
      if (!node.is_partition()) continue;
      first.field = node.field;
      first.highest = node.highest;
    }
    for (const std::uint32_t low : regions_.borders(region)) {
      Ways ways = regions_.ways_at(region, low);
      Index target = ways.front();
      if (!alike(ways)) {
        const auto known = std::find_if(copies.begin(), copies.end(),
                                        [&](const auto& copy) { return copy.first == ways; });
        target = known != copies.end() ? known->second : copy_of(region, ways, pending);
        if (known == copies.end()) copies.emplace_back(std::move(ways), target);
      }
      append_part(first.parts, {low, target});
    }
    // The place stays, so what leads there need not know.
    each_successor(first, [&](Index next) { ++predecessors_[next]; });
    const Node old = std::exchange(graph_.nodes[at], std::move(first));
    each_successor(old, [&](Index next) { release(next); });
    changed_ = true;
  }

  // One node fewer leads there.
  void release(Index i) {
    std::vector<Index> pending = {i};
    while (!pending.empty()) {
      const Index at = pending.back();
      pending.pop_back();
      if (--predecessors_[at] > 0) continue;
      each_successor(graph_.nodes[at], [&](Index next) { pending.push_back(next); });
    }
  }

  // Successors first again, and only what the root reaches.
  void order_nodes() {
    std::vector<Index> image(graph_.nodes.size(), kNone);
    std::vector<Index> stack = {graph_.root};
    Graph ordered;
    while (!stack.empty()) {
      const Index at = stack.back();
      bool ready = true;
      if (image[at] == kNone) {
        each_successor(graph_.nodes[at], [&](Index next) {
          if (image[next] != kNone) return;
          stack.push_back(next);
          ready = false;
        });
      }
      if (!ready) continue;
      stack.pop_back();
      if (image[at] != kNone) continue;
      Node node = std::move(graph_.nodes[at]);
      for (Part& part : node.parts) part.target = image[part.target];
      if (node.plain.then != ir::kNoNode) node.plain.then = image[node.plain.then];
      if (node.plain.otherwise != ir::kNoNode) node.plain.otherwise = image[node.plain.otherwise];
      image[at] = static_cast<Index>(ordered.nodes.size());
      ordered.nodes.push_back(std::move(node));
    }
    ordered.root = image[graph_.root];
    graph_ = std::move(ordered);
  }

  Graph& graph_;
  const ir::ValueTable& values_;
  std::vector<std::uint32_t> predecessors_;
  RegionFinder regions_;
  std::vector<bool> candidates_;  // by value
  std::size_t steps_ = 0;
  bool changed_ = false;
};

}  // namespace

bool hoist_partitions(Graph& graph, const ir::ValueTable& values, const Intervals& intervals,
                      const std::vector<Covered>& covered) {
  return Hoister(graph, values, intervals, covered).run();
}

}  // namespace bpfc::sets
