// Does: decides tests that the way to them has decided: the same test again, another test of a
//   value that is known to be equal to a constant, and, in smaller graphs, of one that is known to
//   lie in a range, or of which bits are known; drops tests whose other way rejects anyway, and
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
#include <utility>
#include <vector>

#include "compiler/facts/specializer.h"
#include "compiler/pass.h"

namespace bpfc {
namespace {

using ir::kNoValue;
using ir::NodeIndex;
using ir::ValueIndex;

// What is tried: each for graphs that grow with the one before.
constexpr std::uint32_t kAny = ~std::uint32_t{0};
constexpr std::array kEfforts = {Effort{16, kAny}, Effort{16, 16}, Effort{2, 16}, Effort{0, 16},
                                 Effort{0, 16, false, 0}};
// Where some tests are needless, which shows only once others are decided.
constexpr std::array kFirstEfforts = {Effort{0, 16}, Effort{0, 16, false, 0}};
constexpr Effort kWithRanges = {16, kAny, true};
// Where it is sought what ranges decide.
constexpr std::size_t kSmallGraph = 200;
// Up to where it is sought whether fewer copies are better than those that decide all.
constexpr std::size_t kMediumGraph = 2000;

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

// How often a way comes to a value that it has not just tested: what remains once tests of one
// value are one.
std::size_t changes_of_value(const ir::Graph& graph) {
  const std::vector<bool> reached = graph.reachable();
  std::vector<ValueIndex> tested(graph.root + 1, kNoValue);
  for (NodeIndex i = 0; i <= graph.root; ++i) {
    if (!reached[i] || graph[i].kind == ir::NodeKind::kReturn) continue;
    const auto test = interval_test(graph.values, graph[i]);
    tested[i] = test ? test->base : graph[i].left;
  }
  std::vector<bool> counted(graph.root + 1, false);
  counted[graph.root] = graph[graph.root].kind != ir::NodeKind::kReturn;
  for (NodeIndex i = 0; i <= graph.root; ++i) {
    if (!reached[i] || graph[i].kind == ir::NodeKind::kReturn) continue;
    for (const NodeIndex next : {graph[i].then, graph[i].otherwise}) {
      if (next == ir::kNoNode || graph[next].kind == ir::NodeKind::kReturn) continue;
      if (tested[i] != tested[next]) counted[next] = true;
    }
  }
  return static_cast<std::size_t>(std::count(counted.begin(), counted.end(), true));
}

struct Decided {
  ir::Graph graph;
  std::size_t size = 0;
  bool limited = false;      // some node would have had more copies than are made
  std::uint32_t copies = 0;  // of the node that has most
  bool loosened = false;     // tests were left of which nothing depends any more
};

// What is decided shows what is needless, and both how much there is to be done.
Decided decide(const KnownTests& tests, const Effort& effort) {
  Specializer specializer(tests, effort);
  ir::Graph decided = fold(specializer.run());
  const std::size_t size = size_of(decided);
  Decided result{drop_dead(std::move(decided)), 0, specializer.was_limited(),
                 specializer.greatest_copies(), false};
  result.size = size_of(result.graph);
  result.loosened = result.size < size;
  return result;
}

// By the effort that leaves least; none: nothing makes the graph smaller.
std::optional<Decided> decide(const KnownTests& tests) {
  const std::size_t size = size_of(tests.graph());
  std::optional<Decided> best;
  // So many copies the effort before has made of a node; to allow more makes no difference.
  std::uint32_t most_wanted = kAny;
  for (const Effort& effort : kEfforts) {
    if (most_wanted < effort.most_copies && tests.greatest_tests() <= effort.most_tests) continue;
    Decided decided = decide(tests, effort);
    most_wanted = decided.limited ? kAny : decided.copies;
    // All is known that can be, at no price, or at one that is paid in a large graph.
    const bool enough = decided.size <= size && !decided.limited &&
                        (decided.copies <= 1 || tests.graph().root > kMediumGraph);
    const std::size_t least = best ? best->size : size + 1;
    const bool fewer_loads = best && decided.size == least &&
                             changes_of_value(decided.graph) < changes_of_value(best->graph);
    if (decided.size < least || fewer_loads) best = std::move(decided);
    if (enough) break;
  }
  return best;
}

// Where tests overlap. What rejects once they are decided may make the test before it needless.
void decide_by_bits(const ir::Graph& graph, std::optional<Decided>& best) {
  constexpr int kMostRounds = 3;
  if (graph.root > kMediumGraph) return;
  for (int round = 0; round < kMostRounds; ++round) {
    const ir::Graph& now = best ? best->graph : graph;
    const Overlaps overlaps(now);
    if (!overlaps.any()) return;
    auto again = decide(KnownTests(now, &overlaps));
    if (!again || again->size >= size_of(now)) return;
    best = std::move(again);
  }
}

}  // namespace

ir::Graph decide_by_facts(ir::Graph graph, const PassContext& /*context*/) {
  const KnownTests tests(graph);
  std::optional<Decided> by_ranges;
  if (graph.root <= kSmallGraph && tests.has_ranges()) by_ranges = decide(tests, kWithRanges);
  std::optional<Decided> best;
  if (by_ranges && !by_ranges->limited &&
      (by_ranges->copies <= 1 || by_ranges->size <= size_of(graph) / 5 * 3)) {
    // More is known than without, at no price, or at a small one.
    best = std::exchange(by_ranges, std::nullopt);
  } else {
    best = decide(tests);
  }
  if (best && best->loosened) {
    // Copies were made for tests that are needless: once those are gone, fewer will do.
    for (const Effort& first : kFirstEfforts) {
      const Decided once = decide(tests, first);
      auto again = decide(KnownTests(once.graph));
      if (again && again->size < best->size) best = std::move(again);
    }
  }
  decide_by_bits(graph, best);
  if (by_ranges) {
    const std::size_t now = changes_of_value(best ? best->graph : graph);
    if (changes_of_value(by_ranges->graph) < now) return std::move(by_ranges->graph);
  }
  return best ? std::move(best->graph) : std::move(graph);
}

}  // namespace bpfc
