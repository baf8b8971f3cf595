// Does: two parts of the graph that differ only in the values that they test become one, which
//   tests cells; what leads there assigns them first.
// Needs: sets; what is alike has its final form.
// Keeps: where a load may end the filter: a value is assigned where it was computed anyway.
// Shrinks: the number of nodes.
//
// The ports of `tcp port 80` behind an IPv4 header of any length, and behind the 40 bytes of IPv6:
//
//   [x + 14] = 80 ? T : [x + 16] = 80 ? T : F       x = 4*([14]&0xf)
//   [54] = 80 ? T : [56] = 80 ? T : F
//
// are one piece behind c = 4*([14]&0xf) and c = 40. Where the offset does not say it, the loaded
// values themselves are the cells: hosts in IPv4 and ARP test other bytes by the same search, with
// the destination in A and the source in X.
#include <algorithm>
#include <optional>

#include "compiler/covered.h"
#include "compiler/pass.h"
#include "compiler/tails/likeness.h"
#include "compiler/tails/merged_part.h"

namespace bpfc {
namespace {

using ir::kNoNode;
using ir::kNoValue;
using ir::NodeIndex;
using ir::ValueIndex;
using tails::Entry;
using tails::Likeness;
using tails::MergedPart;
using tails::Renamed;
using tails::Renaming;

// An instruction in the program counts as the fiftieth part of one that is executed.
constexpr std::size_t kLeastForTwo = 75;
// In larger graphs nobody compares all nodes with each other.
constexpr NodeIndex kSmallGraph = 100;

class Tails {
 public:
  Tails(ir::Graph graph, const PassContext& context)
      : graph_(std::move(graph)),
        reached_(graph_.reachable()),
        likenesses_(graph_),
        least_gain_(context.optimization == Optimization::kSize ? 1 : 3),
        least_for_two_(context.optimization == Optimization::kSize ? 0 : kLeastForTwo) {}

  ir::Graph run() {
    find_shapes();
    taken_.assign(graph_.root + 1, false);
    merge_of_.assign(graph_.root + 1, kNoMerge);
    count_entries();
    for (NodeIndex i = graph_.root + 1; i-- > 0;) {
      if (!reached_[i] || taken_[i] || graph_[i].kind != ir::NodeKind::kDecide) continue;
      NodeIndex& first = first_of(likenesses_.shape(i));
      if (first == kNoNode) {
        first = i;
        if (graph_.root < kSmallGraph) merge_with_exits(i);
        continue;
      }
      if (merge_of_[first] != kNoMerge) {
        join(merges_[merge_of_[first]], i);
      } else if (!taken_[first]) {
        merge(first, i);
      }
    }
    if (merges_.empty()) return std::move(graph_);
    return tails::with_merged_parts(std::move(graph_), merges_);
  }

 private:
  static constexpr std::uint32_t kNoMerge = ~std::uint32_t{0};

  struct Known {
    explicit Known(const ir::Graph& graph)
        : intervals(graph), covered(covered_at_nodes(graph, intervals)) {}

    Intervals intervals;
    std::vector<Covered> covered;
  };

  void find_shapes() {
    shapes_.reserve(graph_.root + std::size_t{1});
    for (NodeIndex i = 0; i <= graph_.root; ++i) shapes_.push_back(likenesses_.shape(i));
    std::sort(shapes_.begin(), shapes_.end());
    shapes_.erase(std::unique(shapes_.begin(), shapes_.end()), shapes_.end());
    first_of_shape_.assign(shapes_.size(), kNoNode);
  }
  // The first node of the shape that was met.
  NodeIndex& first_of(std::uint64_t shape) {
    const auto place = std::lower_bound(shapes_.begin(), shapes_.end(), shape) - shapes_.begin();
    return first_of_shape_[static_cast<std::size_t>(place)];
  }

  // Whether the value has been computed before the node, or by it.
  bool computed_at(NodeIndex index, ValueIndex value) {
    if (!known_) known_.emplace(graph_);
    Covered covered = known_->covered[index];
    for (const ValueIndex own : {graph_[index].left, graph_[index].right}) {
      if (own != kNoValue) covered.add(graph_.values, known_->intervals, own);
    }
    return covered.covers(graph_.values, known_->intervals, value);
  }

  // What the second part alone needs can go: its nodes that nothing else leads to.
  std::size_t nodes_saved(const Likeness& likeness) {
    std::vector<NodeIndex>& inner = scratch_;
    inner.clear();
    for (const auto& [a, b] : likeness.nodes) {
      for (const NodeIndex next : {graph_[b].then, graph_[b].otherwise}) inner.push_back(next);
    }
    std::sort(inner.begin(), inner.end());
    std::size_t saved = 0;
    for (const auto& [a, b] : likeness.nodes) {
      const auto [first, last] = std::equal_range(inner.begin(), inner.end(), b);
      const bool entry = b == likeness.nodes.front().second;
      if (entry || static_cast<std::uint32_t>(last - first) == entries_[b]) ++saved;
    }
    return saved;
  }

  bool can_assign(NodeIndex index, ValueIndex value) {
    return graph_.values.facts(value).cells == 0 && computed_at(index, value);
  }

  bool pays(const Likeness& found, bool by_base) {
    // A base is loaded again by its own instruction; a second value goes through X.
    const std::size_t loads = by_base ? loads_of(found) : 0;
    const std::size_t price = by_base ? 2 : found.renamed.size() == 1 ? 1 : 3;
    const std::size_t gain = nodes_saved(found) + loads;
    // Two values take a store and a load more on each way.
    if (!by_base && found.renamed.size() > 1 && gain < least_for_two_) return false;
    if (gain >= price + least_gain_) return true;
    // Where the value is at hand on all ways in, they only lead elsewhere.
    const auto at_hand = [&](NodeIndex node, ValueIndex value) {
      return at_hand_[node] == value && graph_[node].left == value;
    };
    return !by_base && found.renamed.size() == 1 && gain > 0 &&
           at_hand(found.nodes.front().first, found.renamed.front().is) &&
           at_hand(found.nodes.front().second, found.renamed.front().as);
  }

  void merge(NodeIndex first, NodeIndex second) {
    if (merge_as(first, second, true) || merge_as(second, first, true)) return;
    merge_as(first, second, false);
  }

  bool merge_as(NodeIndex first, NodeIndex second, bool by_base) {
    const Likeness* const found =
        likenesses_.find(first, second, by_base ? Renamed::kBases : Renamed::kLoads, false, taken_);
    if (!found || !pays(*found, by_base)) return false;
    return add_merge(first, second, by_base, *found, kNoNode);
  }

  // With a part whose ways are different in the end, where a test in front of both says which.
  void merge_with_exits(NodeIndex node) {
    for (NodeIndex other = graph_.root + 1; --other > node;) {
      if (!reached_[other] || taken_[other] || !likenesses_.test_alike(other, node)) continue;
      const NodeIndex fork = fork_of(other, node);
      if (fork == kNoNode) continue;
      for (const auto& [first, second] : {std::pair{other, node}, std::pair{node, other}}) {
        const Likeness* const found =
            likenesses_.find(first, second, Renamed::kBases, true, taken_);
        if (!found || !found->parts_ways() || found->renamed.size() != 1) continue;
        // `ldx` and `ja`, and the test again, which seldom is reached.
        constexpr std::size_t kPrice = 4;
        if (nodes_saved(*found) + loads_of(*found) < kPrice + least_gain_ - 1) continue;
        if (add_merge(first, second, true, *found, fork)) return;
      }
    }
  }

  // The test whose one way all that reaches the one node has gone, and whose other way all that
  // reaches the other. Sought where the ways to them do not meet others.
  NodeIndex fork_of(NodeIndex first, NodeIndex second) const {
    constexpr int kMostSteps = 16;
    for (const NodeIndex from : {first, second}) {
      NodeIndex at = from;
      const NodeIndex target = from == first ? second : first;
      for (int step = 0; step < kMostSteps && entries_[at] == 1; ++step) {
        const NodeIndex before = only_entry_[at];
        const ir::Node& node = graph_[before];
        // Cells may be other ones by then.
        if (node.kind == ir::NodeKind::kDecide && !reads_cells(node)) {
          const NodeIndex other_way = node.then == at ? node.otherwise : node.then;
          if (comes_through(target, other_way)) return before;
        }
        at = before;
      }
    }
    return kNoNode;
  }

  bool reads_cells(const ir::Node& test) const {
    return (graph_.values.facts(test.left).cells | graph_.values.facts(test.right).cells) != 0;
  }

  // Whether every way to the node goes through `gate`, whose only entry is the one that is meant.
  bool comes_through(NodeIndex node, NodeIndex gate) const {
    constexpr int kMostSteps = 16;
    if (entries_[gate] != 1) return false;
    for (int step = 0; step < kMostSteps && node != gate; ++step) {
      if (entries_[node] != 1) return false;
      node = only_entry_[node];
    }
    return node == gate;
  }

  bool add_merge(NodeIndex first, NodeIndex second, bool by_base, const Likeness& found,
                 NodeIndex fork) {
    if (graph_.cell_count + found.renamed.size() > ir::kMaxCells) return false;
    MergedPart merge;
    merge.by_base = by_base;
    merge.fork = fork;
    if (fork != kNoNode) {
      const bool first_is_then = comes_through(first, graph_[fork].then);
      merge.then = first_is_then ? found.exit_of_first : found.exit_of_second;
      merge.otherwise = first_is_then ? found.exit_of_second : found.exit_of_first;
      merge.exit_of_first = found.exit_of_first;
    }
    Entry own{first, {}};
    Entry other{second, {}};
    for (const Renaming& renaming : found.renamed) {
      if (!can_assign(first, renaming.is) || !can_assign(second, renaming.as)) return false;
      merge.renamed.push_back(renaming.is);
      merge.cells.push_back(graph_.cell_count + static_cast<std::uint32_t>(merge.cells.size()));
      own.assigned.push_back(renaming.is);
      other.assigned.push_back(renaming.as);
    }
    graph_.cell_count += static_cast<std::uint32_t>(merge.cells.size());
    merge.entries = {std::move(own), std::move(other)};
    for (const auto& [a, b] : found.nodes) {
      merge.nodes.push_back(a);
      taken_[a] = taken_[b] = true;
    }
    if (fork == kNoNode) {
      merge_of_[first] = merge_of_[second] = static_cast<std::uint32_t>(merges_.size());
    }
    merges_.push_back(std::move(merge));
    return true;
  }

  // One part more that is like the others.
  void join(MergedPart& merge, NodeIndex node) {
    const NodeIndex first = merge.entries.front().node;
    const Likeness* const found = likenesses_.find(
        first, node, merge.by_base ? Renamed::kBases : Renamed::kLoads, false, taken_);
    if (!found || !pays(*found, merge.by_base)) return;
    // Where it is left, the others are too.
    if (!std::equal(found->nodes.begin(), found->nodes.end(), merge.nodes.begin(),
                    merge.nodes.end(),
                    [](const auto& both, NodeIndex a) { return both.first == a; })) {
      return;
    }
    Entry entry{node, merge.renamed};
    for (const Renaming& renaming : found->renamed) {
      const auto place = std::find(merge.renamed.begin(), merge.renamed.end(), renaming.is);
      if (place == merge.renamed.end() || !can_assign(node, renaming.as)) return;
      entry.assigned[static_cast<std::size_t>(place - merge.renamed.begin())] = renaming.as;
    }
    if (!std::all_of(entry.assigned.begin(), entry.assigned.end(),
                     [&](ValueIndex value) { return can_assign(node, value); })) {
      return;
    }
    // What is the same in this part may be a cell in the others.
    for (const auto& [a, b] : found->nodes) taken_[b] = true;
    merge.entries.push_back(std::move(entry));
  }

  // Changes of value on the way through the part.
  std::size_t loads_of(const Likeness& likeness) {
    std::vector<ValueIndex>& seen = scratch_;
    seen.clear();
    for (const auto& [a, b] : likeness.nodes) seen.push_back(graph_[a].left);
    std::sort(seen.begin(), seen.end());
    return static_cast<std::size_t>(std::unique(seen.begin(), seen.end()) - seen.begin());
  }

  // How many nodes lead to each, and the value that they all have tested, if it is one.
  void count_entries() {
    entries_.assign(graph_.root + 1, 0);
    at_hand_.assign(graph_.root + 1, kNoValue);
    only_entry_.assign(graph_.root + 1, kNoNode);
    for (NodeIndex i = 0; i <= graph_.root; ++i) {
      if (!reached_[i]) continue;
      for (const NodeIndex next : {graph_[i].then, graph_[i].otherwise}) {
        if (next == kNoNode) continue;
        const ValueIndex tested =
            graph_[i].kind == ir::NodeKind::kDecide ? graph_[i].left : kNoValue;
        if (entries_[next] == 0) {
          at_hand_[next] = tested;
        } else if (at_hand_[next] != tested) {
          at_hand_[next] = kNoValue;
        }
        ++entries_[next];
        only_entry_[next] = i;
      }
    }
  }

  ir::Graph graph_;
  std::optional<Known> known_;  // once there is something to merge
  std::vector<bool> reached_;
  tails::LikenessFinder likenesses_;
  std::size_t least_gain_;
  std::size_t least_for_two_;
  std::vector<std::uint64_t> shapes_;  // ascending
  std::vector<NodeIndex> first_of_shape_;
  std::vector<std::uint32_t> entries_;
  std::vector<ValueIndex> at_hand_;
  std::vector<NodeIndex> only_entry_;  // of nodes with one entry
  std::vector<bool> taken_;
  std::vector<std::uint32_t> merge_of_;  // by entry of a part
  std::vector<MergedPart> merges_;
  std::vector<std::uint32_t> scratch_;  // of what is counted just now
};

}  // namespace

ir::Graph share_tails(ir::Graph graph, const PassContext& context) {
  return Tails(std::move(graph), context).run();
}

}  // namespace bpfc
