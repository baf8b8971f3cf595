#include "compiler/sets/partition_graph.h"

#include <algorithm>
#include <numeric>

#include "compiler/interval_test.h"
#include "compiler/requirement.h"

namespace bpfc::sets {
namespace {

std::vector<Part> parts_of(const IntervalTest& test, std::uint32_t highest, Index then,
                           Index otherwise) {
  std::vector<Part> parts;
  parts.reserve(3);
  if (test.holds.low > 0) append_part(parts, {0, otherwise});
  append_part(parts, {test.holds.low, then});
  if (test.holds.high < highest) append_part(parts, {test.holds.high + 1, otherwise});
  return parts;
}

}  // namespace

Partition without_part(const Partition& partition, std::size_t place) {
  Partition rest{partition.value, partition.field, partition.highest, {}, {}};
  const double all = seen(partition.weights);
  const double left = partition.weights.empty() ? 0 : all - partition.weights[place];
  for (std::size_t i = 0; i < partition.parts.size(); ++i) {
    if (i == place) continue;
    append_part(rest.parts,
                {rest.parts.empty() ? 0 : partition.parts[i].low, partition.parts[i].target});
    if (left <= 0) continue;
    rest.weights.resize(rest.parts.size(), 0);
    rest.weights.back() += partition.weights[i] * all / left;
  }
  return rest;
}

double seen(const std::vector<double>& weights) {
  return std::accumulate(weights.begin(), weights.end(), 0.0);
}

bool has_regions(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) {
    return node.is_partition() &&
           std::any_of(node.parts.begin(), node.parts.end(), [&](const Part& part) {
             return graph.nodes[part.target].value == node.value;
           });
  });
}

std::vector<std::uint32_t> predecessors(const Graph& graph) {
  std::vector<std::uint32_t> count(graph.nodes.size(), 0);
  count[graph.root] = 1;
  for (Index i = graph.root + 1; i-- > 0;) {
    if (count[i] == 0) continue;
    each_successor(graph.nodes[i], [&](Index next) { ++count[next]; });
  }
  return count;
}

Graph partition_graph(const ir::Graph& graph) {
  Graph result;
  const std::vector<bool> reached = graph.reachable();
  result.nodes.reserve(graph.root + 1);
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
      node.highest = possible_bits(graph.values, test->base);
      node.parts = parts_of(*test, node.highest, node.plain.then, node.plain.otherwise);
    }
    image[i] = static_cast<Index>(result.nodes.size());
    result.nodes.push_back(std::move(node));
  }
  result.root = image[graph.root];
  return result;
}

}  // namespace bpfc::sets
