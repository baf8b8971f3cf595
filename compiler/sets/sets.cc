// Does: tests of one value against constants, joined by `or`, `and` and `not` in any way, become
//   a partition of the value's range, and that the cheapest search.
// Needs: facts; tests that are decided stand between others.
// Keeps: what is loaded before what may accept.
// Shrinks: the number of tests of a value on a way, or their depth; it does not run on its own
//   result.
#include <array>

#include "compiler/pass.h"
#include "compiler/requirement.h"
#include "compiler/sets/partition_graph.h"
#include "compiler/sets/profile.h"

namespace bpfc {
namespace {

// With nodes of the new graph as targets.
sets::Partition mapped(const sets::Node& node, const std::vector<ir::NodeIndex>& image) {
  sets::Partition result{node.value, node.field, node.highest, {}, {}};
  for (std::size_t i = 0; i < node.parts.size(); ++i) {
    append_part(result.parts, {node.parts[i].low, image[node.parts[i].target]});
    if (node.weights.empty()) continue;
    result.weights.resize(result.parts.size(), 0);
    result.weights.back() += node.weights[i];
  }
  return result;
}

// Most have two parts or three, and one test does.
std::optional<ir::NodeIndex> add_small(ir::Graph& graph, const sets::Node& node,
                                       const std::vector<ir::NodeIndex>& image) {
  std::array<sets::Part, 3> parts;
  if (node.parts.size() > parts.size()) return std::nullopt;
  std::size_t count = 0;
  for (const sets::Part& part : node.parts) {
    const ir::NodeIndex target = image[part.target];
    if (count == 0 || parts[count - 1].target != target) parts[count++] = {part.low, target};
  }
  if (count == 1) return require_loads(graph, {node.value}, parts[0].target);
  return sets::add_one_test(graph, node.value, std::span(parts).first(count), node.highest);
}

ir::NodeIndex add_partition(ir::Graph& graph, const sets::Node& node,
                            const std::vector<ir::NodeIndex>& image, const sets::SearchCost& cost) {
  if (const auto small = add_small(graph, node, image)) return *small;
  const sets::Partition partition = mapped(node, image);
  return partition.parts.size() == 1
             ? require_loads(graph, {node.value}, partition.parts.front().target)
             : sets::add_search(graph, partition, cost);
}

ir::Graph add_decisions(const sets::Graph& partitions, ir::Graph graph,
                        const sets::SearchCost& cost) {
  const std::vector<std::uint32_t> reached = sets::predecessors(partitions);
  std::vector<ir::NodeIndex> image(partitions.root + 1, ir::kNoNode);
  const auto image_of = [&](sets::Index next) {
    return next == ir::kNoNode ? ir::kNoNode : image[next];
  };
  for (sets::Index i = 0; i <= partitions.root; ++i) {
    if (reached[i] == 0) continue;
    const sets::Node& node = partitions.nodes[i];
    if (node.is_partition()) {
      image[i] = add_partition(graph, node, image, cost);
      continue;
    }
    image[i] =
        graph.add_like(node.plain, image_of(node.plain.then), image_of(node.plain.otherwise));
  }
  graph.root = image[partitions.root];
  return graph;
}

// What an instruction more is worth.
sets::SearchCost cost_of(const PassContext& context) {
  switch (context.optimization) {
    case Optimization::kSize:
      return {1, 10000};
    case Optimization::kFull:
      return {0.005, 0.2};
    default:
      return {};
  }
}

}  // namespace

ir::Graph search_sets(ir::Graph graph, const PassContext& context) {
  sets::Graph partitions = sets::partition_graph(graph);
  sets::merge_regions(partitions);
  const Intervals intervals(graph);
  const std::vector<Covered> covered = covered_at_nodes(graph, intervals);
  if (sets::group_chains(partitions, graph.values, intervals, covered)) {
    sets::merge_regions(partitions);
  }
  if (sets::hoist_partitions(partitions, graph.values, intervals, covered)) {
    sets::merge_regions(partitions);
  }
  sets::widen_loads(partitions, graph.values, intervals);
  const auto weigh = [&] {
    if (context.profile == nullptr) return;
    sets::weigh_by_profile(partitions, graph.values, *context.profile);
  };
  weigh();
  if (context.optimization != Optimization::kSize) {
    sets::order_conjunctions(partitions, graph.values);
    // Other packets come by where tests have changed places.
    weigh();
  }
  return fold(add_decisions(partitions, std::move(graph).without_nodes(), cost_of(context)));
}

}  // namespace bpfc
