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
#include <array>
#include <optional>
#include <unordered_map>

#include "compiler/covered.h"
#include "compiler/pass.h"

namespace bpfc {
namespace {

using ir::kNoNode;
using ir::kNoValue;
using ir::NodeIndex;
using ir::ValueIndex;

// A and X hold no more.
constexpr std::size_t kMostRenamed = 2;
// Visits by which all attempts together are bounded, for each node.
constexpr std::size_t kVisitsANode = 16;
// An instruction in the program counts as the fiftieth part of one that is executed.
constexpr std::size_t kLeastForTwo = 75;
// In larger graphs nobody compares all nodes with each other.
constexpr NodeIndex kSmallGraph = 100;

// What must be called `as` where the second of two alike parts is entered, `is` where the first is.
struct Renaming {
  ValueIndex is = kNoValue;
  ValueIndex as = kNoValue;

  friend bool operator==(const Renaming&, const Renaming&) = default;
};

// How two parts are alike.
struct Likeness {
  std::vector<Renaming> renamed;
  std::vector<std::pair<NodeIndex, NodeIndex>> nodes;  // of the first and the second part
  std::vector<ValueIndex> kept;                        // values of nodes of both, as they are
  // Where they lead that is not alike, if it is one place for each.
  NodeIndex exit_of_first = kNoNode;
  NodeIndex exit_of_second = kNoNode;

  bool parts_ways() const { return exit_of_first != kNoNode; }
};

bool contains(const ir::ValueTable& values, ValueIndex whole, ValueIndex part) {
  if (whole == kNoValue || whole < part) return false;
  if (whole == part) return true;
  return contains(values, values[whole].left, part) || contains(values, values[whole].right, part);
}

// A value with some values replaced by others.
ValueIndex replaced(ir::ValueTable& values, ValueIndex index,
                    const std::vector<std::pair<ValueIndex, ValueIndex>>& by) {
  if (index == kNoValue) return index;
  for (const auto& [what, with] : by) {
    if (index == what) return with;
  }
  const ir::Value value = values[index];
  switch (value.kind) {
    case ir::ValueKind::kLoad:
      return values.load(value.size, replaced(values, value.left, by), value.k);
    case ir::ValueKind::kAlu:
      return values.alu(value.op, replaced(values, value.left, by),
                        replaced(values, value.right, by));
    default:
      return index;
  }
}

class Tails {
 public:
  Tails(ir::Graph graph, const PassContext& context)
      : graph_(std::move(graph)),
        intervals_(graph_),
        covered_(covered_at_nodes(graph_, intervals_)),
        reached_(graph_.reachable()),
        least_gain_(context.optimization == Optimization::kSize ? 1 : 3),
        least_for_two_(context.optimization == Optimization::kSize ? 0 : kLeastForTwo) {}

  ir::Graph run() {
    find_shapes();
    budget_ = kVisitsANode * (graph_.root + 1);
    std::unordered_map<std::uint64_t, NodeIndex> first_of_shape;
    taken_.assign(graph_.root + 1, false);
    merge_of_.assign(graph_.root + 1, kNoMerge);
    count_entries();
    for (NodeIndex i = graph_.root + 1; i-- > 0;) {
      if (!reached_[i] || taken_[i] || graph_[i].kind != ir::NodeKind::kDecide) continue;
      const auto [known, added] = first_of_shape.try_emplace(shape_[i], i);
      if (added) {
        if (graph_.root < kSmallGraph) merge_with_exits(i);
        continue;
      }
      if (merge_of_[known->second] != kNoMerge) {
        join(merges_[merge_of_[known->second]], i);
      } else if (!taken_[known->second]) {
        merge(known->second, i);
      }
    }
    if (merges_.empty()) return std::move(graph_);
    return rebuild();
  }

 private:
  static constexpr std::uint32_t kNoMerge = ~std::uint32_t{0};

  struct Entry {
    NodeIndex node = kNoNode;
    std::vector<ValueIndex> assigned;  // by cell
  };
  // Alike parts: of the first all nodes, of the others where they are entered.
  struct Merge {
    bool by_base = false;
    std::vector<NodeIndex> nodes;
    std::vector<ValueIndex> renamed;   // the first part's values that become cells
    std::vector<std::uint32_t> cells;  // for them
    std::vector<Entry> entries;        // that of the first part is the first
    // Where the parts' ways are not alike in the end: the test that says whose way it is.
    NodeIndex fork = kNoNode;
    NodeIndex then = kNoNode;
    NodeIndex otherwise = kNoNode;
    NodeIndex exit_of_first = kNoNode;
  };

  std::uint64_t skeleton(ValueIndex index) const {
    return index == kNoValue ? 1 : skeletons_[index];
  }

  // Hashes of values without their offsets, and of nodes with all that follows.
  void find_shapes() {
    const ir::ValueTable& values = graph_.values;
    skeletons_.resize(values.size());
    for (ValueIndex i = 0; i < values.size(); ++i) {
      const ir::Value& value = values[i];
      std::uint64_t hash = mix(static_cast<std::uint64_t>(value.kind), value.size);
      if (value.kind != ir::ValueKind::kLoad) {
        hash = mix(mix(hash, static_cast<std::uint64_t>(value.op) << 32U | value.k),
                   mix(skeleton(value.left), skeleton(value.right)));
      }
      skeletons_[i] = hash;
    }
    shape_.resize(graph_.root + 1);
    for (NodeIndex i = 0; i <= graph_.root; ++i) {
      const ir::Node& node = graph_[i];
      const auto next = [&](NodeIndex successor) {
        return successor == kNoNode ? 3 : shape_[successor];
      };
      std::uint64_t hash = mix(
          static_cast<std::uint64_t>(node.kind) << 8U | static_cast<std::uint64_t>(node.comparison),
          node.k);
      hash = mix(hash, mix(skeleton(node.left), skeleton(node.right)));
      shape_[i] = mix(mix(hash, next(node.then)), next(node.otherwise) + 1);
    }
  }

  // Whether the second value is the first with loads renamed; by their bases, or as a whole.
  bool alike(ValueIndex first, ValueIndex second, bool by_base, Likeness& found) {
    if (first == second) {
      if (first != kNoValue) found.kept.push_back(first);
      return true;
    }
    if (first == kNoValue || second == kNoValue) return false;
    const ir::Value a = graph_.values[first];
    const ir::Value b = graph_.values[second];
    if (a.kind != b.kind) return false;
    if (a.kind == ir::ValueKind::kLoad) {
      if (a.size != b.size) return false;
      if (!by_base) return rename({first, second}, found.renamed);
      const auto bases = base_renaming(a, b);
      return bases && rename(*bases, found.renamed);
    }
    return a.kind == ir::ValueKind::kAlu && a.op == b.op && alike(a.left, b.left, by_base, found) &&
           alike(a.right, b.right, by_base, found);
  }

  // Loads at offsets that differ by what their bases differ by.
  std::optional<Renaming> base_renaming(const ir::Value& a, const ir::Value& b) {
    const auto plain = [](const ir::Value& load) {
      return load.left == kNoValue && std::uint64_t{load.k} + load.size <= ir::kPlainAddresses;
    };
    if (a.left != kNoValue && b.left != kNoValue) {
      if (a.k != b.k) return std::nullopt;
      return Renaming{a.left, b.left};
    }
    if (a.left != kNoValue && plain(b) && b.k >= a.k) {
      return Renaming{a.left, graph_.values.constant(b.k - a.k)};
    }
    return std::nullopt;
  }

  static bool rename(const Renaming& renaming, std::vector<Renaming>& renamed) {
    for (const Renaming& known : renamed) {
      if (known == renaming) return true;
      if (known.is == renaming.is || known.as == renaming.as) return false;
    }
    if (renamed.size() == kMostRenamed) return false;
    renamed.push_back(renaming);
    return true;
  }

  bool nodes_alike(const ir::Node& a, const ir::Node& b, bool by_base, Likeness& found) {
    if (a.kind != ir::NodeKind::kDecide || b.kind != ir::NodeKind::kDecide ||
        a.comparison != b.comparison) {
      return false;
    }
    const std::size_t renamed = found.renamed.size();
    const std::size_t kept = found.kept.size();
    if (alike(a.left, b.left, by_base, found) && alike(a.right, b.right, by_base, found)) {
      return true;
    }
    found.renamed.resize(renamed);
    found.kept.resize(kept);
    return false;
  }

  // `exits`: they may lead to different places in the end.
  std::optional<Likeness> likeness(NodeIndex first, NodeIndex second, bool by_base, bool exits) {
    Likeness found;
    ++attempt_;
    partner_.resize(graph_.root + 1);
    partner_of_second_.resize(graph_.root + 1);
    std::vector<std::pair<NodeIndex, NodeIndex>> pending = {{first, second}};
    while (!pending.empty()) {
      const auto [a, b] = pending.back();
      pending.pop_back();
      if (a == kNoNode || b == kNoNode || budget_ == 0) return std::nullopt;
      --budget_;
      Partner& of_first = partner_[a];
      Partner& of_second = partner_of_second_[b];
      const bool known = of_first.attempt == attempt_;
      if (known != (of_second.attempt == attempt_)) return std::nullopt;
      if (known) {
        if (of_first.node != b || of_second.node != a) return std::nullopt;
        continue;
      }
      of_first = {attempt_, b};
      of_second = {attempt_, a};
      // What both lead to is no part of either.
      if (a == b) continue;
      const ir::Node& x = graph_[a];
      const ir::Node& y = graph_[b];
      if (!nodes_alike(x, y, by_base, found) || taken_[b]) {
        // Once, at the end of both, there may be another way for each.
        const bool first_exit = !found.parts_ways();
        const bool same_exit = found.exit_of_first == a && found.exit_of_second == b;
        if (!exits || found.nodes.empty() || !(first_exit || same_exit)) return std::nullopt;
        found.exit_of_first = a;
        found.exit_of_second = b;
        continue;
      }
      found.nodes.emplace_back(a, b);
      pending.emplace_back(x.then, y.then);
      pending.emplace_back(x.otherwise, y.otherwise);
    }
    // A value that both test may not hold one that becomes a cell.
    for (const ValueIndex kept : found.kept) {
      for (const Renaming& renaming : found.renamed) {
        if (contains(graph_.values, kept, renaming.is)) return std::nullopt;
      }
    }
    return found;
  }

  // Whether the value has been computed before the node, or by it.
  bool computed_at(NodeIndex index, ValueIndex value) const {
    Covered covered = covered_[index];
    for (const ValueIndex own : {graph_[index].left, graph_[index].right}) {
      if (own != kNoValue) covered.add(graph_.values, intervals_, own);
    }
    return covered.covers(graph_.values, intervals_, value);
  }

  // What the second part alone needs can go: its nodes that nothing else leads to.
  std::size_t nodes_saved(const Likeness& likeness) const {
    std::vector<NodeIndex> inner;
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

  bool can_assign(NodeIndex index, ValueIndex value) const {
    return graph_.values.facts(value).cells == 0 && computed_at(index, value);
  }

  bool pays(const Likeness& found, bool by_base) const {
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
    const auto found = likeness(first, second, by_base, false);
    if (!found || !pays(*found, by_base)) return false;
    return add_merge(first, second, by_base, *found, kNoNode);
  }

  // With a part whose ways are different in the end, where a test in front of both says which.
  void merge_with_exits(NodeIndex node) {
    for (NodeIndex other = graph_.root + 1; --other > node;) {
      if (!reached_[other] || taken_[other] || graph_[other].kind != ir::NodeKind::kDecide)
        continue;
      if (graph_[other].comparison != graph_[node].comparison ||
          graph_[other].right != graph_[node].right ||
          skeleton(graph_[other].left) != skeleton(graph_[node].left)) {
        continue;
      }
      const NodeIndex fork = fork_of(other, node);
      if (fork == kNoNode) continue;
      for (const auto& [first, second] : {std::pair{other, node}, std::pair{node, other}}) {
        const auto found = likeness(first, second, true, true);
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
    Merge merge;
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
    if (fork == kNoNode)
      merge_of_[first] = merge_of_[second] = static_cast<std::uint32_t>(merges_.size());
    merges_.push_back(std::move(merge));
    return true;
  }

  // One part more that is like the others.
  void join(Merge& merge, NodeIndex node) {
    const NodeIndex first = merge.entries.front().node;
    const auto found = likeness(first, node, merge.by_base, false);
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
  std::size_t loads_of(const Likeness& likeness) const {
    std::vector<ValueIndex> seen;
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

  ir::Graph rebuild() {
    std::vector<ir::Node> nodes(graph_.root + 1);
    for (NodeIndex i = 0; i <= graph_.root; ++i) nodes[i] = graph_[i];
    std::unordered_map<NodeIndex, const Merge*> entered;
    for (const Merge& merge : merges_) {
      for (const Entry& entry : merge.entries) entered.emplace(entry.node, &merge);
    }
    const NodeIndex root = graph_.root;
    const std::uint32_t cell_count = graph_.cell_count;
    ir::Graph result = std::move(graph_).without_nodes();
    result.cell_count = cell_count;
    std::vector<NodeIndex> image(root + 1, kNoNode);
    // A node is built once all that it leads to is: an entry, once all that its part leads to is.
    std::vector<NodeIndex> pending = {root};
    std::vector<NodeIndex> needed;
    while (!pending.empty()) {
      const NodeIndex i = pending.back();
      const auto merge = entered.find(i);
      needed.clear();
      if (image[i] == kNoNode) {
        if (merge == entered.end()) {
          for (const NodeIndex next : {nodes[i].then, nodes[i].otherwise}) needed.push_back(next);
        } else {
          exits_of(nodes, *merge->second, needed);
        }
        std::erase_if(needed,
                      [&](NodeIndex next) { return next == kNoNode || image[next] != kNoNode; });
        if (!needed.empty()) {
          pending.insert(pending.end(), needed.begin(), needed.end());
          continue;
        }
        if (merge == entered.end()) {
          image[i] = copy(result, nodes[i], image);
        } else {
          add_merged(result, nodes, *merge->second, image);
        }
      }
      pending.pop_back();
    }
    result.root = image[root];
    return result;
  }

  static NodeIndex copy(ir::Graph& result, const ir::Node& node,
                        const std::vector<NodeIndex>& image) {
    switch (node.kind) {
      case ir::NodeKind::kReturn:
        return result.add_return(node.k);
      case ir::NodeKind::kDecide:
        return result.decide(node.comparison, node.left, node.right, image[node.then],
                             image[node.otherwise]);
      case ir::NodeKind::kAssign:
        return result.assign(node.k, node.left, image[node.then]);
      case ir::NodeKind::kRequire:
        return node.left == kNoValue ? result.require_bytes(node.k, image[node.then])
                                     : result.require_value(node.left, image[node.then]);
    }
    return kNoNode;
  }

  // What the merged part leads to.
  static void exits_of(const std::vector<ir::Node>& nodes, const Merge& merge,
                       std::vector<NodeIndex>& exits) {
    std::vector<NodeIndex> inside = merge.nodes;
    std::sort(inside.begin(), inside.end());
    for (const NodeIndex i : inside) {
      for (const NodeIndex next : {nodes[i].then, nodes[i].otherwise}) {
        if (!std::binary_search(inside.begin(), inside.end(), next)) exits.push_back(next);
      }
    }
    if (merge.fork == kNoNode) return;
    exits.push_back(merge.then);
    exits.push_back(merge.otherwise);
  }

  // The part itself, with cells, and what assigns them in front of it.
  static void add_merged(ir::Graph& result, const std::vector<ir::Node>& nodes, const Merge& merge,
                         std::vector<NodeIndex>& image) {
    std::vector<std::pair<ValueIndex, ValueIndex>> by;
    for (std::size_t c = 0; c < merge.cells.size(); ++c) {
      by.emplace_back(merge.renamed[c], result.values.cell(merge.cells[c]));
    }
    std::vector<NodeIndex> order = merge.nodes;
    std::sort(order.begin(), order.end());
    std::unordered_map<NodeIndex, NodeIndex> shared;
    if (merge.fork != kNoNode) {
      const ir::Node& fork = nodes[merge.fork];
      shared[merge.exit_of_first] = result.decide(fork.comparison, fork.left, fork.right,
                                                  image[merge.then], image[merge.otherwise]);
    }
    const auto next = [&](NodeIndex successor) {
      const auto inside = shared.find(successor);
      return inside == shared.end() ? image[successor] : inside->second;
    };
    for (const NodeIndex i : order) {
      const ir::Node& node = nodes[i];
      shared[i] = result.decide(node.comparison, replaced(result.values, node.left, by),
                                replaced(result.values, node.right, by), next(node.then),
                                next(node.otherwise));
    }
    for (const Entry& entry : merge.entries) {
      NodeIndex at = shared.at(merge.entries.front().node);
      // What is tested first is assigned last: it is in A then.
      for (std::size_t c = 0; c < merge.cells.size(); ++c) {
        at = result.assign(merge.cells[c], entry.assigned[c], at);
      }
      image[entry.node] = at;
    }
  }

  // Of the attempt of this number.
  struct Partner {
    std::uint32_t attempt = 0;
    NodeIndex node = kNoNode;
  };

  ir::Graph graph_;
  Intervals intervals_;
  std::vector<Covered> covered_;
  std::vector<bool> reached_;
  std::size_t least_gain_;
  std::size_t least_for_two_;
  std::vector<std::uint64_t> skeletons_;
  std::vector<std::uint64_t> shape_;
  std::vector<std::uint32_t> entries_;
  std::vector<ValueIndex> at_hand_;
  std::vector<NodeIndex> only_entry_;  // of nodes with one entry
  std::vector<bool> taken_;
  std::vector<std::uint32_t> merge_of_;  // by entry of a part
  std::vector<Merge> merges_;
  std::size_t budget_ = 0;
  std::uint32_t attempt_ = 0;
  std::vector<Partner> partner_;
  std::vector<Partner> partner_of_second_;
};

}  // namespace

ir::Graph share_tails(ir::Graph graph, const PassContext& context) {
  return Tails(std::move(graph), context).run();
}

}  // namespace bpfc
