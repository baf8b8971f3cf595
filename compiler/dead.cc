// Does: drops assignments that nothing reads, and bounds checks that what stands before has made or
//   what follows makes anyway.
// Needs: nothing; best last of the passes that move tests.
// Keeps: a check for each load whose value is dropped, unless what follows needs those bytes too.
// Shrinks: the number of Assign and Require nodes; one sweep from the returns to the root.
//
//   require 24 bytes -> [26:4] = 10.1.2.3 ? accept : reject
//
// A packet without 30 bytes is rejected whatever comes before, so the check for 24 is none. need(n)
// says below how many bytes all ways from a node reject: everything for a rejection, nothing for
// what accepts, and for a test what it loads itself or else both its ways need.
#include <algorithm>

#include "compiler/covered.h"
#include "compiler/pass.h"
#include "compiler/requirement.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kEverything = ~std::uint32_t{0};

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
    std::vector<ir::NodeIndex> image(root + 1, ir::kNoNode);
    ir::Graph result;
    result.values = source_.values;
    result.cell_count = source_.cell_count;
    for (ir::NodeIndex i = 0; i <= root; ++i) {
      if (!reached_[i]) continue;
      const ir::Node& node = source_[i];
      State& state = nodes_[i];
      switch (node.kind) {
        case ir::NodeKind::kReturn:
          state.need = node.k == 0 ? kEverything : 0;
          image[i] = result.add_return(node.k);
          break;
        case ir::NodeKind::kDecide: {
          const State& then = nodes_[node.then];
          const State& otherwise = nodes_[node.otherwise];
          state.live = then.live | otherwise.live | cells(node.left) | cells(node.right);
          state.need = need(node, std::min(then.need, otherwise.need));
          image[i] = result.decide(node.comparison, node.left, node.right, image[node.then],
                                   image[node.otherwise]);
          break;
        }
        case ir::NodeKind::kAssign: {
          const State& next = nodes_[node.then];
          const std::uint64_t cell = std::uint64_t{1} << node.k;
          const bool dead = (next.live & cell) == 0;
          const bool fails = source_.values.facts(node.left).can_fail;
          state.live = (next.live & ~cell) | (dead && !fails ? 0 : cells(node.left));
          state.need = dead && !fails ? next.need : need(node, next.need);
          image[i] = dead ? require_loads(result, {node.left}, image[node.then])
                          : result.assign(node.k, node.left, image[node.then]);
          break;
        }
        case ir::NodeKind::kRequire: {
          const State& next = nodes_[node.then];
          const bool of_value = node.left != ir::kNoValue;
          const bool made = of_value ? covered_[i].covers(source_.values, intervals_, node.left)
                                     : covered_[i].bytes() >= node.k;
          state.live = next.live | cells(node.left);
          // A check that goes because of one before it is no reason to drop that.
          state.need = made ? next.need : std::max(need(node, next.need), node.k);
          if (made || (!of_value && next.need >= node.k)) {
            image[i] = image[node.then];
          } else {
            image[i] = of_value ? result.require_value(node.left, image[node.then])
                                : result.require_bytes(node.k, image[node.then]);
          }
          break;
        }
      }
    }
    result.root = image[root];
    return result;
  }

 private:
  struct State {
    std::uint32_t need = 0;
    std::uint64_t live = 0;  // cells that may be read from here on
  };

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

  std::uint32_t need(const ir::Node& node, std::uint32_t following) const {
    Covered own;
    for (const ir::ValueIndex value : {node.left, node.right}) {
      if (value == ir::kNoValue) continue;
      if (ancillary_[value]) return 0;
      own.add(source_.values, intervals_, value);
    }
    return std::max(own.bytes(), following);
  }

  ir::Graph source_;
  Intervals intervals_;
  std::vector<Covered> covered_;
  std::vector<bool> reached_;
  std::vector<bool> ancillary_;
  std::vector<State> nodes_;
};

bool has_something(const ir::Graph& graph) {
  for (ir::NodeIndex i = 0; i <= graph.root; ++i) {
    if (graph[i].kind == ir::NodeKind::kAssign || graph[i].kind == ir::NodeKind::kRequire) {
      return true;
    }
  }
  return false;
}

}  // namespace

ir::Graph drop_dead(ir::Graph graph, const PassContext& /*context*/) {
  if (!has_something(graph)) return graph;
  return DeadCode(std::move(graph)).run();
}

}  // namespace bpfc
