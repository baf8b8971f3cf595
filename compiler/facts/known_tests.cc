#include "compiler/facts/known_tests.h"

#include <limits>

#include "compiler/requirement.h"

namespace bpfc {

using ir::NodeIndex;
using ir::ValueIndex;

namespace {

constexpr std::uint32_t kNoTest = ~std::uint32_t{0};

}  // namespace

KnownTests::KnownTests(const ir::Graph& graph, const Overlaps* overlaps)
    : graph_(graph), overlaps_(overlaps) {
  const std::vector<bool> reached = graph_.reachable();
  last_test_of_value_.assign(graph_.values.size(), ir::kNoNode);
  last_test_of_base_.assign(graph_.values.size(), ir::kNoNode);
  tests_of_value_.assign(graph_.values.size(), 0);
  test_of_node_.assign(graph_.root + 1, kNoTest);
  for (NodeIndex i = 0; i <= graph_.root; ++i) {
    if (reached[i]) add(i);
  }
}

void KnownTests::add(NodeIndex index) {
  const ir::Node& node = graph_[index];
  if (node.kind == ir::NodeKind::kRequire && node.left == ir::kNoValue) {
    first_require_ = std::min(first_require_, index);
  }
  if (node.kind != ir::NodeKind::kDecide) return;
  first_tested_ = node.left;  // the root is the last one here
  NodeIndex& last = last_test_of_value_[node.left];
  last = std::min(last, index);
  const std::uint32_t test = tests_.intern({node.left, node.right, node.comparison});
  test_of_node_[index] = test;
  if (test == last_of_test_.size()) {
    last_of_test_.push_back(index);
    greatest_tests_ = std::max(greatest_tests_, ++tests_of_value_[node.left]);
    ranges_.push_back(interval_test(graph_.values, node).value_or(IntervalTest{}));
  }
  const ValueIndex base = ranges_[test].base;
  if (base != ir::kNoValue) {
    NodeIndex& last_of_base = last_test_of_base_[base];
    last_of_base = std::min(last_of_base, index);
  }
}

bool KnownTests::asks_for_shared_bits(NodeIndex index) const {
  const ir::Node& node = graph_[index];
  if (overlaps_ == nullptr || node.kind != ir::NodeKind::kDecide) return false;
  if (overlaps_->last_test(node.left) == ir::kNoNode) return false;
  return graph_.values[bit_field(graph_.values, node.left).origin].kind == ir::ValueKind::kLoad;
}

bool KnownTests::has_ranges() const {
  std::vector<std::uint8_t> tests(graph_.values.size(), 0);
  for (const std::uint32_t test : test_of_node_) {
    if (test >= ranges_.size() || ranges_[test].base == ir::kNoValue) continue;
    std::uint8_t& count = tests[ranges_[test].base];
    count = static_cast<std::uint8_t>(std::min(count + 1, 2));
  }
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const IntervalTest& range) {
    return range.base != ir::kNoValue && range.holds.low != range.holds.high &&
           tests[range.base] > 1;
  });
}

std::optional<std::uint32_t> KnownTests::exact_value(const Fact& fact) const {
  const Test& test = tests_[fact.test];
  if (!fact.outcome || test.comparison != Comparison::kEqual) return std::nullopt;
  return graph_.values.constant_of(test.right);
}

bool KnownTests::matters(const Fact& fact, NodeIndex at, bool ranges) const {
  const ValueIndex value = tests_[fact.test].left;
  if (overlaps_ != nullptr && overlaps_->last_test(value) <= at && told(fact)) return true;
  if (exact_value(fact)) return last_test_of_value_[value] <= at;
  if (last_of_test_[fact.test] <= at) return true;
  const IntervalTest& range = ranges_[fact.test];
  if (!ranges || range.base == ir::kNoValue) return false;
  // That a value is not one number says nothing of others.
  const bool one_number = range.holds.low == range.holds.high;
  return (fact.outcome || !one_number) && last_test_of_base_[range.base] <= at;
}

// What the facts say of the value's range; each may take away a part at its ends.
Interval KnownTests::known_range(const Facts& facts, ValueIndex base) const {
  Interval known{0, possible_bits(graph_.values, base)};
  for (std::size_t i = 0; i < facts.count; ++i) {
    const IntervalTest& fact = ranges_[facts.facts[i].test];
    if (fact.base != base) continue;
    if (facts.facts[i].outcome) {
      known.low = std::max(known.low, fact.holds.low);
      known.high = std::min(known.high, fact.holds.high);
    } else if (fact.holds.low <= known.low && fact.holds.high < known.high) {
      known.low = std::max(known.low, fact.holds.high + 1);
    } else if (fact.holds.high >= known.high && fact.holds.low > known.low) {
      known.high = std::min(known.high, fact.holds.low - 1);
    }
  }
  return known;
}

std::optional<bool> KnownTests::decided_by_ranges(const Facts& facts, std::uint32_t test) const {
  const IntervalTest& asked = ranges_[test];
  if (asked.base == ir::kNoValue) return std::nullopt;
  const Interval known = known_range(facts, asked.base);
  const Interval both{std::max(known.low, asked.holds.low), std::min(known.high, asked.holds.high)};
  if (both.low > both.high) return false;
  if (both == known) return true;
  for (std::size_t i = 0; i < facts.count; ++i) {
    const IntervalTest& fact = ranges_[facts.facts[i].test];
    const bool excluded = fact.base == asked.base && !facts.facts[i].outcome &&
                          fact.holds.low <= both.low && both.high <= fact.holds.high;
    if (excluded) return false;
  }
  return std::nullopt;
}

std::optional<Bits> KnownTests::told(const Fact& fact) const {
  const Test& test = tests_[fact.test];
  const auto k = graph_.values.constant_of(test.right);
  if (!k) return std::nullopt;
  const Bits bits =
      told_bits(bit_field(graph_.values, test.left), test.comparison, *k, fact.outcome);
  return bits.known == 0 && bits.some == 0 ? std::nullopt : std::optional(bits);
}

// None also where the bytes may be missing that the node loads, and that would matter.
std::optional<bool> KnownTests::decided_by_bits_of(const Facts& facts, NodeIndex index) const {
  const ir::Node& node = graph_[index];
  if (overlaps_->last_test(node.left) == ir::kNoNode) return std::nullopt;
  const auto k = graph_.values.constant_of(node.right);
  if (!k) return std::nullopt;
  const BitField field = bit_field(graph_.values, node.left);
  Bits known;
  bool covered = overlaps_->has_bytes(index);
  std::optional<bool> outcome;
  for (std::size_t i = 0; i < facts.count; ++i) {
    const ValueIndex from = bit_field(graph_.values, tests_[facts.facts[i].test].left).origin;
    if (!overlap(graph_.values, from, field.origin) || wraps(graph_.values, from)) continue;
    covered = covered || covers(graph_.values, from, field.origin);
    if (const auto bits = told(facts.facts[i])) {
      const Bits seen = seen_from(graph_.values, *bits, from, field.origin);
      known.add(seen);
      if (!outcome) outcome = decided_by_some(field, seen.some, node.comparison, *k);
    }
  }
  if (!outcome) outcome = decided_by_bits(field, known, node.comparison, *k);
  if (!outcome || covered) return outcome;
  const ir::Node& next = graph_[*outcome ? node.then : node.otherwise];
  return next.kind == ir::NodeKind::kReturn && next.k == 0 ? outcome : std::nullopt;
}

std::optional<bool> KnownTests::decided(const Facts& facts, NodeIndex index, bool ranges) const {
  const ir::Node& node = graph_[index];
  for (std::size_t i = facts.count; i-- > 0;) {
    const Fact& fact = facts.facts[i];
    if (fact.test == test_of_node_[index]) return fact.outcome;
    if (tests_[fact.test].left != node.left) continue;
    const auto known = exact_value(fact);
    const auto wanted = graph_.values.constant_of(node.right);
    if (known && wanted) return compare(node.comparison, *known, *wanted);
  }
  if (overlaps_ != nullptr) {
    if (const auto by_bits = decided_by_bits_of(facts, index)) return by_bits;
  }
  return ranges ? decided_by_ranges(facts, test_of_node_[index]) : std::nullopt;
}

std::optional<NodeIndex> KnownTests::shortcut(const Facts& facts, NodeIndex index,
                                              bool ranges) const {
  const ir::Node& node = graph_[index];
  if (node.kind == ir::NodeKind::kDecide) {
    const auto known = decided(facts, index, ranges);
    if (!known) return std::nullopt;
    return *known ? node.then : node.otherwise;
  }
  const bool there =
      node.kind == ir::NodeKind::kRequire && node.left == ir::kNoValue && node.k <= facts.covered;
  return there ? std::optional(node.then) : std::nullopt;
}

// The bytes that are there once the value has been computed.
std::uint32_t KnownTests::covered_by(ValueIndex value) const {
  std::uint32_t covered = 0;
  for (int depth = 0; value != ir::kNoValue && depth < 4; ++depth) {
    const ir::Value& parts = graph_.values[value];
    if (parts.kind == ir::ValueKind::kLoad && parts.left == ir::kNoValue &&
        parts.k < std::numeric_limits<std::int32_t>::max()) {
      covered = std::max(covered, parts.k + parts.size);
    }
    value = parts.left;
  }
  return covered;
}

Facts KnownTests::after(Facts facts, NodeIndex index, bool outcome) const {
  const ir::Node& node = graph_[index];
  facts.covered = std::max(facts.covered, covered_by(node.left));
  switch (node.kind) {
    case ir::NodeKind::kReturn:
      break;
    case ir::NodeKind::kDecide:
      facts.covered = std::max(facts.covered, covered_by(node.right));
      facts.add({test_of_node_[index], outcome});
      break;
    case ir::NodeKind::kAssign: {
      const std::uint64_t cell = std::uint64_t{1} << node.k;
      facts.keep_if([&](const Fact& fact) {
        const Test& test = tests_[fact.test];
        return ((graph_.values.facts(test.left).cells | graph_.values.facts(test.right).cells) &
                cell) == 0;
      });
      break;
    }
    case ir::NodeKind::kRequire:
      facts.covered = std::max(facts.covered, node.k);
      break;
  }
  return facts;
}

std::vector<Facts> KnownTests::common_facts() const {
  std::vector<Facts> common(graph_.root + 1);
  std::vector<bool> reached(graph_.root + 1, false);
  reached[graph_.root] = true;
  const auto reach = [&](NodeIndex next, const Facts& facts) {
    if (reached[next]) {
      common[next].meet(facts);
    } else {
      common[next] = facts;
    }
    reached[next] = true;
  };
  for (NodeIndex i = graph_.root + 1; i-- > 0;) {
    if (!reached[i] || graph_[i].kind == ir::NodeKind::kReturn) continue;
    reach(graph_[i].then, after(common[i], i, true));
    if (graph_[i].kind == ir::NodeKind::kDecide) {
      reach(graph_[i].otherwise, after(common[i], i, false));
    }
  }
  return common;
}

}  // namespace bpfc
