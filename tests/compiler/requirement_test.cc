#include "compiler/requirement.h"

#include <gtest/gtest.h>

namespace bpfc {
namespace {

class RequireLoads : public ::testing::Test {
 protected:
  std::string required(std::initializer_list<ir::ValueIndex> values) {
    graph_.root = require_loads(graph_, values, yes_);
    EXPECT_EQ(ir::check_graph(graph_), std::nullopt);
    const std::string text = "\n" + to_text(graph_);
    return text.substr(text.find("\nn") + 1);
  }

  ir::Graph graph_;
  ir::ValueTable& values_ = graph_.values;
  ir::NodeIndex no_ = graph_.add_return(0);
  ir::NodeIndex yes_ = graph_.add_return(9);
};

TEST_F(RequireLoads, AsksNothingOfWhatCannotFail) {
  const ir::ValueIndex sum = values_.alu(Arithmetic::kAdd, values_.length(), values_.cell(0));
  EXPECT_EQ(
      require_loads(graph_, {sum, values_.constant(3), values_.ancillary(4), ir::kNoValue}, yes_),
      yes_);
}

TEST_F(RequireLoads, AsksNothingBeforeARejection) {
  EXPECT_EQ(require_loads(graph_, {values_.load(4, ir::kNoValue, 100)}, no_), no_);
}

TEST_F(RequireLoads, AsksForBytesOfPlainLoads) {
  const ir::ValueIndex a = values_.load(2, ir::kNoValue, 10);
  const ir::ValueIndex b = values_.load(4, ir::kNoValue, 20);
  EXPECT_EQ(required({values_.alu(Arithmetic::kAdd, a, b)}),
            "n3: require 12 bytes, n2\nn2: require 24 bytes, n1\nn1: return 9\n");
}

TEST_F(RequireLoads, ComputesLoadsFromABaseAndDivisions) {
  const ir::ValueIndex base = values_.load(1, ir::kNoValue, 0);
  const ir::ValueIndex behind = values_.load(2, base, 10);
  EXPECT_NE(required({behind}).find("require v1, n1"), std::string::npos);
  const ir::ValueIndex quotient = values_.alu(Arithmetic::kDivide, values_.constant(8), base);
  graph_.root = require_loads(graph_, {quotient}, yes_);
  EXPECT_EQ(graph_[graph_.root].left, quotient);
  // Constant base past 2^31: a place that only loading finds out about.
  const ir::ValueIndex far = values_.load(4, ir::kNoValue, 0x7ffffffd);
  graph_.root = require_loads(graph_, {far}, yes_);
  EXPECT_EQ(graph_[graph_.root].left, far);
}

TEST_F(RequireLoads, VisitsSharedOperandsOnce) {
  ir::ValueIndex value = values_.load(1, ir::kNoValue, 0);
  for (int i = 0; i < 64; ++i) value = values_.alu(Arithmetic::kAdd, value, value);
  graph_.root = require_loads(graph_, {value}, yes_);
  EXPECT_EQ(graph_[graph_.root].k, 1U);
}

TEST(PossibleBits, FollowsFromSizesAndMasks) {
  ir::ValueTable values;
  const ir::ValueIndex byte = values.load(1, ir::kNoValue, 0);
  const ir::ValueIndex word = values.load(4, ir::kNoValue, 0);
  EXPECT_EQ(possible_bits(values, values.constant(5)), 5U);
  EXPECT_EQ(possible_bits(values, byte), 0xffU);
  EXPECT_EQ(possible_bits(values, values.load(2, ir::kNoValue, 0)), 0xffffU);
  EXPECT_EQ(possible_bits(values, word), ~0U);
  EXPECT_EQ(possible_bits(values, values.length()), ~0U);
  EXPECT_EQ(possible_bits(values, values.alu(Arithmetic::kAnd, word, values.constant(0xf0))),
            0xf0U);
  EXPECT_EQ(possible_bits(values, values.alu(Arithmetic::kAnd, values.constant(0xf00f), byte)),
            0xfU);
  EXPECT_EQ(possible_bits(values, values.alu(Arithmetic::kAdd, byte, byte)), ~0U);
}

}  // namespace
}  // namespace bpfc
