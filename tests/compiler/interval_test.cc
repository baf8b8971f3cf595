#include "compiler/interval.h"

#include <gtest/gtest.h>

namespace bpfc {
namespace {

constexpr std::uint32_t kMost = ~std::uint32_t{0};

TEST(Intervals, FollowArithmetic) {
  ir::Graph graph;
  auto& values = graph.values;
  const auto byte = values.load(1, ir::kNoValue, 14);
  const auto constant = [&](std::uint32_t k) { return values.constant(k); };
  const auto alu = [&](Arithmetic op, ir::ValueIndex left, std::uint32_t right) {
    return values.alu(op, left, constant(right));
  };
  const auto low = alu(Arithmetic::kAnd, byte, 0xf);
  const auto header = alu(Arithmetic::kShiftLeft, low, 2);
  const auto more = alu(Arithmetic::kAdd, header, 14);
  const auto wraps = alu(Arithmetic::kSubtract, byte, 1);
  const auto word = values.load(4, ir::kNoValue, 0);
  const auto too_much = alu(Arithmetic::kAdd, word, 1);
  const auto quotient = alu(Arithmetic::kDivide, more, 7);
  const auto rest = alu(Arithmetic::kModulo, word, 10);
  const auto either = values.alu(Arithmetic::kOr, byte, header);
  const auto by_byte = values.alu(Arithmetic::kShiftRight, byte, byte);
  const auto five = constant(5);
  const auto length = values.length();
  graph.root = graph.add_return(0);
  const Intervals intervals(graph);
  const std::vector<std::pair<ir::ValueIndex, Interval>> expected = {
      {byte, {0, 255}},    {low, {0, 15}},         {header, {0, 60}},   {more, {14, 74}},
      {wraps, {0, kMost}}, {too_much, {0, kMost}}, {quotient, {2, 10}}, {rest, {0, 9}},
      {either, {0, 255}},  {by_byte, {0, kMost}},  {five, {5, 5}},      {length, {0, kMost}}};
  for (const auto& [value, interval] : expected) {
    EXPECT_EQ(intervals[value].low, interval.low) << value;
    EXPECT_EQ(intervals[value].high, interval.high) << value;
  }
}

TEST(Intervals, JoinWhatCellsAreAssigned) {
  ir::Graph graph;
  auto& values = graph.values;
  const auto byte = values.load(1, ir::kNoValue, 0);
  const auto first = values.cell(0);
  const auto sum = values.alu(Arithmetic::kAdd, first, byte);
  const auto second = values.cell(1);
  auto node = graph.add_return(1);
  node = graph.assign(1, sum, node);
  node = graph.assign(0, byte, node);
  graph.root = node;
  const Intervals intervals(graph);
  EXPECT_EQ(intervals[first].high, 255U);
  EXPECT_EQ(intervals[second].high, 510U);
}

// A cell that counts up is given up on, not looked at for ever.
TEST(Intervals, EndWhereCellsGrow) {
  ir::Graph graph;
  auto& values = graph.values;
  const auto cell = values.cell(0);
  const auto next = values.alu(Arithmetic::kAdd, cell, values.constant(1));
  graph.root = graph.assign(0, next, graph.add_return(1));
  const Intervals intervals(graph);
  EXPECT_EQ(intervals[cell].high, kMost);
}

}  // namespace
}  // namespace bpfc
