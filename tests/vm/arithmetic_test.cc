#include "vm/arithmetic.h"

#include <gtest/gtest.h>

#include <limits>

namespace bpfc {
namespace {

constexpr std::uint32_t kMaximum = std::numeric_limits<std::uint32_t>::max();
constexpr Rules kBoth[] = {Rules::kKernel, Rules::kLibpcap};

static_assert(compute(Arithmetic::kAdd, 2, 3, Rules::kKernel) == 5U);
static_assert(!compute(Arithmetic::kDivide, 2, 0, Rules::kKernel));

TEST(Arithmetic, WrapsAtTwoToThe32) {
  for (const Rules rules : kBoth) {
    EXPECT_EQ(compute(Arithmetic::kAdd, kMaximum, 2, rules), 1U);
    EXPECT_EQ(compute(Arithmetic::kSubtract, 1, 2, rules), kMaximum);
    EXPECT_EQ(compute(Arithmetic::kMultiply, 0x10001, 0x10001, rules), 0x20001U);
    EXPECT_EQ(compute(Arithmetic::kNegate, 0x80000000U, 7, rules), 0x80000000U);
    EXPECT_EQ(compute(Arithmetic::kNegate, 1, 7, rules), kMaximum);
    EXPECT_EQ(compute(Arithmetic::kNegate, 0, 7, rules), 0U);
  }
}

TEST(Arithmetic, IsUnsigned) {
  for (const Rules rules : kBoth) {
    EXPECT_EQ(compute(Arithmetic::kDivide, kMaximum, 2, rules), 0x7fffffffU);
    EXPECT_EQ(compute(Arithmetic::kModulo, kMaximum, 10, rules), 5U);
    EXPECT_EQ(compute(Arithmetic::kShiftRight, 0x80000000U, 31, rules), 1U);
  }
}

TEST(Arithmetic, DivisionByZeroHasNoResult) {
  for (const Rules rules : kBoth) {
    EXPECT_EQ(compute(Arithmetic::kDivide, 7, 0, rules), std::nullopt);
    EXPECT_EQ(compute(Arithmetic::kModulo, 7, 0, rules), std::nullopt);
  }
}

TEST(Arithmetic, BitwiseOperations) {
  for (const Rules rules : kBoth) {
    EXPECT_EQ(compute(Arithmetic::kAnd, 0xc, 0xa, rules), 0x8U);
    EXPECT_EQ(compute(Arithmetic::kOr, 0xc, 0xa, rules), 0xeU);
    EXPECT_EQ(compute(Arithmetic::kXor, 0xc, 0xa, rules), 0x6U);
  }
}

TEST(Arithmetic, ShiftsOf32AndMoreDifferByTheRules) {
  struct Case {
    std::uint32_t count;
    std::uint32_t kernel_left, kernel_right;    // 0x80000001 shifted
    std::uint32_t libpcap_left, libpcap_right;  // likewise
  };
  constexpr Case kCases[] = {
      {0, 0x80000001U, 0x80000001U, 0x80000001U, 0x80000001U},
      {1, 2, 0x40000000U, 2, 0x40000000U},
      {31, 0x80000000U, 1, 0x80000000U, 1},
      {32, 0x80000001U, 0x80000001U, 0, 0},
      {33, 2, 0x40000000U, 0, 0},
      {kMaximum, 0x80000000U, 1, 0, 0},
  };
  for (const Case& c : kCases) {
    const std::uint32_t value = 0x80000001U;
    EXPECT_EQ(compute(Arithmetic::kShiftLeft, value, c.count, Rules::kKernel), c.kernel_left);
    EXPECT_EQ(compute(Arithmetic::kShiftRight, value, c.count, Rules::kKernel), c.kernel_right);
    EXPECT_EQ(compute(Arithmetic::kShiftLeft, value, c.count, Rules::kLibpcap), c.libpcap_left);
    EXPECT_EQ(compute(Arithmetic::kShiftRight, value, c.count, Rules::kLibpcap), c.libpcap_right);
  }
}

TEST(Comparison, IsUnsigned) {
  EXPECT_TRUE(compare(Comparison::kEqual, 5, 5));
  EXPECT_FALSE(compare(Comparison::kEqual, 5, 6));
  EXPECT_TRUE(compare(Comparison::kGreater, kMaximum, 1));
  EXPECT_FALSE(compare(Comparison::kGreater, 5, 5));
  EXPECT_TRUE(compare(Comparison::kGreaterOrEqual, 5, 5));
  EXPECT_FALSE(compare(Comparison::kGreaterOrEqual, 4, 5));
  EXPECT_TRUE(compare(Comparison::kAnyBit, 6, 3));
  EXPECT_FALSE(compare(Comparison::kAnyBit, 4, 3));
}

}  // namespace
}  // namespace bpfc
