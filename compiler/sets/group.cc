// A chain is a row of nodes each of which leads to one place T, or on to the next: `or` makes them
// with T = accept, `and` with T = reject. Its tests may change places as long as none of them is
// the first to load a byte: a packet that is too short ends there, while a test before it may
// accept. So a chain is cut where a test loads what may not be there, and within a piece the tests
// of one value are brought together and become one partition.
//
//   ip host A or B or C:  s = A, | d = A, s = B, d = B, s = C, d = C
//                         s = A, | d in {A, B, C}, s in {B, C}
//
// Where T rejects, as a missing byte does, the chain is one piece.
#include <algorithm>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>

#include "compiler/sets/partition_graph.h"

namespace bpfc::sets {
namespace {

struct Stretch {
  std::uint32_t low;
  std::uint32_t high;
};

class Grouper {
 public:
  Grouper(Graph& graph, const ir::ValueTable& values, const Intervals& intervals,
          const std::vector<Covered>& covered)
      : graph_(graph),
        values_(values),
        intervals_(intervals),
        covered_(covered),
        predecessors_(predecessors(graph)),
        done_(graph.nodes.size(), false) {}

  bool run() {
    bool changed = false;
    for (Index i = graph_.root + 1; i-- > 0;) {
      if (predecessors_[i] == 0 || done_[i]) continue;
      const auto exits = two_exits(i);
      if (!exits) continue;
      Index exit = exits->first;
      std::vector<Index> chain = chain_to(i, exit);
      std::vector<Index> other = chain_to(i, exits->second);
      if (other.size() > chain.size()) {
        chain = std::move(other);
        exit = exits->second;
      }
      if (!repeats_a_value(chain)) continue;
      rebuild(chain, exit);
      changed = true;
    }
    return changed;
  }

 private:
  // Where a node leads that has two ways out.
  std::optional<std::pair<Index, Index>> two_exits(Index i) const {
    const Node& node = graph_.nodes[i];
    if (!node.is_partition()) {
      if (node.plain.kind != ir::NodeKind::kDecide || node.plain.then == node.plain.otherwise) {
        return std::nullopt;
      }
      return std::pair{node.plain.then, node.plain.otherwise};
    }
    if (node.parts.size() < 2) return std::nullopt;
    const Index first = node.parts[0].target;
    const Index second = node.parts[1].target;
    for (std::size_t k = 2; k < node.parts.size(); ++k) {
      if (node.parts[k].target != (k % 2 == 0 ? first : second)) return std::nullopt;
    }
    return std::pair{first, second};
  }

  Index onward(Index i, Index exit) const {
    const auto exits = *two_exits(i);
    return exits.first == exit ? exits.second : exits.first;
  }

  // Empty if it would be no longer than its head.
  std::vector<Index> chain_to(Index head, Index exit) const {
    std::vector<Index> chain;
    for (Index next = onward(head, exit);; next = onward(next, exit)) {
      if (predecessors_[next] != 1 || done_[next]) break;
      const auto exits = two_exits(next);
      if (!exits || (exits->first != exit && exits->second != exit)) break;
      if (chain.empty()) chain.push_back(head);
      chain.push_back(next);
    }
    return chain;
  }

  // Otherwise there is nothing to bring together.
  bool repeats_a_value(const std::vector<Index>& chain) const {
    std::vector<ir::ValueIndex> values;
    for (const Index i : chain) {
      if (graph_.nodes[i].is_partition()) values.push_back(graph_.nodes[i].value);
    }
    std::sort(values.begin(), values.end());
    return std::adjacent_find(values.begin(), values.end()) != values.end();
  }

  void compute(Covered& covered, const Node& node) const {
    if (node.is_partition()) {
      covered.add(values_, intervals_, node.value);
    } else {
      covered.add(values_, intervals_, node.plain.left);
      covered.add(values_, intervals_, node.plain.right);
    }
  }

  bool may_fail(const Covered& covered, const Node& node) const {
    if (node.is_partition()) return !covered.covers(values_, intervals_, node.value);
    return !covered.covers(values_, intervals_, node.plain.left) ||
           !covered.covers(values_, intervals_, node.plain.right);
  }

  // The chain's indices descend, and everything that it leads to stands below them: whatever stands
  // at which, the graph stays ordered.
  void rebuild(const std::vector<Index>& chain, Index exit) {
    const Index end = onward(chain.back(), exit);
    const bool free = graph_.is_rejection(exit);
    Covered covered = covered_[graph_.nodes[chain.front()].origin];
    // Nodes in their new order. Those whose exit is `exit` stay; where they go on is set below.
    std::vector<Node> row;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= chain.size(); ++i) {
      const bool cut = i == chain.size() || (!free && may_fail(covered, graph_.nodes[chain[i]]));
      if (cut && i > begin) {
        group(std::span(chain).subspan(begin, i - begin), exit, row);
        begin = i;
      }
      if (i < chain.size()) compute(covered, graph_.nodes[chain[i]]);
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Index next = i + 1 < row.size() ? chain[i + 1] : end;
      lead_on(row[i], exit, next);
      graph_.nodes[chain[i]] = std::move(row[i]);
    }
    for (const Index i : chain) done_[i] = true;
  }

  // Appends the piece's nodes, those of one value as one.
  void group(std::span<const Index> piece, Index exit, std::vector<Node>& row) const {
    std::unordered_map<ir::ValueIndex, std::size_t> group_of_value;
    std::vector<std::vector<Index>> groups;
    for (const Index i : piece) {
      const Node& node = graph_.nodes[i];
      std::size_t place = groups.size();
      if (node.is_partition()) place = group_of_value.try_emplace(node.value, place).first->second;
      if (place == groups.size()) groups.emplace_back();
      groups[place].push_back(i);
    }
    for (const std::vector<Index>& members : groups) {
      row.push_back(members.size() == 1 ? graph_.nodes[members.front()] : join(members, exit));
    }
  }

  // One partition whose parts that lead to `exit` are those of all members.
  Node join(const std::vector<Index>& members, Index exit) const {
    std::vector<Stretch> taken;
    for (const Index i : members) {
      const Node& node = graph_.nodes[i];
      for (std::size_t k = 0; k < node.parts.size(); ++k) {
        if (node.parts[k].target != exit) continue;
        const bool last = k + 1 == node.parts.size();
        taken.push_back({node.parts[k].low, last ? node.highest : node.parts[k + 1].low - 1});
      }
    }
    std::sort(taken.begin(), taken.end(),
              [](const Stretch& a, const Stretch& b) { return a.low < b.low; });
    Node joined = graph_.nodes[members.front()];
    joined.parts.clear();
    std::uint64_t open = 0;  // the first number that is in no part yet
    for (const Stretch& interval : taken) {
      if (interval.low > open) append_part(joined.parts, {static_cast<std::uint32_t>(open), kNone});
      append_part(joined.parts, {interval.low, exit});
      open = std::max(open, std::uint64_t{interval.high} + 1);
    }
    if (open <= joined.highest) {
      append_part(joined.parts, {static_cast<std::uint32_t>(open), kNone});
    }
    return joined;
  }

  static void lead_on(Node& node, Index exit, Index next) {
    if (node.is_partition()) {
      for (Part& part : node.parts) {
        if (part.target != exit) part.target = next;
      }
    } else if (node.plain.then == exit) {
      node.plain.otherwise = next;
    } else {
      node.plain.then = next;
    }
  }

  Graph& graph_;
  const ir::ValueTable& values_;
  const Intervals& intervals_;
  const std::vector<Covered>& covered_;
  std::vector<std::uint32_t> predecessors_;
  std::vector<bool> done_;
};

}  // namespace

bool group_chains(Graph& graph, const ir::ValueTable& values, const Intervals& intervals,
                  const std::vector<Covered>& covered) {
  return Grouper(graph, values, intervals, covered).run();
}

}  // namespace bpfc::sets
