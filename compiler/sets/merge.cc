// Each node gets the numbers with which it is reached, as intervals, and hands them on to its
// successors by its parts. What leaves the region of nodes that test the value is, in the end, the
// partition of the region's first node:
//
//   v = 5 ? a : (v > 7 ? b : c)          {0..} -> v = 5: {5} -> a, {0..4, 6..} -> v > 7: {8..} ->
//   b,
//                                        {0..4, 6..7} -> c:     0 c, 5 a, 6 c, 8 b
//
// A node that other nodes lead to as well begins a region of its own, so nothing is copied. Chains
// and trees take n log n steps: a node takes out of its intervals what does not go to its widest
// successor, which gets the rest as it is. Graphs for which this would move intervals over and over
// are left in pieces.
#include <algorithm>
#include <map>
#include <utility>

#include "compiler/sets/partition_graph.h"

namespace bpfc::sets {
namespace {

// Lowest to highest number of each interval; they do not touch.
using IntervalMap = std::map<std::uint32_t, std::uint32_t>;

struct Exit {
  std::uint32_t low;
  Index target;
};

// What a region's nodes hand to a node.
struct Arrival {
  Index region = kNone;
  IntervalMap numbers;
};

class Merger {
 public:
  explicit Merger(Graph& graph)
      : graph_(graph),
        reached_(graph.nodes.size(), false),
        shared_(graph.nodes.size(), false),
        arrivals_(graph.nodes.size()),
        exits_(graph.nodes.size()),
        budget_(kMovesANode * (graph.nodes.size() + kFewNodes)) {}

  void run() {
    reached_[graph_.root] = true;
    shared_[graph_.root] = true;
    for (Index i = graph_.root + 1; i-- > 0;) {
      if (!reached_[i]) continue;
      const Node& node = graph_.nodes[i];
      if (node.is_partition()) {
        distribute(i);
        continue;
      }
      each_successor(node, [&](Index next) { reached_[next] = shared_[next] = true; });
    }
    for (Index i = 0; i <= graph_.root; ++i) {
      if (!exits_[i].empty()) settle(i);
    }
  }

 private:
  static constexpr std::size_t kMovesANode = 16;
  static constexpr std::size_t kFewNodes = 64;

  static std::uint32_t end_of(const Node& node, std::size_t part) {
    return part + 1 < node.parts.size() ? node.parts[part + 1].low - 1 : node.highest;
  }

  static Index widest(const Node& node) {
    std::uint32_t most = 0;
    Index target = node.parts.front().target;
    for (std::size_t i = 0; i < node.parts.size(); ++i) {
      const std::uint32_t width = end_of(node, i) - node.parts[i].low;
      if (width <= most) continue;
      most = width;
      target = node.parts[i].target;
    }
    return target;
  }

  // The region that the node is in, and the numbers that it is reached with.
  Arrival enter(Index i) {
    Arrival arrival = std::move(arrivals_[i]);
    if (!shared_[i] && budget_ > 0) return arrival;
    for (const auto& [low, high] : arrival.numbers) exits_[arrival.region].push_back({low, i});
    Arrival whole;
    whole.region = i;
    whole.numbers.emplace(0, graph_.nodes[i].highest);
    return whole;
  }

  void distribute(Index i) {
    Arrival own = enter(i);
    const Node& node = graph_.nodes[i];
    const Index widest_target = widest(node);
    for (std::size_t k = 0; k < node.parts.size(); ++k) {
      const Part& part = node.parts[k];
      if (part.target == widest_target) continue;
      hand_over(own.region, part.target, take(own.numbers, part.low, end_of(node, k)));
    }
    hand_over(own.region, widest_target, std::move(own.numbers));
  }

  // Takes the numbers from low to high out.
  IntervalMap take(IntervalMap& numbers, std::uint32_t low, std::uint32_t high) {
    IntervalMap taken;
    auto at = numbers.upper_bound(low);
    if (at != numbers.begin()) --at;
    while (at != numbers.end() && at->first <= high) {
      const auto [first, last] = *at;
      if (last < low) {
        ++at;
        continue;
      }
      at = numbers.erase(at);
      if (first < low) numbers.emplace(first, low - 1);
      taken.emplace(std::max(first, low), std::min(last, high));
      if (last > high) numbers.emplace(high + 1, last);
      if (budget_ > 0) --budget_;
    }
    return taken;
  }

  void hand_over(Index region, Index target, IntervalMap numbers) {
    if (numbers.empty()) return;
    reached_[target] = true;
    const Node& next = graph_.nodes[target];
    Arrival& arrival = arrivals_[target];
    const bool other_value = !next.is_partition() || next.value != graph_.nodes[region].value;
    if (other_value || (arrival.region != kNone && arrival.region != region)) {
      shared_[target] = true;
      for (const auto& [low, high] : numbers) exits_[region].push_back({low, target});
      return;
    }
    arrival.region = region;
    if (arrival.numbers.size() < numbers.size()) arrival.numbers.swap(numbers);
    for (const auto& interval : numbers) {
      arrival.numbers.insert(interval);
      if (budget_ > 0) --budget_;
    }
  }

  // What left the region is its partition.
  void settle(Index region) {
    std::vector<Exit>& exits = exits_[region];
    std::sort(exits.begin(), exits.end(),
              [](const Exit& a, const Exit& b) { return a.low < b.low; });
    std::vector<Part> parts;
    for (const Exit& exit : exits) append_part(parts, {exit.low, exit.target});
    graph_.nodes[region].parts = std::move(parts);
    exits = {};
  }

  Graph& graph_;
  std::vector<bool> reached_;
  std::vector<bool> shared_;  // something outside of the region leads there
  std::vector<Arrival> arrivals_;
  std::vector<std::vector<Exit>> exits_;  // by region
  std::size_t budget_;
};

// A partition that others lead to as well is copied into those that test the same value just
// before, if it is small: they have the value at hand, and know part of the answer.
void copy_small_partitions(Graph& graph) {
  constexpr std::size_t kSmall = 6;
  constexpr std::size_t kMostWithCopies = 64;  // or a chain of them would be copied link by link
  for (Node& node : graph.nodes) {
    if (!node.is_partition() || node.parts.size() > kMostWithCopies) continue;
    const auto is_small = [&](Index target) {
      const Node& next = graph.nodes[target];
      return next.is_partition() && next.value == node.value && next.parts.size() <= kSmall;
    };
    const auto small = std::count_if(node.parts.begin(), node.parts.end(),
                                     [&](const Part& part) { return is_small(part.target); });
    if (small == 0 || small > 2) continue;
    std::vector<Part> parts;
    parts.reserve(node.parts.size() + 2 * kSmall);
    for (std::size_t i = 0; i < node.parts.size(); ++i) {
      const Part& part = node.parts[i];
      if (!is_small(part.target)) {
        append_part(parts, part);
        continue;
      }
      const std::uint32_t high =
          i + 1 < node.parts.size() ? node.parts[i + 1].low - 1 : node.highest;
      const std::vector<Part>& inner = graph.nodes[part.target].parts;
      for (std::size_t k = 0; k < inner.size(); ++k) {
        const bool ends_before = k + 1 < inner.size() && inner[k + 1].low <= part.low;
        if (ends_before || inner[k].low > high) continue;
        append_part(parts, {std::max(inner[k].low, part.low), inner[k].target});
      }
    }
    node.parts = std::move(parts);
  }
}

}  // namespace

void merge_regions(Graph& graph) {
  // Most often that is all, and there is no need of intervals.
  if (!has_regions(graph)) return;
  copy_small_partitions(graph);
  if (!has_regions(graph)) return;
  Merger(graph).run();
  copy_small_partitions(graph);
}

}  // namespace bpfc::sets
