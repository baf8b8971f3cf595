// merge.cc, group.cc, hoist.cc and widen.cc of compiler/sets, in the order in which they run.
#include <algorithm>

#include "compiler/sets/partition_graph.h"
#include "tests/compiler/graph_generator.h"
#include "tests/compiler/pass_graph.h"

namespace bpfc {
namespace {

using sets::Part;

class Sets : public testing::PassGraph {
 protected:
  // The graph in parts, merged.
  sets::Graph merged(ir::NodeIndex root) {
    graph_.root = root;
    sets::Graph made = sets::partition_graph(graph_);
    sets::merge_regions(made);
    return made;
  }
  // And grouped. `changed` is what group_chains() says.
  sets::Graph grouped(ir::NodeIndex root, bool& changed) {
    sets::Graph made = merged(root);
    const Intervals intervals(graph_);
    changed = sets::group_chains(made, values_, intervals, covered_at_nodes(graph_, intervals));
    return made;
  }
  // Reachable nodes that are partitions of the value.
  static std::size_t partitions(const sets::Graph& graph, ir::ValueIndex value) {
    const std::vector<std::uint32_t> reached = sets::predecessors(graph);
    std::size_t found = 0;
    for (sets::Index i = 0; i <= graph.root; ++i) {
      if (reached[i] > 0 && graph.nodes[i].value == value) ++found;
    }
    return found;
  }
  // The sets' text for a graph that widening is to make one test of, or not.
  std::string sets_of(ir::NodeIndex root) { return run(testing::kSets, root); }
};

class MergeRegions : public Sets {};
class GroupChains : public Sets {};
class HoistPartitions : public Sets {};
class WidenLoads : public Sets {};

TEST_F(MergeRegions, MakesOnePartitionOfTestsOfAValue) {
  const ir::ValueIndex value = load(1, 0);
  const ir::NodeIndex third = graph_.add_return(3);
  const ir::NodeIndex above = test(Comparison::kGreater, value, 7, yes_, no_);
  const sets::Graph made = merged(equal(value, 5, third, above));
  const sets::Node& root = made.nodes[made.root];
  ASSERT_TRUE(root.is_partition());
  ASSERT_EQ(root.parts.size(), 4U);
  const std::vector<std::uint32_t> lows = {0, 5, 6, 8};
  const std::vector<std::uint32_t> leads = {0, 3, 0, 9};
  for (std::size_t i = 0; i < lows.size(); ++i) {
    EXPECT_EQ(root.parts[i].low, lows[i]);
    EXPECT_EQ(made.nodes[root.parts[i].target].plain.k, leads[i]);
  }
}

TEST_F(MergeRegions, SeesTheValueBehindMasksAndShifts) {
  const ir::ValueIndex value = load(1, 0);
  const ir::ValueIndex version = alu(Arithmetic::kShiftRight, value, 4);
  const ir::ValueIndex high = alu(Arithmetic::kAnd, value, 0xf0);
  const sets::Graph made =
      merged(equal(version, 4, equal(value, 0x45, yes_, no_), equal(high, 0x60, yes_, no_)));
  EXPECT_EQ(partitions(made, value), 1U);
}

TEST_F(MergeRegions, CopiesNoLargePartitionThatOthersLeadToAsWell) {
  const ir::ValueIndex value = load(1, 0);
  const ir::ValueIndex other = load(1, 1);
  ir::NodeIndex common = no_;
  for (std::uint32_t k = 0; k < 10; ++k) common = equal(value, 20 + 2 * k, yes_, common);
  const ir::NodeIndex way = equal(value, 5, yes_, common);
  const sets::Graph made = merged(equal(other, 1, way, common));
  EXPECT_GE(partitions(made, value), 2U);
  std::size_t large = 0;
  for (const sets::Node& node : made.nodes) large += node.parts.size() > 10 ? 1 : 0;
  EXPECT_EQ(large, 1U);
}

TEST_F(MergeRegions, CopiesASmallOneToWhereTheValueIsAtHand) {
  const ir::ValueIndex value = load(1, 0);
  const ir::ValueIndex other = load(1, 1);
  const ir::NodeIndex common = equal(value, 7, yes_, no_);
  const ir::NodeIndex way = equal(value, 5, yes_, common);
  const sets::Graph made = merged(equal(other, 1, way, common));
  const sets::Node& root = made.nodes[made.root];
  for (const Part& part : root.parts) {
    const sets::Node& next = made.nodes[part.target];
    if (next.parts.size() == 3) continue;
    // {5, 7}
    EXPECT_EQ(next.parts.size(), 5U);
  }
}

// Any graph of tests of one value is the function that it computes, at all numbers where any of its
// tests changes.
TEST_F(MergeRegions, LeadsEachNumberWhereTheTestsDo) {
  testing::GraphGenerator random(11);
  for (int round = 0; round < 300; ++round) {
    graph_ = ir::Graph();
    const ir::ValueIndex value = load(round % 2 == 0 ? 1 : 4, 0);
    std::vector<ir::NodeIndex> nodes;
    for (std::uint32_t k = 0; k < 3; ++k) nodes.push_back(graph_.add_return(k));
    std::vector<std::uint32_t> numbers = {0, 255};
    // A long row, or one in which nodes are shared.
    const std::uint32_t near = random.one_in(2) ? 1 : 5;
    for (std::uint32_t count = 2 + random.below(60); count > 0; --count) {
      const std::uint32_t k = random.below(256);
      for (const std::uint32_t number : {k - 1, k, k + 1}) {
        if (number < 256) numbers.push_back(number);
      }
      const auto size = static_cast<std::uint32_t>(nodes.size());
      const ir::NodeIndex then = nodes[size - 1 - random.below(std::min(near, size))];
      const ir::NodeIndex otherwise = nodes[random.below(random.one_in(2) ? 3 : size)];
      const auto comparison = static_cast<Comparison>(random.below(3));
      nodes.push_back(random.one_in(2) ? test(comparison, value, k, then, otherwise)
                                       : test(comparison, value, k, otherwise, then));
    }
    const sets::Graph made = merged(nodes.back());
    for (const std::uint32_t number : numbers) {
      ir::NodeIndex expected = graph_.root;
      while (graph_[expected].kind == ir::NodeKind::kDecide) {
        const ir::Node& node = graph_[expected];
        const std::uint32_t k = *values_.constant_of(node.right);
        const bool holds = node.comparison == Comparison::kEqual     ? number == k
                           : node.comparison == Comparison::kGreater ? number > k
                                                                     : number >= k;
        expected = holds ? node.then : node.otherwise;
      }
      sets::Index at = made.root;
      while (made.nodes[at].is_partition() || made.nodes[at].plain.kind == ir::NodeKind::kDecide) {
        const sets::Node& node = made.nodes[at];
        if (!node.is_partition()) {
          // Its outcome is the same whatever the number, or its ways are.
          const std::uint32_t k = *values_.constant_of(node.plain.right);
          const bool holds = node.plain.comparison == Comparison::kEqual     ? number == k
                             : node.plain.comparison == Comparison::kGreater ? number > k
                                                                             : number >= k;
          at = holds ? node.plain.then : node.plain.otherwise;
          continue;
        }
        const auto behind = std::find_if(node.parts.begin(), node.parts.end(),
                                         [&](const Part& part) { return part.low > number; });
        at = std::prev(behind)->target;
      }
      ASSERT_EQ(made.nodes[at].plain.k, graph_[expected].k) << number << "\n" << to_text(graph_);
    }
  }
}

// source and destination, by turns, in three hosts.
TEST_F(GroupChains, BringsTestsOfAValueTogether) {
  const ir::ValueIndex source = load(4, 26);
  const ir::ValueIndex destination = load(4, 30);
  ir::NodeIndex at = no_;
  for (std::uint32_t k = 0; k < 3; ++k) {
    at = equal(source, 10 * k, yes_, equal(destination, 10 * k, yes_, at));
  }
  // With the bytes there, all of it is one piece.
  bool changed = false;
  sets::Graph made = grouped(graph_.require_bytes(34, at), changed);
  EXPECT_TRUE(changed);
  EXPECT_EQ(partitions(made, source), 1U);
  EXPECT_EQ(partitions(made, destination), 1U);
  // The first source is asked before the destination is loaded.
  made = grouped(at, changed);
  EXPECT_TRUE(changed);
  EXPECT_EQ(partitions(made, source), 2U);
  EXPECT_EQ(partitions(made, destination), 1U);
  sets_of(at);
}

TEST_F(GroupChains, KeepsALoadBehindWhatMayAccept) {
  // [2] is loaded by the last test but one; no test of it may move up, and none of [1] past it.
  const ir::ValueIndex first = load(1, 1);
  const ir::ValueIndex second = load(1, 40);
  const ir::NodeIndex root = equal(
      first, 1, yes_, equal(second, 2, yes_, equal(first, 3, yes_, equal(second, 0, yes_, no_))));
  sets_of(root);
  bool changed = false;
  const sets::Graph made = grouped(root, changed);
  EXPECT_EQ(made.nodes[made.root].value, first);
  EXPECT_EQ(made.nodes[made.root].parts.size(), 3U);
}

TEST_F(GroupChains, MovesFreelyInFrontOfARejection) {
  // All must hold: a packet that ends early is rejected either way.
  const ir::ValueIndex first = load(1, 1);
  const ir::ValueIndex second = load(1, 40);
  const auto at_least = [&](ir::ValueIndex value, std::uint32_t k, ir::NodeIndex then) {
    return test(Comparison::kGreaterOrEqual, value, k, then, no_);
  };
  const auto at_most = [&](ir::ValueIndex value, std::uint32_t k, ir::NodeIndex then) {
    return test(Comparison::kGreater, value, k, no_, then);
  };
  const ir::NodeIndex root =
      at_least(first, 1, at_least(second, 1, at_most(first, 2, at_most(second, 2, yes_))));
  bool changed = false;
  const sets::Graph made = grouped(root, changed);
  EXPECT_TRUE(changed);
  EXPECT_EQ(partitions(made, first), 1U);
  EXPECT_EQ(partitions(made, second), 1U);
  sets_of(root);
}

TEST_F(GroupChains, LeavesADivisionWhereItIs) {
  const ir::ValueIndex first = load(1, 1);
  const ir::ValueIndex quotient =
      values_.alu(Arithmetic::kDivide, load(1, 1), values_.load(1, ir::kNoValue, 0));
  ir::NodeIndex at = no_;
  for (std::uint32_t k = 0; k < 3; ++k) {
    at = equal(first, k, yes_, equal(quotient, k, yes_, at));
  }
  sets_of(at);
}

TEST_F(GroupChains, ChangesNothingWhereNoValueComesTwice) {
  const ir::NodeIndex root =
      equal(load(1, 1), 1, yes_, equal(load(1, 2), 1, yes_, equal(load(1, 3), 1, yes_, no_)));
  bool changed = true;
  grouped(root, changed);
  EXPECT_FALSE(changed);
}

TEST_F(HoistPartitions, AsksFirstWhatAllWaysAskFor) {
  const ir::ValueIndex first = load(1, 1);
  const ir::ValueIndex second = load(1, 2);
  const ir::ValueIndex common = load(1, 3);
  const ir::ValueIndex far = load(1, 30);
  const ir::ValueIndex behind = load(1, 3, header_length(0));
  const ir::NodeIndex other = graph_.add_return(7);
  // They differ in one number of three.
  const auto less = [&](ir::ValueIndex value) {
    return equal(value, 4, yes_, equal(value, 6, other, no_));
  };
  const auto more = [&](ir::ValueIndex value) {
    return equal(value, 4, yes_, equal(value, 6, other, equal(value, 8, yes_, no_)));
  };
  const ir::NodeIndex none = equal(common, 1, graph_.add_return(1), graph_.add_return(2));
  const struct {
    const char* what;
    ir::NodeIndex root;
    bool hoisted;
  } rows[] = {
      {"most is the same", equal(first, 1, less(common), more(common)), true},
      {"behind two tests",
       equal(first, 1, equal(second, 1, less(common), more(common)), less(common)), true},
      {"of the length", equal(values_.length(), 30, less(common), more(common)), true},
      {"behind a base", equal(load(1, 63), 1, less(behind), more(behind)), false},
      {"behind a base that covers the test", equal(load(1, 3), 1, less(behind), more(behind)),
       true},
      {"others lead there too",
       equal(second, 1, equal(first, 1, less(common), more(common)),
             equal(load(1, 8), 1, less(common), no_)),
       false},
      {"a byte that may be missing where what follows accepts",
       equal(far, 1, less(common), more(common)), false},
      {"a byte that is there", graph_.require_bytes(31, equal(far, 1, less(common), more(common))),
       true},
      {"a byte that may be missing where what follows rejects",
       equal(far, 1, equal(common, 4, yes_, no_), equal(common, 4, other, no_)), true},
      {"nothing is the same", equal(first, 1, less(common), none), false},
      {"what the kernel knows", equal(values_.ancillary(8), 1, less(common), more(common)), false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    sets::Graph made = merged(row.root);
    const Intervals intervals(graph_);
    const std::vector<Covered> covered = covered_at_nodes(graph_, intervals);
    EXPECT_EQ(sets::hoist_partitions(made, values_, intervals, covered), row.hoisted);
    sets_of(row.root);
  }
}

TEST_F(WidenLoads, PutsTwoTestsOfNeighboursSideBySide) {
  const ir::ValueIndex x = header_length(0);
  const ir::ValueIndex half = load(2, 8);
  const auto masked = [&](ir::ValueIndex value, std::uint32_t mask) {
    return alu(Arithmetic::kAnd, value, mask);
  };
  const auto no_bit = [&](ir::ValueIndex value, std::uint32_t mask, ir::NodeIndex next) {
    return test(Comparison::kAnyBit, value, mask, no_, next);
  };
  const auto both = [&](ir::ValueIndex first, std::uint32_t k, ir::ValueIndex second,
                        std::uint32_t n) {
    return equal(first, k, equal(second, n, yes_, no_), no_);
  };
  const ir::NodeIndex six = equal(load(1, 11), 6, no_bit(half, 0x1fff, yes_), no_);
  const ir::NodeIndex any =
      equal(load(1, 11), 6, no_bit(half, 0x1fff, yes_),
            equal(load(1, 11), 17, no_bit(half, 0x1fff, graph_.add_return(7)), no_));
  const ir::NodeIndex shared = equal(load(1, 9), 1, yes_, no_);
  const struct {
    const char* what;
    ir::NodeIndex root;
    std::size_t tests;
  } rows[] = {
      {"two bytes", both(load(1, 8), 1, load(1, 9), 2), 1},
      {"the other way around", both(load(1, 9), 1, load(1, 8), 2), 1},
      {"with one between", both(load(1, 8), 1, load(1, 10), 2), 1},
      {"a byte and a half", both(load(1, 8), 1, load(2, 9), 2), 1},
      {"a byte and the half before it", both(load(1, 10), 1, load(2, 8), 2), 1},
      {"a protocol and no fragment", six, 1},
      {"protocols and no fragment", any, 2},
      {"from the same base", both(load(1, 8, x), 1, load(1, 9, x), 2), 1},
      {"from another base", both(load(1, 8, x), 1, load(1, 9), 2), 2},
      {"too far from each other", both(load(1, 8), 1, load(1, 12), 2), 2},
      {"a word leaves no room", both(load(4, 8), 1, load(1, 12), 2), 2},
      {"no room before the packet", both(load(1, 0), 1, load(2, 1), 2), 2},
      {"parts of one byte", both(masked(load(1, 8), 0xf), 1, masked(load(1, 8), 0x50), 0x40), 1},
      {"masks that overlap", both(masked(load(1, 8), 0x1f), 1, masked(load(1, 8), 0x50), 0x40), 2},
      {"a test that others lead to",
       equal(load(1, 20), 1, equal(load(1, 8), 1, shared, no_), equal(load(1, 20), 2, shared, no_)),
       4},
      {"one that accepts",
       equal(load(1, 8), 1, equal(load(1, 9), 1, yes_, no_), graph_.add_return(7)), 2},
      {"other tests behind other parts",
       equal(load(1, 8), 1, equal(load(1, 9), 1, yes_, no_),
             equal(load(1, 8), 2, equal(load(1, 9), 3, yes_, no_), no_)),
       4},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    const std::string text = sets_of(row.root);
    EXPECT_EQ(tests(), row.tests) << text;
  }
}

// A number that the mask leaves no packet: its bits are not those of a neighbour.
TEST_F(WidenLoads, LeavesNumbersThatCannotBe) {
  const ir::ValueIndex masked = alu(Arithmetic::kAnd, load(4, 0), 0x0ffff000);
  const ir::NodeIndex byte = equal(load(1, 3), 1, yes_, no_);
  for (const std::uint32_t k : {1U, 2U, 3U, 5U}) {
    const ir::NodeIndex from = test(Comparison::kGreaterOrEqual, masked, k, byte, no_);
    const ir::NodeIndex only = test(Comparison::kGreater, masked, k, no_, from);
    sets_of(only);
  }
}

}  // namespace
}  // namespace bpfc
