#include "compiler/tails/merged_part.h"

#include <algorithm>
#include <utility>

namespace bpfc::tails {
namespace {

using ir::kNoNode;
using ir::kNoValue;
using ir::NodeIndex;
using ir::ValueIndex;

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

// What the merged part leads to.
void exits_of(const std::vector<ir::Node>& nodes, const MergedPart& part,
              std::vector<NodeIndex>& exits) {
  std::vector<NodeIndex> inside = part.nodes;
  std::sort(inside.begin(), inside.end());
  for (const NodeIndex i : inside) {
    for (const NodeIndex next : {nodes[i].then, nodes[i].otherwise}) {
      if (!std::binary_search(inside.begin(), inside.end(), next)) exits.push_back(next);
    }
  }
  if (part.fork == kNoNode) return;
  exits.push_back(part.then);
  exits.push_back(part.otherwise);
}

// The part itself, with cells, and what assigns them in front of it.
void add_merged(ir::Graph& result, const std::vector<ir::Node>& nodes, const MergedPart& part,
                std::vector<NodeIndex>& image) {
  std::vector<std::pair<ValueIndex, ValueIndex>> by;
  for (std::size_t c = 0; c < part.cells.size(); ++c) {
    by.emplace_back(part.renamed[c], result.values.cell(part.cells[c]));
  }
  std::vector<NodeIndex> order = part.nodes;
  std::sort(order.begin(), order.end());
  NodeIndex fork_image = kNoNode;
  if (part.fork != kNoNode) {
    const ir::Node& fork = nodes[part.fork];
    fork_image = result.decide(fork.comparison, fork.left, fork.right, image[part.then],
                               image[part.otherwise]);
  }
  std::vector<NodeIndex> shared(order.size(), kNoNode);  // by place in the order
  const auto next = [&](NodeIndex successor) {
    if (part.fork != kNoNode && successor == part.exit_of_first) return fork_image;
    const auto inside = std::lower_bound(order.begin(), order.end(), successor);
    return inside == order.end() || *inside != successor
               ? image[successor]
               : shared[static_cast<std::size_t>(inside - order.begin())];
  };
  for (std::size_t place = 0; place < order.size(); ++place) {
    const ir::Node& node = nodes[order[place]];
    shared[place] = result.decide(node.comparison, replaced(result.values, node.left, by),
                                  replaced(result.values, node.right, by), next(node.then),
                                  next(node.otherwise));
  }
  const NodeIndex merged = next(part.entries.front().node);
  for (const Entry& entry : part.entries) {
    NodeIndex at = merged;
    // What is tested first is assigned last: it is in A then.
    for (std::size_t c = 0; c < part.cells.size(); ++c) {
      at = result.assign(part.cells[c], entry.assigned[c], at);
    }
    image[entry.node] = at;
  }
}

}  // namespace

ir::Graph with_merged_parts(ir::Graph graph, const std::vector<MergedPart>& parts) {
  std::vector<ir::Node> nodes(graph.root + 1);
  for (NodeIndex i = 0; i <= graph.root; ++i) nodes[i] = graph[i];
  std::vector<const MergedPart*> entered(graph.root + 1, nullptr);  // by entry
  for (const MergedPart& part : parts) {
    for (const Entry& entry : part.entries) {
      if (entered[entry.node] == nullptr) entered[entry.node] = &part;
    }
  }
  const NodeIndex root = graph.root;
  const std::uint32_t cell_count = graph.cell_count;
  ir::Graph result = std::move(graph).without_nodes();
  result.cell_count = cell_count;
  std::vector<NodeIndex> image(root + 1, kNoNode);
  // A node is built once all that it leads to is: an entry, once all that its part leads to is.
  std::vector<NodeIndex> pending = {root};
  pending.reserve(root + std::size_t{1});
  std::vector<NodeIndex> needed;
  while (!pending.empty()) {
    const NodeIndex i = pending.back();
    const MergedPart* const part = entered[i];
    needed.clear();
    if (image[i] == kNoNode) {
      if (part == nullptr) {
        for (const NodeIndex next : {nodes[i].then, nodes[i].otherwise}) needed.push_back(next);
      } else {
        exits_of(nodes, *part, needed);
      }
      std::erase_if(needed,
                    [&](NodeIndex next) { return next == kNoNode || image[next] != kNoNode; });
      if (!needed.empty()) {
        pending.insert(pending.end(), needed.begin(), needed.end());
        continue;
      }
      if (part == nullptr) {
        const auto image_of = [&](NodeIndex next) { return next == kNoNode ? next : image[next]; };
        image[i] = result.add_like(nodes[i], image_of(nodes[i].then), image_of(nodes[i].otherwise));
      } else {
        add_merged(result, nodes, *part, image);
      }
    }
    pending.pop_back();
  }
  result.root = image[root];
  return result;
}

}  // namespace bpfc::tails
