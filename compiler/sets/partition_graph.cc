#include "compiler/sets/partition_graph.h"

#include <algorithm>

#include "compiler/interval_test.h"

namespace bpfc::sets {
namespace {

std::vector<Part> parts_of(const IntervalTest& test, std::uint32_t highest, Index then,
                           Index otherwise) {
  std::vector<Part> parts;
  if (test.holds.low > 0) append_part(parts, {0, otherwise});
  append_part(parts, {test.holds.low, then});
  if (test.holds.high < highest) append_part(parts, {test.holds.high + 1, otherwise});
  return parts;
}

}  // namespace

std::vector<Index> successors(const Node& node) {
  std::vector<Index> found;
  if (!node.is_partition()) {
    for (const ir::NodeIndex next : {node.plain.then, node.plain.otherwise}) {
      if (next != ir::kNoNode) found.push_back(next);
    }
    if (found.size() == 2 && found[0] == found[1]) found.pop_back();
    return found;
  }
  constexpr std::size_t kFew = 16;
  for (const Part& part : node.parts) {
    const bool few = found.size() <= kFew;
    if (few && std::find(found.begin(), found.end(), part.target) != found.end()) continue;
    found.push_back(part.target);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::vector<std::uint32_t> predecessors(const Graph& graph) {
  std::vector<std::uint32_t> count(graph.nodes.size(), 0);
  count[graph.root] = 1;
  for (Index i = graph.root + 1; i-- > 0;) {
    if (count[i] == 0) continue;
    for (const Index next : successors(graph.nodes[i])) ++count[next];
  }
  return count;
}

Graph partition_graph(const ir::Graph& graph) {
  Graph result;
  const std::vector<bool> reached = graph.reachable();
  std::vector<Index> image(graph.root + 1, kNone);
  const auto image_of = [&](ir::NodeIndex next) {
    return next == ir::kNoNode ? ir::kNoNode : image[next];
  };
  for (ir::NodeIndex i = 0; i <= graph.root; ++i) {
    if (!reached[i]) continue;
    Node node;
    node.origin = i;
    node.plain = graph[i];
    node.plain.then = image_of(graph[i].then);
    node.plain.otherwise = image_of(graph[i].otherwise);
    const auto test = interval_test(graph.values, graph[i]);
    if (test && node.plain.then != node.plain.otherwise) {
      node.value = test->base;
      node.highest = highest(graph.values, test->base);
      node.parts = parts_of(*test, node.highest, node.plain.then, node.plain.otherwise);
    }
    image[i] = static_cast<Index>(result.nodes.size());
    result.nodes.push_back(std::move(node));
  }
  result.root = image[graph.root];
  return result;
}

}  // namespace bpfc::sets
