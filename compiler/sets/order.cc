// What must hold together may be asked in any order, where it rejects otherwise and so does a
// missing byte. A test P in front of a piece N of tests moves behind it if that saves executed
// instructions:
//
//   cost(P) + share(P) * cost(N)    against    cost(N) + share(N) * cost(P)
//
// `tcp port 80` asks for the ports before it asks whether it is TCP and no fragment: most TCP is
// not to port 80, so most packets are done sooner.
#include <algorithm>
#include <cmath>
#include <optional>

#include "compiler/sets/partition_graph.h"

namespace bpfc::sets {
namespace {

constexpr std::size_t kMostNodes = 12;
// A test passes few of those in front of it, so few moves are enough.
constexpr int kMostMoves = 4;
// Executed instructions that a move has to save at least.
constexpr double kLeastGain = 0.1;

// The tests behind P that all lead to one exit, or reject.
struct Piece {
  std::vector<Index> nodes;  // descending; the first is where it begins
  Index exit = kNone;
};

class Orderer {
 public:
  Orderer(Graph& graph, const ir::ValueTable& values)
      : graph_(graph), values_(values), predecessors_(predecessors(graph)) {
    find_values_before();
  }

  void run() {
    for (Index i = 0; i <= graph_.root; ++i) {
      Index at = i;
      for (int move = 0; move < kMostMoves && predecessors_[at] != 0; ++move) {
        const Index next = only_way(at);
        if (next == kNone || predecessors_[next] != 1) break;
        const auto piece = piece_from(next);
        if (!piece || !may_stand_last(at, *piece) || !pays(at, *piece)) break;
        at = rotate(at, *piece);
      }
    }
  }

 private:
  // The value that all that leads to a node has tested just before: it is at hand.
  void find_values_before() {
    before_.assign(graph_.nodes.size(), ir::kNoValue);
    std::vector<bool> found(graph_.nodes.size(), false);
    for (Index i = graph_.root + 1; i-- > 0;) {
      if (predecessors_[i] == 0) continue;
      const ir::ValueIndex value = graph_.nodes[i].value;
      each_successor(graph_.nodes[i], [&](Index next) {
        if (found[next] && before_[next] != value) before_[next] = ir::kNoValue;
        if (!found[next]) before_[next] = value;
        found[next] = true;
      });
    }
  }

  // What need not be computed again for the node where `at` is.
  double at_hand(Index at, const Node& node) const {
    return node.is_partition() && node.value == before_[at] ? value_cost(node.value) : 0;
  }

  // Where a node leads that rejects otherwise.
  Index only_way(Index i) const {
    const Node& node = graph_.nodes[i];
    if (!node.is_partition() && node.plain.kind != ir::NodeKind::kDecide) return kNone;
    Index way = kNone;
    bool rejects = false;
    bool several = false;
    each_successor(node, [&](Index next) {
      if (graph_.is_rejection(next)) {
        rejects = true;
      } else {
        several = way != kNone;
        way = next;
      }
    });
    return rejects && !several ? way : kNone;
  }

  bool is_test(Index i) const {
    const Node& node = graph_.nodes[i];
    return node.is_partition() || node.plain.kind == ir::NodeKind::kDecide;
  }

  std::optional<Piece> piece_from(Index begin) const {
    Piece piece;
    std::vector<Index> exits = {begin};
    while (!exits.empty()) {
      // Of what is left, the highest index leads nowhere above the others.
      std::sort(exits.begin(), exits.end());
      exits.erase(std::unique(exits.begin(), exits.end()), exits.end());
      if (exits.size() == 1 && !piece.nodes.empty()) {
        piece.exit = exits.front();
        return piece;
      }
      const Index next = exits.back();
      exits.pop_back();
      if (piece.nodes.size() == kMostNodes || !is_test(next)) return std::nullopt;
      if (next != begin && entries_from(piece.nodes, next) != predecessors_[next]) {
        return std::nullopt;
      }
      piece.nodes.push_back(next);
      each_successor(graph_.nodes[next], [&](Index successor) {
        if (!graph_.is_rejection(successor)) exits.push_back(successor);
      });
    }
    return std::nullopt;
  }

  // Whether what it leads to stands below the piece's last node, whose place it gets.
  bool may_stand_last(Index at, const Piece& piece) const {
    bool below = true;
    each_successor(graph_.nodes[at], [&](Index next) {
      below = below && (next == piece.nodes.front() || next < piece.nodes.back());
    });
    return below;
  }

  std::uint32_t entries_from(const std::vector<Index>& nodes, Index to) const {
    std::uint32_t count = 0;
    for (const Index i : nodes) {
      each_successor(graph_.nodes[i], [&](Index next) { count += next == to ? 1 : 0; });
    }
    return count;
  }

  double value_cost(ir::ValueIndex index) const {
    if (index == ir::kNoValue) return 0;
    const ir::Value& value = values_[index];
    if (value.kind == ir::ValueKind::kLoad) return value.left == ir::kNoValue ? 1 : 2;
    if (value.kind != ir::ValueKind::kAlu) return 1;
    return 1 + value_cost(value.left) +
           (value.right != ir::kNoValue && !values_.constant_of(value.right)
                ? 1 + value_cost(value.right)
                : 0);
  }

  double node_cost(const Node& node) const {
    if (!node.is_partition()) return value_cost(node.plain.left) + 1;
    return value_cost(node.value) + std::log2(static_cast<double>(node.parts.size()));
  }

  // The share of packets that go on to `target`.
  double share(const Node& node, Index target) const {
    if (!node.is_partition()) {
      constexpr double kUnknown = 0.5;
      const bool then = node.plain.then == target;
      if (!then && node.plain.otherwise != target) return 0;
      if (node.weights.empty()) return kUnknown;
      const double guess = kUnknown * (1 - node.weights[0] - node.weights[1]);
      return node.weights[then ? 0 : 1] + guess;
    }
    return expected_share(values_, node, target);
  }

  bool pays(Index at, const Piece& piece) const {
    const Node& first = graph_.nodes[at];
    std::vector<double> reached(piece.nodes.size(), 0);
    reached[0] = 1;
    double cost = 0;
    double passing = 0;
    for (std::size_t k = 0; k < piece.nodes.size(); ++k) {
      const Node& node = graph_.nodes[piece.nodes[k]];
      cost += reached[k] * node_cost(node);
      each_successor(node, [&](Index next) {
        const double going = reached[k] * share(node, next);
        if (next == piece.exit) passing += going;
        const auto inside = std::find(piece.nodes.begin(), piece.nodes.end(), next);
        if (inside != piece.nodes.end()) {
          reached[static_cast<std::size_t>(inside - piece.nodes.begin())] += going;
        }
      });
    }
    const Node& next = graph_.nodes[piece.nodes.front()];
    const double now =
        node_cost(first) - at_hand(at, first) + share(first, piece.nodes.front()) * cost;
    const double moved = cost - at_hand(at, next) + passing * node_cost(first);
    return moved + kLeastGain < now;
  }

  // The piece's nodes move up by one place, and P to the last; returns its place.
  Index rotate(Index at, const Piece& piece) {
    std::vector<Index> places = {at};
    places.insert(places.end(), piece.nodes.begin(), piece.nodes.end());
    const Index last = places.back();
    Node moved = std::move(graph_.nodes[at]);
    retarget(moved, [&](Index next) { return next == piece.nodes.front() ? piece.exit : next; });
    const auto new_place = [&](Index next) {
      if (next == piece.exit) return last;
      const auto inside = std::find(piece.nodes.begin(), piece.nodes.end(), next);
      return inside == piece.nodes.end()
                 ? next
                 : places[static_cast<std::size_t>(inside - piece.nodes.begin())];
    };
    const std::uint32_t into_exit = entries_from(piece.nodes, piece.exit);
    std::vector<std::uint32_t> entries;
    for (const Index i : piece.nodes) entries.push_back(predecessors_[i]);
    for (std::size_t k = 0; k < piece.nodes.size(); ++k) {
      Node node = std::move(graph_.nodes[piece.nodes[k]]);
      retarget(node, new_place);
      graph_.nodes[places[k]] = std::move(node);
      if (k > 0) predecessors_[places[k]] = entries[k];
    }
    graph_.nodes[last] = std::move(moved);
    predecessors_[last] = into_exit;
    predecessors_[piece.exit] -= into_exit - 1;
    find_values_before(places);
    return last;
  }

  // The same behind nodes that have changed places.
  void find_values_before(const std::vector<Index>& places) {
    for (const Index place : places) {
      each_successor(graph_.nodes[place], [&](Index next) {
        if (graph_.is_rejection(next)) return;
        std::uint32_t alike = 0;
        for (const Index other : places) {
          if (graph_.nodes[other].value != graph_.nodes[place].value) continue;
          each_successor(graph_.nodes[other], [&](Index leads) { alike += leads == next ? 1 : 0; });
        }
        before_[next] = alike == predecessors_[next] ? graph_.nodes[place].value : ir::kNoValue;
      });
    }
  }

  template <typename Map>
  static void retarget(Node& node, Map map) {
    for (Part& part : node.parts) part.target = map(part.target);
    if (node.plain.then != ir::kNoNode) node.plain.then = map(node.plain.then);
    if (node.plain.otherwise != ir::kNoNode) node.plain.otherwise = map(node.plain.otherwise);
  }

  Graph& graph_;
  const ir::ValueTable& values_;
  std::vector<std::uint32_t> predecessors_;
  std::vector<ir::ValueIndex> before_;
};

}  // namespace

void order_conjunctions(Graph& graph, const ir::ValueTable& values) {
  Orderer(graph, values).run();
}

}  // namespace bpfc::sets
