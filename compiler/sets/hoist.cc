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
#include <array>
#include <optional>

#include "compiler/sets/partition_graph.h"

namespace bpfc::sets {
namespace {

constexpr std::size_t kMostInRegion = 3;
// Partitions with more parts are lists, which stay where they are.
constexpr std::size_t kMostParts = 32;
// A graph may be gone through so often, which no filter of people needs.
constexpr std::size_t kMostSteps = 1000;

// A few nodes, without memory of their own.
template <std::size_t kMost>
class FewNodes {
 public:
  // False: there is no room.
  bool add(Index node) {
    if (count_ == kMost) return false;
    nodes_[count_++] = node;
    return true;
  }
  const Index* begin() const { return nodes_.data(); }
  const Index* end() const { return nodes_.data() + count_; }
  std::size_t size() const { return count_; }
  Index front() const { return nodes_[0]; }
  Index operator[](std::size_t place) const { return nodes_[place]; }
  bool has(Index node) const { return std::find(begin(), end(), node) != end(); }

 private:
  std::array<Index, kMost> nodes_{};
  std::size_t count_ = 0;
};
using Nodes = FewNodes<kMostInRegion>;
using Exits = FewNodes<2 * kMostInRegion>;

// One to three tests, the first of which is the only way in.
struct Region {
  Nodes nodes;
  Exits exits;  // partitions of `value`, and rejections
  ir::ValueIndex value = ir::kNoValue;
};

// Where the region's exits lead for a part of the value's range.
using Ways = std::vector<Index>;

class Hoister {
 public:
  Hoister(Graph& graph, const ir::ValueTable& values, const Intervals& intervals,
          const std::vector<Covered>& covered)
      : graph_(graph), values_(values), intervals_(intervals), covered_(covered) {}

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
      const auto region = region_from(at);
      if (!region) {
        pending.pop_back();
        continue;
      }
      ++steps_;
      hoist(*region, pending);
    }
  }

  bool is_test(Index i) const {
    const Node& node = graph_.nodes[i];
    if (node.is_partition()) return node.parts.size() <= kMostParts;
    return node.plain.kind == ir::NodeKind::kDecide;
  }

  std::uint32_t entries_from(const Nodes& nodes, Index to) const {
    std::uint32_t count = 0;
    for (const Index i : nodes) {
      each_successor(graph_.nodes[i], [&](Index next) { count += next == to ? 1 : 0; });
    }
    return count;
  }

  // The smallest region that begins there and from which it pays to hoist.
  std::optional<Region> region_from(Index begin) const {
    if (predecessors_[begin] == 0 || !is_test(begin)) return std::nullopt;
    Region region;
    region.nodes.add(begin);
    while (true) {
      const auto exits = exits_of(region.nodes);
      if (!exits) return std::nullopt;
      region.exits = *exits;
      region.value = common_value(region);
      if (region.value != ir::kNoValue && pays(region)) return region;
      if (region.nodes.size() == kMostInRegion) return std::nullopt;
      const auto* next = std::find_if(region.exits.begin(), region.exits.end(), [&](Index exit) {
        return is_test(exit) && entries_from(region.nodes, exit) == predecessors_[exit];
      });
      if (next == region.exits.end()) return std::nullopt;
      region.nodes.add(*next);
    }
  }

  // None: there are too many.
  std::optional<Exits> exits_of(const Nodes& nodes) const {
    Exits exits;
    bool few = true;
    for (const Index i : nodes) {
      each_successor(graph_.nodes[i], [&](Index next) {
        if (!nodes.has(next) && !exits.has(next)) few = exits.add(next) && few;
      });
    }
    if (!few) return std::nullopt;
    return exits;
  }

  // The value of which all exits, two at least, are partitions that only the region leads to, or
  // rejections.
  ir::ValueIndex common_value(const Region& region) const {
    ir::ValueIndex value = ir::kNoValue;
    int partitions = 0;
    for (const Index exit : region.exits) {
      const Node& node = graph_.nodes[exit];
      if (graph_.is_rejection(exit)) continue;
      if (!node.is_partition() || node.parts.size() > kMostParts) return ir::kNoValue;
      if (value != ir::kNoValue && node.value != value) return ir::kNoValue;
      if (entries_from(region.nodes, exit) != predecessors_[exit]) return ir::kNoValue;
      value = node.value;
      ++partitions;
    }
    if (partitions < 2) return ir::kNoValue;
    for (const Index i : region.nodes) {
      if (graph_.nodes[i].value == value) return ir::kNoValue;
    }
    return value;
  }

  // The beginnings of all parts of the exits.
  std::vector<std::uint32_t> borders(const Region& region) const {
    std::vector<std::uint32_t> lows;
    for (const Index exit : region.exits) {
      for (const Part& part : graph_.nodes[exit].parts) lows.push_back(part.low);
    }
    std::sort(lows.begin(), lows.end());
    lows.erase(std::unique(lows.begin(), lows.end()), lows.end());
    return lows;
  }

  Ways ways_at(const Region& region, std::uint32_t low) const {
    Ways ways;
    for (const Index exit : region.exits) {
      const std::vector<Part>& parts = graph_.nodes[exit].parts;
      if (parts.empty()) {
        ways.push_back(exit);
        continue;
      }
      const auto behind = std::upper_bound(
          parts.begin(), parts.end(), low,
          [](std::uint32_t number, const Part& part) { return number < part.low; });
      ways.push_back((behind - 1)->target);
    }
    return ways;
  }

  static bool alike(const Ways& ways) {
    return std::all_of(ways.begin(), ways.end(), [&](Index way) { return way == ways.front(); });
  }

  // About the instructions that a search for the parts takes.
  static std::size_t tests(const std::vector<Part>& parts, std::uint32_t highest) {
    std::size_t singles = 0;
    std::size_t borders = 0;
    Index before = kNone;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool last = i + 1 == parts.size();
      const bool single = last ? highest == parts[i].low : parts[i + 1].low == parts[i].low + 1;
      if (single) {
        ++singles;
      } else {
        borders += before != kNone && before != parts[i].target ? 1 : 0;
        before = parts[i].target;
      }
    }
    return std::max<std::size_t>(singles + borders, 1);
  }

  std::size_t steps_to(ir::ValueIndex index) const {
    if (index == ir::kNoValue) return 0;
    const ir::Value& value = values_[index];
    switch (value.kind) {
      case ir::ValueKind::kConstant:
        return 0;
      case ir::ValueKind::kLoad:
        return value.left == ir::kNoValue ? 1 : 2;
      case ir::ValueKind::kAlu:
        return 1 + steps_to(value.left) + steps_to(value.right);
      default:
        return 1;
    }
  }

  std::size_t size(const Node& node) const {
    if (node.is_partition()) return steps_to(node.value) + tests(node.parts, node.highest);
    return 1 + steps_to(node.plain.left) + steps_to(node.plain.right);
  }

  bool pays(const Region& region) const {
    std::size_t in_front = 0;
    std::size_t now = 0;
    for (const Index i : region.nodes) in_front += size(graph_.nodes[i]);
    std::uint32_t highest = 0;
    for (const Index exit : region.exits) {
      const Node& node = graph_.nodes[exit];
      if (!node.is_partition()) continue;
      now += size(node);
      highest = node.highest;
    }
    now += in_front;
    std::vector<Ways> copies;
    std::vector<Part> parts;
    bool passes = false;
    for (const std::uint32_t low : borders(region)) {
      Ways ways = ways_at(region, low);
      // Copies get numbers past those of all nodes.
      Index target = ways.front();
      if (alike(ways)) {
        passes = passes || !graph_.is_rejection(target);
      } else {
        auto place = std::find(copies.begin(), copies.end(), ways);
        if (place == copies.end()) place = copies.insert(copies.end(), std::move(ways));
        target = static_cast<Index>(graph_.nodes.size() + (place - copies.begin()));
      }
      append_part(parts, {low, target});
    }
    if (copies.empty() || parts.size() < 2) return false;
    const std::size_t moved =
        steps_to(region.value) + tests(parts, highest) + copies.size() * in_front;
    if (moved >= now) return false;
    return is_movable(region) &&
           (!passes && has_no_idle_test(region, copies) ? true : needs_no_loads(region));
  }

  // Whether no test of a copy would have one way out.
  bool has_no_idle_test(const Region& region, const std::vector<Ways>& copies) const {
    return std::all_of(copies.begin(), copies.end(), [&](const Ways& ways) {
      return std::none_of(region.nodes.begin(), region.nodes.end(), [&](Index i) {
        bool several = false;
        Index way = kNone;
        each_successor(graph_.nodes[i], [&](Index next) {
          const Index leads = target_of(region, ways, next);
          several = several || (way != kNone && leads != way);
          way = leads;
        });
        return !several;
      });
    });
  }

  Index target_of(const Region& region, const Ways& ways, Index next) const {
    const auto* exit = std::find(region.exits.begin(), region.exits.end(), next);
    return exit == region.exits.end() ? next
                                      : ways[static_cast<std::size_t>(exit - region.exits.begin())];
  }

  template <typename Visit>
  void each_value(const Node& node, Visit visit) const {
    if (node.is_partition()) {
      visit(node.value);
      return;
    }
    if (node.plain.left != ir::kNoValue) visit(node.plain.left);
    if (node.plain.right != ir::kNoValue) visit(node.plain.right);
  }

  // Asking the kernel may end a filter in its own way, and stays where it is.
  bool asks_the_kernel(ir::ValueIndex index) const {
    const ir::Value& value = values_[index];
    if (value.kind == ir::ValueKind::kAncillary) return true;
    return (value.left != ir::kNoValue && asks_the_kernel(value.left)) ||
           (value.right != ir::kNoValue && asks_the_kernel(value.right));
  }

  bool is_movable(const Region& region) const {
    constexpr std::uint32_t kMostDeep = 16;
    bool movable = true;
    const auto look = [&](ir::ValueIndex value) {
      movable = movable && values_.facts(value).depth <= kMostDeep && !asks_the_kernel(value);
    };
    look(region.value);
    for (const Index i : region.nodes) each_value(graph_.nodes[i], look);
    return movable;
  }

  // Whether the region loads nothing that may be missing behind the value.
  bool needs_no_loads(const Region& region) const {
    Covered covered = covered_[graph_.nodes[region.nodes.front()].origin];
    covered.add(values_, intervals_, region.value);
    bool all = true;
    for (const Index i : region.nodes) {
      each_value(graph_.nodes[i], [&](ir::ValueIndex value) {
        all = all && covered.covers(values_, intervals_, value);
      });
    }
    return all;
  }

  // The region's tests with other exits; the first of the copies, all of which go to `pending`.
  Index copy_of(const Region& region, const Ways& ways, std::vector<Index>& pending) {
    // A node's successors in the region were found later than it was.
    std::vector<Index> copies(region.nodes.size(), kNone);
    const auto image = [&](Index next) {
      const auto* inside = std::find(region.nodes.begin(), region.nodes.end(), next);
      return inside == region.nodes.end()
                 ? target_of(region, ways, next)
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
    for (const std::uint32_t low : borders(region)) {
      Ways ways = ways_at(region, low);
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
  const Intervals& intervals_;
  const std::vector<Covered>& covered_;
  std::vector<std::uint32_t> predecessors_;
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
