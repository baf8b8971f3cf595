// Does: drops assignments that nothing reads, tests of which nothing depends, and bounds checks
// that
//   what stands before has made or what follows makes anyway.
// Needs: nothing; best last of the passes that move tests.
// Keeps: a check for each load whose value is dropped, unless what follows needs those bytes too.
// Shrinks: the number of nodes; one sweep from the returns to the root.
//
//   require 24 bytes -> [26:4] = 10.1.2.3 ? accept : reject
//
// A packet without 30 bytes is rejected whatever comes before, so the check for 24 is none. A Need
// says without which bytes all ways from a node reject: everything for a rejection, nothing for
// what accepts, and for a test what it loads itself and what both its ways need. It knows offsets
// from computed bases too: `ldb [x + 152]` needs what `ldb [x + 145]` would have checked.
#include <algorithm>

#include "compiler/covered.h"
#include "compiler/pass.h"
#include "compiler/requirement.h"

namespace bpfc {
namespace {

// The bytes without which all ways from a node reject.
struct Need {
  bool everything = false;  // they reject anyway
  Covered bytes;
};

Need both(const Need& left, const Need& right) {
  if (left.everything) return right;
  Need result = left;
  if (!right.everything) result.bytes.meet(right.bytes);
  return result;
}

class DeadCode {
 public:
  explicit DeadCode(ir::Graph graph)
      : source_(std::move(graph)),
        intervals_(source_),
        covered_(covered_at_nodes(source_, intervals_)),
        reached_(source_.reachable()) {
    find_ancillary();
  }

  ir::Graph run() {
    const ir::NodeIndex root = source_.root;
    nodes_.resize(root + 1);
    image_.assign(root + 1, ir::kNoNode);
    result_.values = source_.values;
    result_.cell_count = source_.cell_count;
    for (ir::NodeIndex i = 0; i <= root; ++i) {
      if (!reached_[i]) continue;
      const ir::Node& node = source_[i];
      switch (node.kind) {
        case ir::NodeKind::kReturn:
          nodes_[i].need.everything = node.k == 0;
          image_[i] = result_.add_return(node.k);
          break;
        case ir::NodeKind::kDecide:
          decide(i, node);
          break;
        case ir::NodeKind::kAssign:
          assign(i, node);
          break;
        case ir::NodeKind::kRequire:
          if (node.left != ir::kNoValue) {
            require_values(i, node);
          } else {
            require_bytes(i, node);
          }
          break;
      }
    }
    result_.root = image_[root];
    return std::move(result_);
  }

 private:
  struct State {
    Need need;
    std::uint64_t live = 0;  // cells that may be read from here on
  };

  void decide(ir::NodeIndex i, const ir::Node& node) {
    if (image_[node.then] == image_[node.otherwise] && !is_ancillary(node)) {
      require_values(i, node);
      return;
    }
    const State& then = nodes_[node.then];
    const State& otherwise = nodes_[node.otherwise];
    nodes_[i].live = then.live | otherwise.live | cells(node.left) | cells(node.right);
    nodes_[i].need = with_own(node, both(then.need, otherwise.need));
    image_[i] = result_.decide(node.comparison, node.left, node.right, image_[node.then],
                               image_[node.otherwise]);
  }

  void assign(ir::NodeIndex i, const ir::Node& node) {
    State& state = nodes_[i];
    const State& next = nodes_[node.then];
    const std::uint64_t cell = std::uint64_t{1} << node.k;
    if ((next.live & cell) == 0) {
      require_values(i, node);
      return;
    }
    state.live = (next.live & ~cell) | cells(node.left);
    state.need = next.need;
    state.need.bytes.forget_cell(source_.values, node.k);
    state.need = with_own(node, state.need);
    image_[i] = result_.assign(node.k, node.left, image_[node.then]);
  }

  // Of the node only what may fail in computing its values is left, if anything is.
  void require_values(ir::NodeIndex i, const ir::Node& node) {
    State& state = nodes_[i];
    const State& next = nodes_[node.then];
    bool made = true;
    bool needed = true;
    for (const ir::ValueIndex value : {node.left, node.right}) {
      if (value == ir::kNoValue) continue;
      made = made && covered_[i].covers(source_.values, intervals_, value);
      needed = needed &&
               (next.need.everything || next.need.bytes.covers(source_.values, intervals_, value));
    }
    if (is_ancillary(node)) made = needed = false;
    state.live = next.live;
    // A check that goes because of one before it is no reason to drop that.
    state.need = made ? next.need : with_own(node, next.need);
    if (made || needed) {
      image_[i] = image_[node.then];
      return;
    }
    state.live |= cells(node.left) | cells(node.right);
    image_[i] = node.kind == ir::NodeKind::kRequire
                    ? result_.require_value(node.left, image_[node.then])
                    : require_loads(result_, {node.left, node.right}, image_[node.then]);
  }

  void require_bytes(ir::NodeIndex i, const ir::Node& node) {
    State& state = nodes_[i];
    const State& next = nodes_[node.then];
    const bool made = covered_[i].bytes() >= node.k;
    const bool needed = next.need.everything || next.need.bytes.bytes() >= node.k;
    state = next;
    if (!made) state.need.bytes.add_bytes(node.k);
    image_[i] =
        made || needed ? image_[node.then] : result_.require_bytes(node.k, image_[node.then]);
  }

  std::uint64_t cells(ir::ValueIndex value) const {
    return value == ir::kNoValue ? 0 : source_.values.facts(value).cells;
  }

  // What the kernel knows of a packet may end the program without a device, not rejecting.
  void find_ancillary() {
    ancillary_.resize(source_.values.size());
    for (ir::ValueIndex i = 0; i < source_.values.size(); ++i) {
      const ir::Value& value = source_.values[i];
      ancillary_[i] = value.kind == ir::ValueKind::kAncillary ||
                      (value.left != ir::kNoValue && ancillary_[value.left]) ||
                      (value.right != ir::kNoValue && ancillary_[value.right]);
    }
  }
  bool is_ancillary(const ir::Node& node) const {
    return (node.left != ir::kNoValue && ancillary_[node.left]) ||
           (node.right != ir::kNoValue && ancillary_[node.right]);
  }

  // What is needed from the node on, `following` being needed behind it.
  Need with_own(const ir::Node& node, const Need& following) const {
    if (is_ancillary(node)) return {};
    Need result = following;
    for (const ir::ValueIndex value : {node.left, node.right}) {
      if (value != ir::kNoValue) result.bytes.add(source_.values, intervals_, value);
    }
    return result;
  }

  ir::Graph source_;
  Intervals intervals_;
  std::vector<Covered> covered_;
  std::vector<bool> reached_;
  std::vector<bool> ancillary_;
  std::vector<State> nodes_;
  std::vector<ir::NodeIndex> image_;
  ir::Graph result_;
};

bool has_something(const ir::Graph& graph) {
  for (ir::NodeIndex i = 0; i <= graph.root; ++i) {
    const ir::Node& node = graph[i];
    if (node.kind == ir::NodeKind::kAssign || node.kind == ir::NodeKind::kRequire) return true;
    if (node.kind == ir::NodeKind::kDecide && node.then == node.otherwise) return true;
  }
  return false;
}

}  // namespace

ir::Graph drop_dead(ir::Graph graph, const PassContext& /*context*/) {
  if (!has_something(graph)) return graph;
  return DeadCode(std::move(graph)).run();
}

}  // namespace bpfc
