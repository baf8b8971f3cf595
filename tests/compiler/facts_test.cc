#include <gtest/gtest.h>

#include "compiler/pass.h"
#include "tests/compiler/pass_graph.h"

namespace bpfc {
namespace {

class DecideByFacts : public ::testing::Test {
 protected:
  ir::ValueIndex constant(std::uint32_t k) { return graph_.values.constant(k); }
  ir::ValueIndex load(std::uint8_t size, std::uint32_t offset) {
    return graph_.values.load(size, ir::kNoValue, offset);
  }
  ir::NodeIndex equal(ir::ValueIndex value, std::uint32_t k, ir::NodeIndex then,
                      ir::NodeIndex otherwise) {
    return graph_.decide(Comparison::kEqual, value, constant(k), then, otherwise);
  }
  std::string run(ir::NodeIndex root) {
    graph_.root = root;
    EXPECT_EQ(ir::check_graph(graph_), std::nullopt);
    result_ = decide_by_facts(graph_);
    EXPECT_EQ(ir::check_graph(result_), std::nullopt);
    return to_text(result_);
  }
  // Nodes of a kind that the result's root reaches.
  std::size_t count(ir::NodeKind kind) const {
    const std::vector<bool> reached = result_.reachable();
    std::size_t found = 0;
    for (ir::NodeIndex i = 0; i <= result_.root; ++i) {
      if (reached[i] && result_[i].kind == kind) ++found;
    }
    return found;
  }
  std::size_t tests() const { return count(ir::NodeKind::kDecide); }

  ir::Graph graph_;
  ir::Graph result_;
  ir::NodeIndex no_ = graph_.add_return(0);
  ir::NodeIndex yes_ = graph_.add_return(9);
};

TEST_F(DecideByFacts, DecidesTheSameTestAgain) {
  const ir::NodeIndex again = equal(load(2, 12), 5, yes_, no_);
  const ir::NodeIndex between = equal(load(1, 0), 1, again, no_);
  run(equal(load(2, 12), 5, between, again));
  EXPECT_EQ(tests(), 2U);
}

TEST_F(DecideByFacts, DecidesOtherTestsOfAKnownValue) {
  const ir::ValueIndex value = load(2, 12);
  for (const auto& [comparison, k, holds] :
       {std::tuple{Comparison::kEqual, 6U, false}, std::tuple{Comparison::kGreater, 4U, true},
        std::tuple{Comparison::kGreaterOrEqual, 6U, false},
        std::tuple{Comparison::kAnyBit, 4U, true}, std::tuple{Comparison::kAnyBit, 2U, false}}) {
    const ir::NodeIndex second = graph_.decide(comparison, value, constant(k), yes_, no_);
    const ir::NodeIndex third = graph_.add_return(3);
    const std::string text = run(equal(value, 5, second, third));
    EXPECT_EQ(tests(), 1U) << text;
    EXPECT_EQ(text.find("return 9") != std::string::npos, holds) << text;
  }
}

TEST_F(DecideByFacts, ConcludesNothingFromOtherOutcomes) {
  const ir::ValueIndex value = load(2, 12);
  // Not 5; then it may be 6 or not.
  run(equal(value, 5, no_, equal(value, 6, yes_, no_)));
  EXPECT_EQ(tests(), 2U);
  // Any bit of 5 is set; that says nothing of being 5.
  const ir::NodeIndex second = equal(value, 5, yes_, graph_.add_return(3));
  run(graph_.decide(Comparison::kAnyBit, value, constant(5), second, no_));
  EXPECT_EQ(tests(), 2U);
  // Equal to another value, which is no constant.
  run(graph_.decide(Comparison::kEqual, value, load(2, 0), second, no_));
  EXPECT_EQ(tests(), 2U);
}

TEST_F(DecideByFacts, ForgetsWhatReadsAnAssignedCell) {
  const ir::ValueIndex cell = graph_.values.cell(0);
  const ir::ValueIndex behind = graph_.values.load(1, cell, 3);
  const ir::NodeIndex again = equal(behind, 5, yes_, no_);
  run(equal(behind, 5, graph_.assign(0, load(1, 0), again), no_));
  EXPECT_EQ(tests(), 2U);
  // Another cell changes nothing.
  run(equal(behind, 5, graph_.assign(1, load(1, 0), again), no_));
  EXPECT_EQ(tests(), 1U);
}

TEST_F(DecideByFacts, ForgetsOnlyOnTheWayThatAssigns) {
  const ir::ValueIndex cell = graph_.values.cell(0);
  const ir::NodeIndex again = equal(cell, 0, yes_, no_);
  const ir::NodeIndex sets = graph_.assign(0, load(1, 0), again);
  run(equal(cell, 0, equal(load(1, 7), 1, sets, again), no_));
  EXPECT_EQ(tests(), 3U);
}

TEST_F(DecideByFacts, DropsBytesThatAreThere) {
  const ir::NodeIndex shorter = graph_.require_bytes(14, yes_);
  const ir::NodeIndex longer = graph_.require_bytes(15, yes_);
  run(equal(load(2, 12), 5, shorter, no_));
  EXPECT_EQ(count(ir::NodeKind::kRequire), 0U);
  run(equal(load(2, 12), 5, longer, no_));
  EXPECT_EQ(count(ir::NodeKind::kRequire), 1U);
  // Known on both ways in, but by different loads.
  run(equal(load(2, 12), 5, equal(load(4, 30), 1, longer, no_), longer));
  EXPECT_EQ(count(ir::NodeKind::kRequire), 1U);
  // A Require covers what a later one asks.
  run(graph_.require_bytes(20, equal(graph_.values.length(), 3, longer, no_)));
  EXPECT_EQ(count(ir::NodeKind::kRequire), 1U);
}

TEST_F(DecideByFacts, KeepsTheLoadOfATestThatNowChangesNothing) {
  const ir::ValueIndex type = load(2, 12);
  // source = 1? then (type = 5 again) else no: on the way where type is 5 both lead to yes.
  const ir::NodeIndex again = equal(type, 5, yes_, no_);
  const ir::NodeIndex useless =
      graph_.decide(Comparison::kEqual, load(4, 26), constant(1), again, yes_);
  run(equal(type, 5, useless, no_));
  EXPECT_EQ(tests(), 1U);
  EXPECT_EQ(count(ir::NodeKind::kRequire), 1U);
}

TEST_F(DecideByFacts, StaysWithinItsBudgetOfCopies) {
  // Thirty tests in a row, each of which may be known or not: 2^30 sets of facts.
  constexpr std::uint32_t kRow = 30;
  ir::NodeIndex at = yes_;
  for (std::uint32_t i = kRow; i-- > 0;) at = equal(load(1, i), 1, at, no_);
  for (std::uint32_t i = kRow; i-- > 0;) at = equal(load(1, i), 1, at, at == yes_ ? no_ : at);
  for (std::uint32_t i = kRow; i-- > 0;) {
    // Two ways that meet, so that the facts differ.
    const ir::NodeIndex meets = graph_.require_value(load(1, 90 + i), at);
    at = equal(load(1, i), 1, at, meets);
  }
  run(at);
  EXPECT_LE(result_.reachable().size(), graph_.size() * 18);
}

// Tests of the packet's same bits, whatever they load.
class OverlappingBits : public testing::PassGraph {};

TEST_F(OverlappingBits, DecideEachOther) {
  const ir::ValueIndex half = load(2, 16);
  const auto masked = [&](ir::ValueIndex value, std::uint32_t mask) {
    return alu(Arithmetic::kAnd, value, mask);
  };
  const auto any_bit = [&](ir::ValueIndex value, std::uint32_t mask, ir::NodeIndex then,
                           ir::NodeIndex otherwise) {
    return test(Comparison::kAnyBit, value, mask, then, otherwise);
  };
  const ir::NodeIndex third = graph_.add_return(3);
  const ir::ValueIndex behind = load(2, 4, header_length(0));
  const ir::ValueIndex byte_behind = load(1, 5, header_length(0));
  const ir::ValueIndex below_zero = values_.alu(Arithmetic::kNegate, load(1, 0), ir::kNoValue);
  const struct {
    const char* what;
    ir::NodeIndex root;
    std::size_t tests;
  } rows[] = {
      {"a byte of a half is another one",
       equal(half, 0x0102, equal(load(1, 16), 2, yes_, third), no_), 1},
      {"a byte of a half is that one", equal(half, 0x0102, equal(load(1, 17), 2, yes_, third), no_),
       1},
      {"half of a word", equal(load(4, 14), 0x102, equal(half, 0x102, yes_, third), no_), 1},
      {"a half that reaches beyond, where that rejects",
       equal(load(1, 17), 1, equal(load(2, 17), 0x203, yes_, no_), third), 1},
      {"a half that reaches beyond, where that is told from a rejection",
       equal(load(1, 17), 1, equal(load(2, 17), 0x203, yes_, third), no_), 2},
      {"a half that reaches beyond, and may be that one",
       equal(load(1, 17), 1, equal(load(2, 17), 0x103, yes_, third), no_), 2},
      {"neighbours", equal(load(1, 15), 1, equal(half, 0x102, yes_, third), no_), 2},
      {"no bit of a mask", any_bit(half, 0x1ff, third, equal(half, 0x57, yes_, no_)), 1},
      {"no bit of another mask", any_bit(half, 0x300, third, equal(half, 0x57, yes_, no_)), 2},
      {"one bit", any_bit(half, 0x100, equal(load(1, 16), 2, yes_, third), no_), 1},
      {"one bit of two", any_bit(half, 0x300, equal(load(1, 16), 2, yes_, third), no_), 2},
      {"the lower bits of a known byte",
       equal(load(1, 16), 0x87, equal(masked(load(1, 16), 0xf), 5, yes_, third), no_), 1},
      {"more than known bits allow",
       equal(load(1, 16), 1, test(Comparison::kGreater, half, 0x1ff, yes_, no_), third), 1},
      {"as much as known bits allow",
       equal(load(1, 16), 1, test(Comparison::kGreater, half, 0x1fe, yes_, third), no_), 2},
      {"as much as known bits need",
       equal(load(1, 16), 1, test(Comparison::kGreaterOrEqual, half, 0x101, third, yes_), no_), 2},
      {"from the same base", equal(behind, 0x102, equal(byte_behind, 3, yes_, third), no_), 1},
      {"from the same base, of which one may lie past 2^32 and the other before",
       equal(load(1, 2, below_zero), 1, equal(load(2, 1, below_zero), 0x203, yes_, third), no_), 2},
      {"from another base", equal(behind, 0x102, equal(load(1, 5), 3, yes_, third), no_), 2},
      {"an address past 2^32, where that rejects",
       equal(half, 0x102, equal(values_.load(1, constant(0xffffffff), 17), 3, yes_, no_), third),
       1},
      {"an address past 2^32, where that is told from a rejection",
       equal(half, 0x102, equal(values_.load(1, constant(0xffffffff), 17), 3, yes_, third), no_),
       2},
      {"some bit of a byte, and none of what holds it",
       any_bit(load(4, 14), 0xff, any_bit(half, 0x1ff, third, yes_), no_), 1},
      {"some bit of a byte, and none of a part of it",
       any_bit(load(4, 14), 0xff, any_bit(half, 0x7f, third, yes_), no_), 2},
      {"a byte that is not 0, and what holds it",
       equal(load(1, 17), 0, no_, equal(half, 0x1200, third, yes_)), 1},
      {"a half that reaches beyond, where a way has loaded that",
       equal(load(1, 16), 2, equal(load(1, 20), 1, equal(half, 0x102, yes_, third), no_), no_), 2},
      // What follows rejects where the test does not hold, so that is not asked.
      {"what follows rejects as well", any_bit(half, 0x1fff, equal(half, 0x57, yes_, no_), no_), 1},
      {"what follows accepts", any_bit(half, 0x1fff, equal(half, 0x57, yes_, third), no_), 2},
      {"once one before it is decided",
       equal(load(1, 9), 1,
             any_bit(half, 0x1fff, equal(half, 0x57, yes_, no_),
                     equal(load(1, 40), 3, equal(half, 0x57, yes_, no_), no_)),
             equal(half, 0x57, yes_, no_)),
       1},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    const std::string text = run(testing::kFacts, row.root);
    EXPECT_EQ(tests(), row.tests) << text;
  }
}

}  // namespace
}  // namespace bpfc
