#include "compiler/graph.h"

#include <gmock/gmock.h>

namespace bpfc::ir {
namespace {

using ::testing::HasSubstr;

TEST(ValueTable, MakesEqualValuesOne) {
  ValueTable values;
  const ValueIndex load = values.load(2, kNoValue, 12);
  EXPECT_EQ(values.load(2, kNoValue, 12), load);
  EXPECT_NE(values.load(4, kNoValue, 12), load);
  EXPECT_NE(values.load(2, kNoValue, 14), load);
  const ValueIndex sum = values.alu(Arithmetic::kAdd, load, values.constant(3));
  EXPECT_EQ(values.alu(Arithmetic::kAdd, load, values.constant(3)), sum);
  EXPECT_NE(values.alu(Arithmetic::kAdd, load, values.constant(4)), sum);
  EXPECT_EQ(values.length(), values.length());
  EXPECT_NE(values.cell(0), values.cell(1));
  EXPECT_NE(values.ancillary(0), values.cell(0));
}

TEST(ValueTable, KeepsManyValuesApart) {
  ValueTable values;
  for (std::uint32_t round = 0; round < 2; ++round) {
    for (std::uint32_t k = 0; k < 10'000; ++k) ASSERT_EQ(values.constant(k * 65536), k);
  }
}

TEST(ValueTable, FoldsConstants) {
  ValueTable values;
  struct Case {
    Arithmetic op;
    std::uint32_t left;
    std::uint32_t right;
    std::uint32_t result;
  };
  for (const Case& c :
       {Case{Arithmetic::kAdd, 0xffffffff, 2, 1}, Case{Arithmetic::kSubtract, 1, 2, 0xffffffff},
        Case{Arithmetic::kMultiply, 0x10000, 0x10001, 0x10000}, Case{Arithmetic::kDivide, 7, 2, 3},
        Case{Arithmetic::kModulo, 7, 4, 3}, Case{Arithmetic::kAnd, 6, 3, 2},
        Case{Arithmetic::kOr, 6, 3, 7}, Case{Arithmetic::kXor, 6, 3, 5},
        Case{Arithmetic::kShiftLeft, 3, 31, 0x80000000},
        Case{Arithmetic::kShiftRight, 0x80000000, 31, 1}}) {
    const ValueIndex made = values.alu(c.op, values.constant(c.left), values.constant(c.right));
    EXPECT_EQ(values.constant_of(made), c.result) << static_cast<int>(c.op);
  }
  EXPECT_EQ(values.constant_of(values.alu(Arithmetic::kNegate, values.constant(5), kNoValue)),
            0xfffffffbU);
}

TEST(ValueTable, LeavesWhatEndsTheFilterOrMeansDifferentThings) {
  ValueTable values;
  for (const Arithmetic op : {Arithmetic::kDivide, Arithmetic::kModulo}) {
    const ValueIndex made = values.alu(op, values.constant(7), values.constant(0));
    EXPECT_EQ(values.constant_of(made), std::nullopt);
    EXPECT_TRUE(values.facts(made).can_fail);
  }
  for (const Arithmetic op : {Arithmetic::kShiftLeft, Arithmetic::kShiftRight}) {
    const ValueIndex made = values.alu(op, values.constant(7), values.constant(32));
    EXPECT_EQ(values.constant_of(made), std::nullopt);
    EXPECT_FALSE(values.facts(made).can_fail);
  }
}

TEST(ValueTable, DropsZerosThatAddNothing) {
  ValueTable values;
  const ValueIndex zero = values.constant(0);
  const ValueIndex length = values.length();
  for (const Arithmetic op : {Arithmetic::kAdd, Arithmetic::kSubtract, Arithmetic::kOr,
                              Arithmetic::kXor, Arithmetic::kShiftLeft, Arithmetic::kShiftRight}) {
    EXPECT_EQ(values.alu(op, length, zero), length);
  }
  EXPECT_EQ(values.alu(Arithmetic::kAdd, zero, length), length);
  EXPECT_NE(values.alu(Arithmetic::kSubtract, zero, length), length);
}

TEST(ValueTable, FoldsTheBaseOfALoadBelowTwoToThe31) {
  ValueTable values;
  const ValueIndex base = values.constant(10);
  EXPECT_EQ(values.load(4, base, 2), values.load(4, kNoValue, 12));
  // The last load that ends at 2^31, and the first that does not.
  const Value last = values[values.load(4, base, 0x7ffffffcU - 10)];
  EXPECT_EQ(last.left, kNoValue);
  EXPECT_EQ(last.k, 0x7ffffffcU);
  EXPECT_EQ(values[values.load(4, base, 0x7ffffffdU - 10)].left, base);
  EXPECT_EQ(values[values.load(1, values.constant(0xffffffff), 2)].left,
            values.constant(0xffffffff));
}

TEST(ValueTable, NeverMakesAnAncillaryLoadOfALoad) {
  ValueTable values;
  for (const std::uint32_t offset : {0x7fffffffU, 0x80000000U, 0xfffff000U, 0xfffff02cU}) {
    const Value made = values[values.load(2, kNoValue, offset)];
    ASSERT_NE(made.left, kNoValue);
    EXPECT_EQ(values.constant_of(made.left), offset);
    EXPECT_EQ(made.k, 0U);
  }
}

TEST(ValueTable, KnowsWhatFollowsFromOperands) {
  ValueTable values;
  const ValueIndex cell = values.cell(3);
  EXPECT_EQ(values.facts(cell).cells, 8U);
  EXPECT_FALSE(values.facts(cell).can_fail);
  const ValueIndex load = values.load(1, cell, 5);
  EXPECT_EQ(values.facts(load).cells, 8U);
  EXPECT_TRUE(values.facts(load).can_fail);
  const ValueIndex sum = values.alu(Arithmetic::kAdd, load, values.cell(0));
  EXPECT_EQ(values.facts(sum).cells, 9U);
  EXPECT_EQ(values.facts(sum).depth, 2U);
  const ValueIndex half = values.alu(Arithmetic::kDivide, values.length(), values.constant(2));
  EXPECT_FALSE(values.facts(half).can_fail);
  const ValueIndex part = values.alu(Arithmetic::kDivide, values.length(), cell);
  EXPECT_TRUE(values.facts(part).can_fail);
}

TEST(Graph, MakesEqualNodesOne) {
  Graph graph;
  const NodeIndex no = graph.add_return(0);
  const NodeIndex yes = graph.add_return(1);
  EXPECT_EQ(graph.add_return(0), no);
  const ValueIndex length = graph.values.length();
  const ValueIndex five = graph.values.constant(5);
  const NodeIndex test = graph.decide(Comparison::kEqual, length, five, yes, no);
  EXPECT_EQ(graph.decide(Comparison::kEqual, length, five, yes, no), test);
  EXPECT_NE(graph.decide(Comparison::kEqual, length, five, no, yes), test);
  EXPECT_NE(graph.decide(Comparison::kGreater, length, five, yes, no), test);
  EXPECT_EQ(graph.require_bytes(0, test), test);
  EXPECT_NE(graph.require_bytes(1, test), test);
}

TEST(Graph, KnowsWhatTheRootReaches) {
  Graph graph;
  const NodeIndex no = graph.add_return(0);
  const NodeIndex yes = graph.add_return(1);
  const NodeIndex lost = graph.require_bytes(7, no);
  graph.root = graph.assign(2, graph.values.length(), yes);
  const std::vector<bool> reached = graph.reachable();
  EXPECT_TRUE(reached[yes]);
  EXPECT_FALSE(reached[no]);
  EXPECT_FALSE(reached[lost]);
  EXPECT_EQ(graph.cell_count, 3U);
  EXPECT_EQ(to_text(graph), "v0 = length\nn3: cell 2 := v0, n1\nn1: return 1\n");
}

TEST(Graph, AssignsNothingBeforeARejection) {
  Graph graph;
  const NodeIndex no = graph.add_return(0);
  EXPECT_EQ(graph.assign(2, graph.values.load(1, kNoValue, 7), no), no);
}

class CheckGraph : public ::testing::Test {
 protected:
  void expect_wrong(const std::string& part) {
    const auto wrong = check_graph(graph_);
    ASSERT_TRUE(wrong) << "nothing wrong, expected: " << part;
    EXPECT_THAT(*wrong, HasSubstr(part));
  }

  Graph graph_;
  NodeIndex end_ = graph_.root = graph_.add_return(1);
  ValueIndex length_ = graph_.values.length();
};

TEST_F(CheckGraph, AcceptsWhatIsRight) {
  EXPECT_EQ(check_graph(graph_), std::nullopt);
  graph_.root = graph_.decide(Comparison::kEqual, length_, graph_.values.load(1, length_, 3), end_,
                              graph_.assign(63, length_, graph_.require_value(length_, end_)));
  EXPECT_EQ(check_graph(graph_), std::nullopt);
}

TEST_F(CheckGraph, FindsARootThatIsNotThere) {
  graph_.root = kNoNode;
  expect_wrong("no root");
}

TEST_F(CheckGraph, FindsSuccessorsThatDoNotStandBefore) {
  graph_.root = graph_.require_bytes(1, 77);
  expect_wrong("leads to n77");
}

TEST_F(CheckGraph, FindsAnUnknownValue) {
  graph_.root = graph_.require_value(99, end_);
  expect_wrong("uses v99");
}

TEST_F(CheckGraph, FindsMissingOperandsAndSuccessors) {
  graph_.root = graph_.decide(Comparison::kEqual, length_, kNoValue, end_, end_);
  expect_wrong("wrong operands or successors");
  graph_ = {};
  end_ = graph_.add_return(1);
  graph_.root = graph_.assign(0, kNoValue, end_);
  expect_wrong("wrong operands or successors");
  graph_ = {};
  graph_.root = graph_.require_bytes(1, kNoNode);
  expect_wrong("wrong operands or successors");
}

TEST_F(CheckGraph, FindsTooManyCells) {
  graph_.root = graph_.assign(kMaxCells, length_, end_);
  expect_wrong("65 cells");
}

TEST_F(CheckGraph, FindsAReadOfACellThatCannotBe) {
  graph_.values.cell(kMaxCells);
  expect_wrong("reads cell 64");
}

TEST_F(CheckGraph, FindsAReadOfACellThatIsNotCounted) {
  graph_.root = graph_.require_value(graph_.values.cell(2), end_);
  expect_wrong("reads cell 2");
  graph_.cell_count = 3;
  EXPECT_EQ(check_graph(graph_), std::nullopt);
}

TEST_F(CheckGraph, FindsAnAssignmentToACellThatIsNotCounted) {
  graph_.root = graph_.assign(5, length_, end_);
  graph_.cell_count = 5;
  expect_wrong("wrong operands or successors");
}

TEST_F(CheckGraph, FindsALoadOfAStrangeSize) {
  graph_.values.load(3, kNoValue, 0);
  expect_wrong("loads 3 bytes");
}

TEST_F(CheckGraph, FindsAnOperatorWithoutItsOperand) {
  graph_.values.alu(Arithmetic::kXor, length_, kNoValue);
  expect_wrong("wrong number of operands");
}

TEST_F(CheckGraph, FindsANegationOfTwo) {
  graph_.values.alu(Arithmetic::kNegate, length_, length_);
  expect_wrong("wrong number of operands");
}

}  // namespace
}  // namespace bpfc::ir
