// The tests in front of partitions of one value, before which that may stand.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "compiler/sets/partition_graph.h"

namespace bpfc::sets {

inline constexpr std::size_t kMostInRegion = 3;

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

// Whether that is the same place, which needs none of the tests.
inline bool alike(const Ways& ways) {
  return std::all_of(ways.begin(), ways.end(), [&](Index way) { return way == ways.front(); });
}

// Finds regions in a graph that changes meanwhile.
class RegionFinder {
 public:
  // All must outlive it; `predecessors` are the graph's, as it is at each call.
  RegionFinder(const Graph& graph, const ir::ValueTable& values, const Intervals& intervals,
               const std::vector<Covered>& covered, const std::vector<std::uint32_t>& predecessors)
      : graph_(graph),
        values_(values),
        intervals_(intervals),
        covered_(covered),
        predecessors_(predecessors) {}

  // The smallest region that begins there and which the partition may stand before, so that the
  // graph gets smaller and no verdict changes.
  std::optional<Region> region_from(Index begin) const;
  // The beginnings of all parts of the exits.
  std::vector<std::uint32_t> borders(const Region& region) const;
  Ways ways_at(const Region& region, std::uint32_t low) const;
  // Where what leads to `next` leads in a copy of the region with these exits.
  static Index target_of(const Region& region, const Ways& ways, Index next);

 private:
  bool is_test(Index i) const;
  std::uint32_t entries_from(const Nodes& nodes, Index to) const;
  // None: there are too many.
  std::optional<Exits> exits_of(const Nodes& nodes) const;
  // The value of which all exits, two at least, are partitions that only the region leads to, or
  // rejections.
  ir::ValueIndex common_value(const Region& region) const;
  // About the instructions that a search for the parts takes.
  static std::size_t tests(const std::vector<Part>& parts, std::uint32_t highest);
  std::size_t steps_to(ir::ValueIndex index) const;
  std::size_t size(const Node& node) const;
  bool pays(const Region& region) const;
  // Whether no test of a copy would have one way out.
  bool has_no_idle_test(const Region& region, const std::vector<Ways>& copies) const;
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
  bool asks_the_kernel(ir::ValueIndex index) const;
  bool is_movable(const Region& region) const;
  // Whether the region loads nothing that may be missing behind the value.
  bool needs_no_loads(const Region& region) const;

  const Graph& graph_;
  const ir::ValueTable& values_;
  const Intervals& intervals_;
  const std::vector<Covered>& covered_;
  const std::vector<std::uint32_t>& predecessors_;
};

}  // namespace bpfc::sets
