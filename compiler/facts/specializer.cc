#include "compiler/facts/specializer.h"

#include <algorithm>

#include "compiler/requirement.h"

namespace bpfc {
namespace {

// Decided nodes are passed over, so many at a time.
constexpr int kMostSteps = 32;

}  // namespace

using ir::NodeIndex;

Specializer::Specializer(const KnownTests& tests, const Effort& effort)
    : tests_(tests), source_(tests.graph()), effort_(effort), copies_(source_.root + 1, 0) {}

std::uint32_t Specializer::greatest_copies() const {
  return *std::max_element(copies_.begin(), copies_.end());
}

ir::Graph Specializer::run() {
  ir::Graph result;
  // Most often no node has copies.
  image_.reserve(2 * (source_.root + std::size_t{1}));
  next_.reserve(image_.capacity());
  const std::uint32_t root = situate(source_.root, Facts{});
  // A situation is finished once its successors are: the stack holds those under way.
  std::vector<std::uint32_t> stack = {root};
  stack.reserve(image_.capacity());
  result.cell_count = source_.cell_count;
  result.values = source_.values;
  while (!stack.empty()) {
    const std::uint32_t current = stack.back();
    if (image_[current] != ir::kNoNode) {
      stack.pop_back();
      continue;
    }
    const Successors next = successors(current);
    bool waiting = false;
    for (const std::uint32_t successor : {next.otherwise, next.then}) {
      if (successor == kNone || image_[successor] != ir::kNoNode) continue;
      stack.push_back(successor);
      waiting = true;
    }
    if (waiting) continue;
    image_[current] = copy(result, source_[situations_[current].node], next);
    stack.pop_back();
  }
  result.root = image_[root];
  return result;
}

bool Specializer::matters(const Fact& fact, NodeIndex at) const {
  return tests_.tests_of(tests_.value_of(fact)) <= effort_.most_tests &&
         tests_.matters(fact, at, effort_.ranges);
}

// Leaves the facts that may have a copy of the node.
void Specializer::limit(NodeIndex node, Facts& facts) {
  if (copies_[node] >= effort_.most_copies) {
    limited_ = true;
    // A test that is found needless tells nothing, though all ways come by it.
    if (common_.empty() && !drops_tests()) common_ = tests_.common_facts();
    std::optional<Fact> first;
    for (std::size_t i = 0; i < facts.count; ++i) {
      const Fact& fact = facts.facts[i];
      if (tests_.exact_value(fact) && tests_.value_of(fact) == tests_.first_tested()) first = fact;
    }
    facts = common_.empty() ? Facts{} : common_[node];
    const bool one_more = copies_[node] < effort_.most_copies + effort_.most_of_one;
    if (first && one_more && !facts.knows(*first)) facts.add(*first);
  }
  facts.keep_if([&](const Fact& fact) { return matters(fact, node); });
  if (!tests_.requires_bytes(node)) facts.covered = 0;
}

// The first node from `node` on that the facts do not decide, or the one that is kMostSteps on.
NodeIndex Specializer::follow(NodeIndex node, const Facts& facts) const {
  for (int steps = 0; steps < kMostSteps; ++steps) {
    const auto next = tests_.shortcut(facts, node, effort_.ranges);
    if (!next) break;
    node = *next;
  }
  return node;
}

// That node with the facts that matter there.
std::uint32_t Specializer::situate(NodeIndex node, Facts facts) {
  node = follow(node, facts);
  if (source_[node].kind == ir::NodeKind::kReturn) {
    facts = Facts{};
  } else {
    limit(node, facts);
  }
  const std::uint32_t index = situations_.intern({node, facts_.intern(facts)});
  if (index == image_.size()) {
    image_.push_back(ir::kNoNode);
    next_.emplace_back();
    ++copies_[node];
  }
  return index;
}

// The way out of a test that rejects on the other one, if what follows rejects then too: the test
// is none. None: it is one.
std::optional<bool> Specializer::only_way(NodeIndex index, const Facts& facts) const {
  const ir::Node& node = source_[index];
  if (!drops_tests() || !tests_.asks_for_shared_bits(index)) return std::nullopt;
  for (const bool outcome : {true, false}) {
    const NodeIndex exit = outcome ? node.then : node.otherwise;
    const NodeIndex way = outcome ? node.otherwise : node.then;
    const Facts told = tests_.after(facts, index, outcome);
    if (rejects(follow(exit, told)) && rejects(follow(way, told))) return !outcome;
  }
  return std::nullopt;
}

// Not where few copies have to do with what all ways to them have in common.
bool Specializer::drops_tests() const {
  constexpr std::uint32_t kManyCopies = 16;
  return tests_.compares_bits() && effort_.most_copies >= kManyCopies;
}

bool Specializer::rejects(NodeIndex index) const {
  return source_[index].kind == ir::NodeKind::kReturn && source_[index].k == 0;
}

Specializer::Successors Specializer::successors(std::uint32_t current) {
  const NodeIndex index = situations_[current].node;
  const ir::Node& node = source_[index];
  if (next_[current].then != kNone || node.kind == ir::NodeKind::kReturn) return next_[current];
  const Facts facts = facts_[situations_[current].facts];
  Successors next;
  if (const auto leads = tests_.shortcut(facts, index, effort_.ranges)) {
    next.then = situate(*leads, facts);
    next.only_then = true;
  } else if (const auto way = only_way(index, facts)) {
    Facts known = facts;
    known.covered = tests_.after(facts, index, *way).covered;
    next.then = situate(*way ? node.then : node.otherwise, known);
    next.only_then = next.requires_loads = true;
  } else {
    next.then = situate(node.then, tests_.after(facts, index, true));
    if (node.kind == ir::NodeKind::kDecide) {
      next.otherwise = situate(node.otherwise, tests_.after(facts, index, false));
    }
  }
  next_[current] = next;
  return next;
}

NodeIndex Specializer::copy(ir::Graph& result, const ir::Node& node, const Successors& next) const {
  if (next.requires_loads) {
    return require_loads(result, {node.left, node.right}, image_[next.then]);
  }
  if (next.only_then) return image_[next.then];
  const auto image = [&](std::uint32_t situation) {
    return situation == kNone ? ir::kNoNode : image_[situation];
  };
  return result.add_like(node, image(next.then), image(next.otherwise));
}

}  // namespace bpfc
