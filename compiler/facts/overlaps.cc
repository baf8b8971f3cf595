// Values show the same bits where they overlap, and one value does that is tested for some of its
// bits, besides others. Where all are tests for ranges of one value, it is left to those. And what
// one packet is never asked for together, as [20] of IPv6 and [20:2] of IPv4, tells nothing.
#include "compiler/facts/overlaps.h"

#include <algorithm>

#include "compiler/facts/known_bits.h"
#include "compiler/interval_test.h"

namespace bpfc {

using ir::NodeIndex;
using ir::ValueIndex;

namespace {

// Of so many values it is looked which overlap: they are the bits of a word.
constexpr std::size_t kMostTested = 32;

bool same_test(const ir::Node& first, const ir::Node& second) {
  return first.comparison == second.comparison && first.right == second.right;
}

}  // namespace

Overlaps::Overlaps(const ir::Graph& graph) : graph_(graph) {
  if (!find_tested(graph)) return;
  for (std::size_t i = 0; i < tested_.size(); ++i) {
    for (std::size_t k = 0; k <= i; ++k) {
      Tested& first = tested_[i];
      Tested& second = tested_[k];
      const bool meet = ((first.behind >> k | second.behind >> i) & 1U) != 0;
      if (!meet || !may_tell(graph.values, first, second)) continue;
      if (last_.empty()) last_.assign(graph.values.size(), ir::kNoNode);
      last_[first.value] = std::min(last_[first.value], second.last);
      last_[second.value] = std::min(last_[second.value], first.last);
    }
  }
  if (last_.empty()) return;
  intervals_.emplace(graph);
  covered_ = covered_at_nodes(graph, *intervals_);
}

bool Overlaps::may_tell(const ir::ValueTable& values, const Tested& first,
                        const Tested& second) const {
  if (first.range != ir::kNoValue && first.range == second.range) return false;
  if (&first == &second) return first.several;
  return overlap(values, first.origin, second.origin);
}

// False: there are too many.
bool Overlaps::find_tested(const ir::Graph& graph) {
  const std::vector<bool> reached = graph.reachable();
  std::vector<std::uint32_t> from(graph.root + 1, 0);  // tested from the node on
  for (NodeIndex i = 0; i <= graph.root; ++i) {
    const ir::Node& node = graph[i];
    if (!reached[i] || node.kind == ir::NodeKind::kReturn) continue;
    from[i] = from[node.then];
    if (node.kind != ir::NodeKind::kDecide) continue;
    from[i] |= from[node.otherwise];
    if (!graph.values.constant_of(node.right)) continue;
    const auto test = interval_test(graph.values, node);
    const ValueIndex range = test ? test->base : ir::kNoValue;
    auto entry = std::find_if(tested_.begin(), tested_.end(),
                              [&](const Tested& known) { return known.value == node.left; });
    if (entry == tested_.end()) {
      if (tested_.size() == kMostTested) return false;
      const ValueIndex origin = bit_field(graph.values, node.left).origin;
      entry = tested_.insert(entry, {node.left, origin, range, i, false, 0, node});
    }
    if (entry->range != range) entry->range = ir::kNoValue;
    entry->several = entry->several || !same_test(entry->first, node);
    entry->behind |= from[i];
    from[i] |= std::uint32_t{1} << static_cast<unsigned>(entry - tested_.begin());
  }
  return true;
}

}  // namespace bpfc
