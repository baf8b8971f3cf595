// Two nodes are walked from together. They are alike if they make the same comparison, and their
// values are the same or differ in loads; each difference found is a renaming that must hold for
// all that follows:
//
//   [x + 14] = 80 ? T : [x + 16] = 80 ? T : F        [54] = 80 ? T : [56] = 80 ? T : F
//   bases:  x is 40                                  loads:  [x + 14] is [54], [x + 16] is [56]
#include "compiler/tails/likeness.h"

#include "compiler/intern_table.h"

namespace bpfc::tails {
namespace {

using ir::kNoNode;
using ir::kNoValue;
using ir::NodeIndex;
using ir::ValueIndex;

// A and X hold no more.
constexpr std::size_t kMostRenamed = 2;
constexpr std::size_t kVisitsANode = 16;

bool contains(const ir::ValueTable& values, ValueIndex whole, ValueIndex part) {
  if (whole == kNoValue || whole < part) return false;
  if (whole == part) return true;
  return contains(values, values[whole].left, part) || contains(values, values[whole].right, part);
}

bool rename(const Renaming& renaming, std::vector<Renaming>& renamed) {
  for (const Renaming& known : renamed) {
    if (known == renaming) return true;
    if (known.is == renaming.is || known.as == renaming.as) return false;
  }
  if (renamed.size() == kMostRenamed) return false;
  renamed.push_back(renaming);
  return true;
}

}  // namespace

LikenessFinder::LikenessFinder(ir::Graph& graph)
    : graph_(graph),
      skeletons_(graph.values.size()),
      shapes_(graph.root + 1),
      visits_left_(kVisitsANode * (graph.root + std::size_t{1})),
      partner_of_first_(graph.root + 1),
      partner_of_second_(graph.root + 1) {
  const ir::ValueTable& values = graph_.values;
  for (ValueIndex i = 0; i < values.size(); ++i) {
    const ir::Value& value = values[i];
    std::uint64_t hash = mix(static_cast<std::uint64_t>(value.kind), value.size);
    if (value.kind != ir::ValueKind::kLoad) {
      hash = mix(mix(hash, static_cast<std::uint64_t>(value.op) << 32U | value.k),
                 mix(skeleton(value.left), skeleton(value.right)));
    }
    skeletons_[i] = hash;
  }
  for (NodeIndex i = 0; i <= graph_.root; ++i) {
    const ir::Node& node = graph_[i];
    const auto next = [&](NodeIndex successor) {
      return successor == kNoNode ? 3 : shapes_[successor];
    };
    std::uint64_t hash = mix(
        static_cast<std::uint64_t>(node.kind) << 8U | static_cast<std::uint64_t>(node.comparison),
        node.k);
    hash = mix(hash, mix(skeleton(node.left), skeleton(node.right)));
    shapes_[i] = mix(mix(hash, next(node.then)), next(node.otherwise) + 1);
  }
}

bool LikenessFinder::test_alike(NodeIndex first, NodeIndex second) const {
  const ir::Node& a = graph_[first];
  const ir::Node& b = graph_[second];
  return a.kind == ir::NodeKind::kDecide && b.kind == ir::NodeKind::kDecide &&
         a.comparison == b.comparison && a.right == b.right && skeleton(a.left) == skeleton(b.left);
}

bool LikenessFinder::values_alike(ValueIndex first, ValueIndex second, Renamed renamed,
                                  Likeness& found) {
  if (first == second) {
    if (first != kNoValue) found.kept.push_back(first);
    return true;
  }
  if (first == kNoValue || second == kNoValue) return false;
  const ir::Value a = graph_.values[first];
  const ir::Value b = graph_.values[second];
  if (a.kind != b.kind) return false;
  if (a.kind == ir::ValueKind::kLoad) {
    if (a.size != b.size) return false;
    if (renamed == Renamed::kLoads) return rename({first, second}, found.renamed);
    const auto bases = base_renaming(a, b);
    return bases && rename(*bases, found.renamed);
  }
  return a.kind == ir::ValueKind::kAlu && a.op == b.op &&
         values_alike(a.left, b.left, renamed, found) &&
         values_alike(a.right, b.right, renamed, found);
}

// Loads at offsets that differ by what their bases differ by.
std::optional<Renaming> LikenessFinder::base_renaming(const ir::Value& a, const ir::Value& b) {
  const auto plain = [](const ir::Value& load) {
    return load.left == kNoValue && std::uint64_t{load.k} + load.size <= ir::kPlainAddresses;
  };
  if (a.left != kNoValue && b.left != kNoValue) {
    if (a.k != b.k) return std::nullopt;
    return Renaming{a.left, b.left};
  }
  if (a.left != kNoValue && plain(b) && b.k >= a.k) {
    return Renaming{a.left, graph_.values.constant(b.k - a.k)};
  }
  return std::nullopt;
}

bool LikenessFinder::nodes_alike(const ir::Node& a, const ir::Node& b, Renamed renamed,
                                 Likeness& found) {
  if (a.kind != ir::NodeKind::kDecide || b.kind != ir::NodeKind::kDecide ||
      a.comparison != b.comparison) {
    return false;
  }
  const std::size_t renamings = found.renamed.size();
  const std::size_t kept = found.kept.size();
  if (values_alike(a.left, b.left, renamed, found) &&
      values_alike(a.right, b.right, renamed, found)) {
    return true;
  }
  found.renamed.resize(renamings);
  found.kept.resize(kept);
  return false;
}

const Likeness* LikenessFinder::find(NodeIndex first, NodeIndex second, Renamed renamed, bool exits,
                                     const std::vector<bool>& taken) {
  Likeness& found = found_;
  found.clear();
  ++search_;
  auto& pending = pending_;
  pending.assign(1, {first, second});
  while (!pending.empty()) {
    const auto [a, b] = pending.back();
    pending.pop_back();
    if (a == kNoNode || b == kNoNode || visits_left_ == 0) return nullptr;
    --visits_left_;
    Partner& of_first = partner_of_first_[a];
    Partner& of_second = partner_of_second_[b];
    const bool known = of_first.search == search_;
    if (known != (of_second.search == search_)) return nullptr;
    if (known) {
      if (of_first.node != b || of_second.node != a) return nullptr;
      continue;
    }
    of_first = {search_, b};
    of_second = {search_, a};
    // What both lead to is no part of either.
    if (a == b) continue;
    const ir::Node& x = graph_[a];
    const ir::Node& y = graph_[b];
    if (!nodes_alike(x, y, renamed, found) || taken[b]) {
      // Once, at the end of both, there may be another way for each.
      const bool first_exit = !found.parts_ways();
      const bool same_exit = found.exit_of_first == a && found.exit_of_second == b;
      if (!exits || found.nodes.empty() || !(first_exit || same_exit)) return nullptr;
      found.exit_of_first = a;
      found.exit_of_second = b;
      continue;
    }
    found.nodes.emplace_back(a, b);
    pending.emplace_back(x.then, y.then);
    pending.emplace_back(x.otherwise, y.otherwise);
  }
  // A value that both test may not hold one that becomes a cell.
  for (const ValueIndex kept : found.kept) {
    for (const Renaming& renaming : found.renamed) {
      if (contains(graph_.values, kept, renaming.is)) return nullptr;
    }
  }
  return &found;
}

}  // namespace bpfc::tails
