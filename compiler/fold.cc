// Does: removes decisions whose outcome does not depend on the packet, and those whose outcome does
// not
//   matter.
// Needs: nothing.
// Keeps: the loads of a decision that goes, as Require nodes: a packet too short for them is
// rejected. Shrinks: the number of Decide nodes; one sweep from the returns to the root.
//
// `1 = 1 and ip[60] & 0 = 0 or len >= 0`, from the back: `len >= 0` always holds, so it leads to
// accept whatever else; `ip[60] & 0 = 0` holds too, but for packets that have no such byte, so a
// Require of 75 bytes stays in its place.
#include "compiler/pass.h"
#include "compiler/requirement.h"

namespace bpfc {
namespace {

// The outcome of a comparison that is the same for all packets.
std::optional<bool> outcome(const ir::ValueTable& values, const ir::Node& node) {
  const auto left = values.constant_of(node.left);
  const auto right = values.constant_of(node.right);
  if (left && right) return compare(node.comparison, *left, *right);
  if (node.left == node.right) {
    if (node.comparison == Comparison::kEqual) return true;
    if (node.comparison == Comparison::kGreaterOrEqual) return true;
    if (node.comparison == Comparison::kGreater) return false;
  }
  if (!right) return std::nullopt;
  // The masked value stays within its mask, a load within its size.
  const std::uint32_t possible = possible_bits(values, node.left);
  switch (node.comparison) {
    case Comparison::kEqual:
      if ((*right & ~possible) != 0) return false;
      if (possible == 0) return true;
      break;
    case Comparison::kGreater:
      if (possible <= *right) return false;
      break;
    case Comparison::kGreaterOrEqual:
      if (*right == 0) return true;
      if (possible < *right) return false;
      break;
    case Comparison::kAnyBit:
      if ((*right & possible) == 0) return false;
      break;
  }
  return std::nullopt;
}

// What stands in front of it makes no difference.
bool is_rejection(const ir::Graph& graph, ir::NodeIndex node) {
  return graph[node].kind == ir::NodeKind::kReturn && graph[node].k == 0;
}

// Whether there is anything to remove. Most graphs have nothing, and need not be copied.
bool has_decided(const ir::Graph& graph, const std::vector<bool>& reached) {
  for (ir::NodeIndex i = 0; i <= graph.root; ++i) {
    const ir::Node& node = graph[i];
    if (!reached[i] || node.kind == ir::NodeKind::kReturn) continue;
    if (node.kind != ir::NodeKind::kDecide) {
      if (is_rejection(graph, node.then)) return true;
      continue;
    }
    if (node.then == node.otherwise || outcome(graph.values, node)) return true;
  }
  return false;
}

}  // namespace

ir::Graph fold(ir::Graph graph, const PassContext& /*context*/) {
  const ir::NodeIndex root = graph.root;
  const std::vector<bool> reached = graph.reachable();
  if (!has_decided(graph, reached)) return graph;
  std::vector<ir::Node> nodes(root + 1);
  for (ir::NodeIndex i = 0; i <= root; ++i) nodes[i] = graph[i];

  ir::Graph result = std::move(graph).without_nodes();
  std::vector<ir::NodeIndex> image(root + 1, ir::kNoNode);
  for (ir::NodeIndex i = 0; i <= root; ++i) {
    if (!reached[i]) continue;
    const ir::Node& node = nodes[i];
    switch (node.kind) {
      case ir::NodeKind::kReturn:
        image[i] = result.add_return(node.k);
        break;
      case ir::NodeKind::kAssign:
        image[i] = is_rejection(result, image[node.then])
                       ? image[node.then]
                       : result.assign(node.k, node.left, image[node.then]);
        break;
      case ir::NodeKind::kRequire:
        image[i] = is_rejection(result, image[node.then]) ? image[node.then]
                   : node.left == ir::kNoValue ? result.require_bytes(node.k, image[node.then])
                                               : result.require_value(node.left, image[node.then]);
        break;
      case ir::NodeKind::kDecide: {
        const ir::NodeIndex then = image[node.then];
        const ir::NodeIndex otherwise = image[node.otherwise];
        auto known = outcome(result.values, node);
        if (!known && then == otherwise) known = true;
        image[i] = known ? require_loads(result, {node.left, node.right}, *known ? then : otherwise)
                         : result.decide(node.comparison, node.left, node.right, then, otherwise);
        break;
      }
    }
  }
  result.root = image[root];
  return result;
}

}  // namespace bpfc
