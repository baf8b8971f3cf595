// Does: decides tests that the way to them has decided: the same test again, or another test of a
//   value that is known to be equal to a constant or, in small graphs, to lie in a range; drops
//   Require nodes whose bytes were loaded before.
// Needs: nothing; better after fold.
// Keeps: all loads that may fail: a test goes only where its value has been computed on the way.
// Shrinks: each way through the graph, and never adds nodes: a graph that would grow by its copies
// is
//   left as it is. It does not run again on its own result.
//
// The graph is copied from the root down, a node once for each set of facts that matters there:
//
//   ip host A or ip host B:
//     type = ip? -> source = A? -> type = ip? -> destination = A? -> type = ip? -> source = B? ...
//
// The first test's outcome is a fact on both its edges, so the later ones vanish from both copies
// of what follows. Four rules keep this near linear: a fact is dropped where nothing below tests
// its value (and, if it only says "not equal", where nothing below repeats the test); a node keeps
// at most kMostFacts; of one that has been copied often the next copies know only what the value is
// that the filter tests first, as a rule the protocol, and what all ways to the node have in
// common; then one more, which knows only that, serves all.
#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "compiler/facts_of_way.h"
#include "compiler/intern_table.h"
#include "compiler/interval_test.h"
#include "compiler/pass.h"
#include "compiler/requirement.h"

namespace bpfc {
namespace {

using ir::NodeIndex;
using ir::ValueIndex;

// How much is tried: each for graphs that grow with the one before.
struct Effort {
  std::uint32_t most_copies;      // of a node
  std::uint32_t most_tests;       // of a value, different ones: facts about others are no use,
                                  // since each would need its own copy of a long list
  bool ranges = false;            // that a value is in a range is a fact for other tests of it
  std::uint32_t most_of_one = 4;  // more copies, that know the one value that is tested first
};
constexpr std::uint32_t kAny = ~std::uint32_t{0};
constexpr std::array kEfforts = {Effort{16, kAny}, Effort{16, 16}, Effort{2, 16}, Effort{0, 16}};
// Where some tests are needless, which shows only once others are decided.
constexpr std::array kFirstEfforts = {Effort{0, 16}, Effort{0, 16, false, 0}};
constexpr Effort kWithRanges = {16, kAny, true};
// Where it is sought what ranges decide.
constexpr std::size_t kSmallGraph = 200;
constexpr int kMostSteps = 32;

// A node with the facts that hold there.
struct Situation {
  NodeIndex node = ir::kNoNode;
  std::uint32_t facts = 0;

  friend bool operator==(const Situation&, const Situation&) = default;
  std::uint64_t hash() const { return mix(node, facts); }
};

class Specializer {
 public:
  Specializer(ir::Graph graph, const Effort& effort)
      : source_(std::move(graph)), effort_(effort), copies_(source_.root + 1, 0) {
    find_last_uses();
  }

  ir::Graph run() {
    ir::Graph result;
    const std::uint32_t root = situate(source_.root, Facts{});
    // A situation is finished once its successors are: the stack holds those under way.
    std::vector<std::uint32_t> stack = {root};
    result.cell_count = source_.cell_count;
    while (!stack.empty()) {
      const std::uint32_t current = stack.back();
      if (image_[current] != ir::kNoNode) {
        stack.pop_back();
        continue;
      }
      const ir::Node node = source_[situations_[current].node];
      const Successors next = successors(current, node);
      bool waiting = false;
      for (const std::uint32_t successor : {next.otherwise, next.then}) {
        if (successor == kNone || image_[successor] != ir::kNoNode) continue;
        stack.push_back(successor);
        waiting = true;
      }
      if (waiting) continue;
      image_[current] = copy(result, node, next);
      stack.pop_back();
    }
    result.root = image_[root];
    result.values = std::move(source_.values);
    return result;
  }

  // Whether a node had more copies than are made.
  bool was_limited() const { return limited_; }
  // Whether any had more than one.
  bool has_copied() const {
    return std::any_of(copies_.begin(), copies_.end(), [](std::uint32_t n) { return n > 1; });
  }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  struct Successors {
    std::uint32_t then = kNone;
    std::uint32_t otherwise = kNone;
    bool only_then = false;  // the node is not needed
  };

  // Numbers the tests. For each value, and for each test, the last node (the lowest number) that
  // has it.
  void find_last_uses() {
    const std::vector<bool> reached = source_.reachable();
    last_test_of_value_.assign(source_.values.size(), ir::kNoNode);
    last_test_of_base_.assign(source_.values.size(), ir::kNoNode);
    tests_of_value_.assign(source_.values.size(), 0);
    test_of_node_.assign(source_.root + 1, kNone);
    for (NodeIndex i = 0; i <= source_.root; ++i) {
      if (!reached[i]) continue;
      const ir::Node& node = source_[i];
      if (node.kind == ir::NodeKind::kRequire && node.left == ir::kNoValue) {
        first_require_ = std::min(first_require_, i);
      }
      if (node.kind != ir::NodeKind::kDecide) continue;
      first_tested_ = node.left;  // the root is the last one here
      NodeIndex& last = last_test_of_value_[node.left];
      last = std::min(last, i);
      const std::uint32_t test = tests_.intern({node.left, node.right, node.comparison});
      test_of_node_[i] = test;
      if (test == last_of_test_.size()) {
        last_of_test_.push_back(i);
        ++tests_of_value_[node.left];
        ranges_.push_back(interval_test(source_.values, node).value_or(IntervalTest{}));
      }
      const ValueIndex base = ranges_[test].base;
      if (base != ir::kNoValue) {
        NodeIndex& last_of_base = last_test_of_base_[base];
        last_of_base = std::min(last_of_base, i);
      }
    }
  }

  // What all ways to each node know.
  void find_common_facts() {
    common_.resize(source_.root + 1);
    std::vector<bool> reached(source_.root + 1, false);
    reached[source_.root] = true;
    for (NodeIndex i = source_.root + 1; i-- > 0;) {
      if (!reached[i]) continue;
      const ir::Node& node = source_[i];
      const auto reach = [&](NodeIndex next, const Facts& facts) {
        if (reached[next]) {
          common_[next].meet(facts);
        } else {
          common_[next] = facts;
        }
        reached[next] = true;
      };
      if (node.kind == ir::NodeKind::kReturn) continue;
      if (node.kind != ir::NodeKind::kDecide) {
        reach(node.then, after(common_[i], node));
        continue;
      }
      for (const bool outcome : {true, false}) {
        reach(outcome ? node.then : node.otherwise, after(common_[i], node, i, outcome));
      }
    }
  }

  // The constant that the test's value is known to be equal to.
  std::optional<std::uint32_t> exact_value(const Fact& fact) const {
    const Test& test = tests_[fact.test];
    if (!fact.outcome || test.comparison != Comparison::kEqual) return std::nullopt;
    return source_.values.constant_of(test.right);
  }

  bool matters(const Fact& fact, NodeIndex at) const {
    if (tests_of_value_[tests_[fact.test].left] > effort_.most_tests) return false;
    if (exact_value(fact)) return last_test_of_value_[tests_[fact.test].left] <= at;
    if (last_of_test_[fact.test] <= at) return true;
    const IntervalTest& range = ranges_[fact.test];
    if (!effort_.ranges || range.base == ir::kNoValue) return false;
    // That a value is not one number says nothing of others.
    const bool one_number = range.holds.low == range.holds.high;
    return (fact.outcome || !one_number) && last_test_of_base_[range.base] <= at;
  }

  // What the facts say of the value's range; each may take away a part at its ends.
  Interval known_range(const Facts& facts, ValueIndex base) const {
    Interval known{0, possible_bits(source_.values, base)};
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

  std::optional<bool> decided_by_ranges(const Facts& facts, std::uint32_t test) const {
    const IntervalTest& asked = ranges_[test];
    if (!effort_.ranges || asked.base == ir::kNoValue) return std::nullopt;
    const Interval known = known_range(facts, asked.base);
    const Interval both{std::max(known.low, asked.holds.low),
                        std::min(known.high, asked.holds.high)};
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

  std::optional<bool> decided(const Facts& facts, NodeIndex index) const {
    const ir::Node& node = source_[index];
    for (std::size_t i = facts.count; i-- > 0;) {
      const Fact& fact = facts.facts[i];
      if (fact.test == test_of_node_[index]) return fact.outcome;
      if (tests_[fact.test].left != node.left) continue;
      const auto known = exact_value(fact);
      const auto wanted = source_.values.constant_of(node.right);
      if (known && wanted) return compare(node.comparison, *known, *wanted);
    }
    return decided_by_ranges(facts, test_of_node_[index]);
  }

  // Where the node leads, if the facts say so.
  std::optional<NodeIndex> shortcut(const Facts& facts, NodeIndex index) const {
    const ir::Node& node = source_[index];
    if (node.kind == ir::NodeKind::kDecide) {
      const auto known = decided(facts, index);
      if (!known) return std::nullopt;
      return *known ? node.then : node.otherwise;
    }
    const bool there =
        node.kind == ir::NodeKind::kRequire && node.left == ir::kNoValue && node.k <= facts.covered;
    return there ? std::optional(node.then) : std::nullopt;
  }

  // The first node from `node` on that the facts do not decide, or the one that is kMostSteps on,
  // with the facts that matter there.
  std::uint32_t situate(NodeIndex node, Facts facts) {
    for (int steps = 0; steps < kMostSteps; ++steps) {
      const auto next = shortcut(facts, node);
      if (!next) break;
      node = *next;
    }
    if (source_[node].kind == ir::NodeKind::kReturn) {
      facts = Facts{};
    } else {
      limit(node, facts);
    }
    const std::uint32_t facts_index = facts_.intern(facts);
    const std::uint32_t index = situations_.intern({node, facts_index});
    if (index == image_.size()) {
      image_.push_back(ir::kNoNode);
      next_.emplace_back();
      ++copies_[node];
    }
    return index;
  }

  // Leaves the facts that may have a copy of the node.
  void limit(NodeIndex node, Facts& facts) {
    const auto keep_what_matters = [&] {
      facts.keep_if([&](const Fact& fact) { return matters(fact, node); });
      if (first_require_ > node) facts.covered = 0;
    };
    if (copies_[node] < effort_.most_copies) {
      keep_what_matters();
      return;
    }
    limited_ = true;
    if (common_.empty()) find_common_facts();
    std::optional<Fact> first;
    for (std::size_t i = 0; i < facts.count; ++i) {
      const Fact& fact = facts.facts[i];
      if (exact_value(fact) && tests_[fact.test].left == first_tested_) first = fact;
    }
    facts = common_[node];
    const bool one_more = copies_[node] < effort_.most_copies + effort_.most_of_one;
    if (first && one_more && !facts.knows(*first)) facts.add(*first);
    keep_what_matters();
  }

  // The bytes that are there once the value has been computed.
  std::uint32_t covered_by(ValueIndex index) const {
    std::uint32_t covered = 0;
    for (int depth = 0; index != ir::kNoValue && depth < 4; ++depth) {
      const ir::Value& value = source_.values[index];
      if (value.kind == ir::ValueKind::kLoad && value.left == ir::kNoValue &&
          value.k < std::numeric_limits<std::int32_t>::max()) {
        covered = std::max(covered, value.k + value.size);
      }
      index = value.left;
    }
    return covered;
  }

  // What is known behind an Assign or a Require node.
  Facts after(Facts facts, const ir::Node& node) const {
    facts.covered = std::max(facts.covered, covered_by(node.left));
    if (node.kind == ir::NodeKind::kRequire) {
      facts.covered = std::max(facts.covered, node.k);
      return facts;
    }
    const std::uint64_t cell = std::uint64_t{1} << node.k;
    facts.keep_if([&](const Fact& fact) {
      const Test& test = tests_[fact.test];
      return ((source_.values.facts(test.left).cells | source_.values.facts(test.right).cells) &
              cell) == 0;
    });
    return facts;
  }
  // Behind a test.
  Facts after(Facts facts, const ir::Node& node, NodeIndex index, bool outcome) const {
    facts.covered = std::max({facts.covered, covered_by(node.left), covered_by(node.right)});
    facts.add({test_of_node_[index], outcome});
    return facts;
  }

  Successors successors(std::uint32_t current, const ir::Node& node) {
    if (next_[current].then != kNone || node.kind == ir::NodeKind::kReturn) return next_[current];
    const Facts facts = facts_[situations_[current].facts];
    Successors next;
    if (const auto leads = shortcut(facts, situations_[current].node)) {
      next.then = situate(*leads, facts);
      next.only_then = true;
      next_[current] = next;
      return next;
    }
    const NodeIndex index = situations_[current].node;
    if (node.kind == ir::NodeKind::kDecide) {
      next.then = situate(node.then, after(facts, node, index, true));
      next.otherwise = situate(node.otherwise, after(facts, node, index, false));
    } else {
      next.then = situate(node.then, after(facts, node));
    }
    next_[current] = next;
    return next;
  }

  NodeIndex copy(ir::Graph& result, const ir::Node& node, const Successors& next) const {
    if (next.only_then) return image_[next.then];
    const auto image = [&](std::uint32_t situation) {
      return situation == kNone ? ir::kNoNode : image_[situation];
    };
    return result.add_like(node, image(next.then), image(next.otherwise));
  }

  struct Test {
    ValueIndex left;
    ValueIndex right;
    Comparison comparison;

    friend bool operator==(const Test&, const Test&) = default;
    std::uint64_t hash() const {
      return mix(static_cast<std::uint64_t>(left) << 32U | right,
                 static_cast<std::uint64_t>(comparison));
    }
  };

  ir::Graph source_;
  Effort effort_;
  bool limited_ = false;
  std::vector<NodeIndex> last_test_of_value_;
  std::vector<NodeIndex> last_test_of_base_;
  std::vector<std::uint32_t> tests_of_value_;
  ValueIndex first_tested_ = ir::kNoValue;
  InternTable<Test> tests_;
  std::vector<IntervalTest> ranges_;  // by test
  std::vector<std::uint32_t> test_of_node_;
  std::vector<NodeIndex> last_of_test_;
  NodeIndex first_require_ = ir::kNoNode;
  std::vector<Facts> common_;  // by node, once a node has had many copies

  InternTable<Facts> facts_;
  InternTable<Situation> situations_;
  std::vector<NodeIndex> image_;       // by situation
  std::vector<Successors> next_;       // by situation
  std::vector<std::uint32_t> copies_;  // by node
};

// About how many instructions the nodes are; loads are likely to be shared.
std::size_t size_of(const ir::Graph& graph) {
  std::vector<std::size_t> steps(graph.values.size(), 0);  // to compute each value
  constexpr std::size_t kMost = 100;
  for (ValueIndex i = 0; i < graph.values.size(); ++i) {
    const ir::Value& value = graph.values[i];
    const bool indexed = value.kind == ir::ValueKind::kLoad && value.left != ir::kNoValue;
    steps[i] = value.kind == ir::ValueKind::kAlu || indexed ? 1 : 0;
    for (const ValueIndex operand : {value.left, value.right}) {
      if (operand != ir::kNoValue) steps[i] = std::min(steps[i] + steps[operand], kMost);
    }
  }
  const std::vector<bool> reached = graph.reachable();
  std::size_t size = 0;
  for (NodeIndex i = 0; i <= graph.root; ++i) {
    if (!reached[i]) continue;
    size += 1 + (graph[i].left == ir::kNoValue ? 0 : steps[graph[i].left]);
  }
  return size;
}

// Whether a range is tested of a value of which more than that is tested.
bool has_ranges(const ir::Graph& graph, const std::vector<bool>& reached) {
  std::vector<std::uint8_t> tests(graph.values.size(), 0);
  std::vector<ValueIndex> wide;
  for (NodeIndex i = 0; i <= graph.root; ++i) {
    if (!reached[i]) continue;
    const auto test = interval_test(graph.values, graph[i]);
    if (!test) continue;
    tests[test->base] = static_cast<std::uint8_t>(std::min(tests[test->base] + 1, 2));
    if (test->holds.low != test->holds.high) wide.push_back(test->base);
  }
  return std::any_of(wide.begin(), wide.end(), [&](ValueIndex base) { return tests[base] > 1; });
}

// How often a way comes to a value that it has not just tested: what remains once tests of one
// value are one.
std::size_t changes_of_value(const ir::Graph& graph) {
  const std::vector<bool> reached = graph.reachable();
  const auto base_of = [&](NodeIndex i) {
    const auto test = interval_test(graph.values, graph[i]);
    return test ? test->base : graph[i].left;
  };
  std::vector<bool> counted(graph.root + 1, false);
  counted[graph.root] = graph[graph.root].kind != ir::NodeKind::kReturn;
  for (NodeIndex i = 0; i <= graph.root; ++i) {
    if (!reached[i] || graph[i].kind == ir::NodeKind::kReturn) continue;
    for (const NodeIndex next : {graph[i].then, graph[i].otherwise}) {
      if (next == ir::kNoNode || graph[next].kind == ir::NodeKind::kReturn) continue;
      if (base_of(i) != base_of(next)) counted[next] = true;
    }
  }
  return static_cast<std::size_t>(std::count(counted.begin(), counted.end(), true));
}

struct Decided {
  ir::Graph graph;
  std::size_t size = 0;
  bool limited = false;   // some node had more copies than are made
  bool copied = false;    // some node had more than one
  bool loosened = false;  // tests were left of which nothing depends any more
};

// What is decided shows what is needless, and both how much there is to be done.
Decided decide(const ir::Graph& graph, const Effort& effort) {
  Specializer specializer(graph, effort);
  ir::Graph decided = fold(specializer.run());
  const std::size_t size = size_of(decided);
  Decided result{drop_dead(std::move(decided)), 0, specializer.was_limited(),
                 specializer.has_copied(), false};
  result.size = size_of(result.graph);
  result.loosened = result.size < size;
  return result;
}

// By the effort that leaves least; none: nothing makes the graph smaller.
std::optional<Decided> decide(const ir::Graph& graph) {
  const std::size_t size = size_of(graph);
  std::optional<Decided> best;
  for (const Effort& effort : kEfforts) {
    Decided decided = decide(graph, effort);
    // All is known that can be, and at no price.
    const bool enough = decided.size <= size && !decided.limited && !decided.copied;
    if (decided.size < (best ? best->size : size + 1)) best = std::move(decided);
    if (enough) break;
  }
  return best;
}

}  // namespace

ir::Graph decide_by_facts(ir::Graph graph, const PassContext& /*context*/) {
  std::optional<Decided> best = decide(graph);
  if (best && best->loosened) {
    // Copies were made for tests that are needless: once those are gone, fewer will do.
    for (const Effort& first : kFirstEfforts) {
      auto again = decide(decide(graph, first).graph);
      if (again && again->size < best->size) best = std::move(again);
    }
  }
  if (graph.root <= kSmallGraph && has_ranges(graph, graph.reachable())) {
    Decided by_ranges = decide(graph, kWithRanges);
    const std::size_t now = changes_of_value(best ? best->graph : graph);
    if (changes_of_value(by_ranges.graph) < now) return std::move(by_ranges.graph);
  }
  return best ? std::move(best->graph) : std::move(graph);
}

}  // namespace bpfc
