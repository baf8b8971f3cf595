// compiler/interval_test.h
#include <gtest/gtest.h>

#include <algorithm>

#include "compiler/interval_test.h"
#include "tests/compiler/graph_evaluator.h"
#include "tests/compiler/graph_generator.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kMost = ~std::uint32_t{0};

class IntervalForms : public ::testing::Test {
 protected:
  ir::ValueIndex alu(Arithmetic op, ir::ValueIndex left, std::uint32_t right) {
    return graph_.values.alu(op, left, graph_.values.constant(right));
  }
  std::optional<IntervalTest> form(Comparison comparison, ir::ValueIndex value, std::uint32_t k) {
    graph_.root = graph_.decide(comparison, value, graph_.values.constant(k), yes_, no_);
    return interval_test(graph_.values, graph_[graph_.root]);
  }

  ir::Graph graph_;
  ir::NodeIndex no_ = graph_.add_return(0);
  ir::NodeIndex yes_ = graph_.add_return(9);
  ir::ValueIndex byte_ = graph_.values.load(1, ir::kNoValue, 0);
  ir::ValueIndex word_ = graph_.values.load(4, ir::kNoValue, 0);
};

TEST_F(IntervalForms, GiveABaseAndAnInterval) {
  constexpr Arithmetic kAnd = Arithmetic::kAnd;
  constexpr Arithmetic kShift = Arithmetic::kShiftRight;
  const ir::ValueIndex version = alu(kShift, byte_, 4);
  const ir::ValueIndex masked_shift = alu(kAnd, alu(kShift, word_, 8), 0xffffff00);
  const ir::ValueIndex shifted_mask = alu(kShift, alu(kAnd, byte_, 0xf0), 4);
  const ir::ValueIndex low_bits = alu(kAnd, byte_, 0xf);
  const struct {
    Comparison comparison;
    ir::ValueIndex value;
    std::uint32_t k;
    ir::ValueIndex base;  // kNoValue: no such form
    Interval holds;
  } rows[] = {
      {Comparison::kEqual, byte_, 5, byte_, {5, 5}},
      {Comparison::kGreater, byte_, 5, byte_, {6, 255}},
      {Comparison::kGreaterOrEqual, byte_, 5, byte_, {5, 255}},
      {Comparison::kGreater, word_, 5, word_, {6, kMost}},
      {Comparison::kAnyBit, byte_, 0xe0, byte_, {0x20, 255}},
      {Comparison::kAnyBit, byte_, kMost, byte_, {1, 255}},
      {Comparison::kAnyBit, byte_, 0x60, ir::kNoValue, {}},
      {Comparison::kAnyBit, byte_, 1, ir::kNoValue, {}},
      {Comparison::kAnyBit, alu(kAnd, word_, 0xf0f), 0xf00, ir::kNoValue, {}},
      {Comparison::kEqual, version, 4, byte_, {0x40, 0x4f}},
      {Comparison::kGreater, version, 4, byte_, {0x50, 255}},
      {Comparison::kEqual, alu(kAnd, word_, 0xffff0000), 0xa010000, word_, {0xa010000, 0xa01ffff}},
      {Comparison::kEqual, alu(kAnd, word_, 0xffff0000), 0xa010001, ir::kNoValue, {}},
      {Comparison::kGreater, alu(kAnd, word_, 0xffff0000), 0, word_, {0x10000, kMost}},
      {Comparison::kEqual, shifted_mask, 4, byte_, {0x40, 0x4f}},
      {Comparison::kEqual, masked_shift, 0x100, word_, {0x10000, 0x1ffff}},
      {Comparison::kEqual, low_bits, 5, low_bits, {5, 5}},
      // Whatever the packet.
      {Comparison::kEqual, byte_, 256, ir::kNoValue, {}},
      {Comparison::kGreater, word_, kMost, ir::kNoValue, {}},
      {Comparison::kGreaterOrEqual, byte_, 0, ir::kNoValue, {}},
      {Comparison::kEqual, alu(kShift, alu(kShift, word_, 31), 31), 4, ir::kNoValue, {}},
  };
  for (const auto& row : rows) {
    const auto test = form(row.comparison, row.value, row.k);
    SCOPED_TRACE(to_text(graph_));
    EXPECT_EQ(test ? test->base : ir::kNoValue, row.base);
    if (test && row.base != ir::kNoValue) {
      EXPECT_EQ(test->holds, row.holds);
    }
  }
}

TEST_F(IntervalForms, AreOnlyTestsAgainstConstants) {
  EXPECT_FALSE(interval_test(graph_.values, graph_[yes_]));
  const ir::NodeIndex both = graph_.decide(Comparison::kEqual, byte_, word_, yes_, no_);
  EXPECT_FALSE(interval_test(graph_.values, graph_[both]));
}

TEST_F(IntervalForms, HoldWhereTheirTestsHold) {
  testing::GraphGenerator random(7);
  int forms = 0;
  for (int round = 0; round < 1200; ++round) {
    ir::ValueIndex value = byte_;
    for (std::uint32_t steps = random.below(4); steps > 0; --steps) {
      if (random.one_in(2)) {
        value = alu(Arithmetic::kShiftRight, value, random.below(random.one_in(4) ? 32 : 5));
      } else {
        // Upper bits mostly.
        const std::uint32_t mask = random.one_in(3) ? random.below(256) : kMost << random.below(9);
        value = alu(Arithmetic::kAnd, value, mask);
      }
    }
    const auto comparison = static_cast<Comparison>(random.below(4));
    const auto test = form(comparison, value, random.below(random.one_in(2) ? 257 : 9));
    if (!test) continue;
    ++forms;
    // The base may itself be a mask that is no interval; a node asks for its interval.
    const ir::NodeIndex upper = graph_.decide(Comparison::kGreater, test->base,
                                              graph_.values.constant(test->holds.high), no_, yes_);
    ir::Graph plain = graph_;
    plain.root = plain.decide(Comparison::kGreaterOrEqual, test->base,
                              plain.values.constant(test->holds.low), upper, no_);
    for (unsigned number = 0; number < 256; ++number) {
      const std::vector<std::uint8_t> bytes = {static_cast<std::uint8_t>(number)};
      Packet packet;
      packet.captured = bytes;
      ASSERT_EQ(testing::evaluate(plain, packet), testing::evaluate(graph_, packet))
          << number << "\n"
          << to_text(graph_) << "is not\n"
          << to_text(plain);
    }
  }
  EXPECT_GT(forms, 200);
}

}  // namespace
}  // namespace bpfc
