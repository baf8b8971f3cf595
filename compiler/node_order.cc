#include "compiler/node_order.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace bpfc {
namespace {

// For each node whether a cell is assigned there or behind.
std::vector<bool> leads_to_assignment(const ir::Graph& graph) {
  std::vector<bool> leads(graph.root + 1, false);
  for (ir::NodeIndex i = 0; i <= graph.root && graph.cell_count > 0; ++i) {
    const ir::Node& node = graph[i];
    leads[i] = node.kind == ir::NodeKind::kAssign ||
               (node.then != ir::kNoNode && leads[node.then]) ||
               (node.otherwise != ir::kNoNode && leads[node.otherwise]);
  }
  return leads;
}

}  // namespace

std::vector<ir::NodeIndex> forward_order(const ir::Graph& graph) {
  const std::vector<bool> assigns = leads_to_assignment(graph);
  std::vector<ir::NodeIndex> order;
  order.reserve(graph.root + 1);
  std::vector<std::uint8_t> visits(graph.size(), 0);
  std::vector<ir::NodeIndex> stack = {graph.root};
  stack.reserve(graph.root + 1);
  while (!stack.empty()) {
    const ir::NodeIndex index = stack.back();
    const ir::Node& node = graph[index];
    // Last visited, first placed: so the way that should come next is visited last.
    std::array<ir::NodeIndex, 2> successors = {node.otherwise, node.then};
    if (node.kind == ir::NodeKind::kDecide && assigns[node.then] && assigns[node.otherwise]) {
      std::swap(successors[0], successors[1]);
    }
    std::uint8_t& visit = visits[index];
    if (visit < successors.size()) {
      const ir::NodeIndex next = successors[visit++];
      if (next != ir::kNoNode && visits[next] == 0) stack.push_back(next);
      continue;
    }
    if (visit == successors.size()) {
      ++visit;
      order.push_back(index);
    }
    stack.pop_back();
  }
  std::reverse(order.begin(), order.end());
  return order;
}

}  // namespace bpfc
