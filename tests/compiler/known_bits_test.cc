// Everything that can be known of four bits, and every test of them.
#include "compiler/facts/known_bits.h"

#include <gtest/gtest.h>

#include "bpfc/interpreter.h"
#include "vm/arithmetic.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kNumbers = 16;
constexpr Comparison kAll[] = {Comparison::kEqual, Comparison::kGreater,
                               Comparison::kGreaterOrEqual, Comparison::kAnyBit};

// Fields of a byte whose upper bits are 0: shifted by 0 to 2, any mask.
template <typename Visit>
void each_field(Visit visit) {
  for (std::uint8_t shift = 0; shift <= 2; ++shift) {
    for (std::uint32_t mask = 1; mask < kNumbers; ++mask) visit(BitField{0, shift, mask});
  }
}

std::uint32_t shown(const BitField& field, std::uint32_t origin) {
  return origin >> field.shift & field.mask;
}

TEST(KnownBits, WhatATestTellsIsTrueOfAllThatPass) {
  int told = 0;
  each_field([&](const BitField& field) {
    for (const Comparison comparison : kAll) {
      for (std::uint32_t k = 0; k < kNumbers; ++k) {
        for (const bool outcome : {false, true}) {
          const Bits bits = told_bits(field, comparison, k, outcome);
          ASSERT_EQ(bits.value & ~bits.known, 0U);
          told += bits.known != 0 || bits.some != 0 ? 1 : 0;
          for (std::uint32_t origin = 0; origin < 4 * kNumbers; ++origin) {
            if (compare(comparison, shown(field, origin), k) != outcome) continue;
            // What cannot be equal tells anything.
            const bool possible = comparison != Comparison::kEqual || (k & ~field.mask) == 0;
            ASSERT_TRUE(!possible || (origin & bits.known) == bits.value)
                << origin << " " << field.mask << " " << int{field.shift} << " " << k;
            ASSERT_TRUE(bits.some == 0 || (origin & bits.some) != 0)
                << origin << " " << field.mask << " " << int{field.shift} << " " << k;
          }
        }
      }
    }
  });
  EXPECT_GT(told, 1000);
}

TEST(KnownBits, DecideATestWhereAllNumbersAgreeAndNowhereElse) {
  int decided = 0;
  each_field([&](const BitField& field) {
    for (std::uint32_t known = 0; known < kNumbers; ++known) {
      for (std::uint32_t value = known;; value = (value - 1) & known) {
        // The origin is a number of four bits, of which some are known.
        const Bits bits{known | ~(kNumbers - 1), value};
        for (const Comparison comparison : kAll) {
          for (std::uint32_t k = 0; k < kNumbers; ++k) {
            bool holds = false;
            bool fails = false;
            for (std::uint32_t origin = 0; origin < kNumbers; ++origin) {
              if ((origin & known) != value) continue;
              (compare(comparison, shown(field, origin), k) ? holds : fails) = true;
            }
            const auto outcome = decided_by_bits(field, bits, comparison, k);
            const auto expected = holds && fails ? std::nullopt : std::optional(holds);
            ASSERT_EQ(outcome, expected) << known << " " << value << " " << k << " " << field.mask
                                         << " " << int{field.shift};
            decided += outcome ? 1 : 0;
          }
        }
        if (value == 0) break;
      }
    }
  });
  EXPECT_GT(decided, 1000);
}

TEST(KnownBits, OfWhichOneIsSetDecideATestWhereAllNumbersAgree) {
  int decided = 0;
  each_field([&](const BitField& field) {
    for (std::uint32_t some = 1; some < 4 * kNumbers; ++some) {
      for (const Comparison comparison : {Comparison::kEqual, Comparison::kAnyBit}) {
        for (std::uint32_t k = 0; k < kNumbers; ++k) {
          const auto outcome = decided_by_some(field, some, comparison, k);
          if (!outcome) continue;
          ++decided;
          for (std::uint32_t origin = 0; origin < 4 * kNumbers; ++origin) {
            if ((origin & some) == 0) continue;
            ASSERT_EQ(compare(comparison, shown(field, origin), k), *outcome)
                << origin << " " << some << " " << k << " " << field.mask;
          }
        }
      }
    }
  });
  EXPECT_GT(decided, 1000);
}

TEST(KnownBits, AreSeenFromOtherLoads) {
  ir::ValueTable values;
  const auto load = [&](std::uint8_t size, std::uint32_t offset) {
    return values.load(size, ir::kNoValue, offset);
  };
  const struct {
    ir::ValueIndex from;
    ir::ValueIndex to;
    Bits told;
    Bits seen;
  } rows[] = {
      {load(2, 4), load(1, 4), {0xffff, 0x1234}, {0xff, 0x12}},
      {load(2, 4), load(1, 5), {0xffff, 0x1234}, {0xff, 0x34}},
      {load(1, 5), load(2, 4), {0xf0, 0x30}, {0xf0, 0x30}},
      {load(1, 4), load(4, 4), {0xff, 0x12}, {0xff000000, 0x12000000}},
      {load(4, 4), load(2, 7), {0xffffffff, 0x12345678}, {0xff00, 0x7800}},
      {load(4, 4), load(2, 3), {0xffffffff, 0x12345678}, {0xff, 0x12}},
      {load(4, 4), load(4, 4), {0xff, 0x78}, {0xff, 0x78}},
  };
  for (const auto& row : rows) {
    ASSERT_TRUE(overlap(values, row.from, row.to));
    const Bits seen = seen_from(values, row.told, row.from, row.to);
    EXPECT_EQ(seen.known, row.seen.known);
    EXPECT_EQ(seen.value, row.seen.value);
  }
  EXPECT_EQ(seen_from(values, {0, 0, 0x1fff}, load(2, 4), load(4, 2)).some, 0x1fffU);
  EXPECT_EQ(seen_from(values, {0, 0, 0x1fff}, load(2, 4), load(1, 5)).some, 0U);
  EXPECT_EQ(seen_from(values, {0, 0, 0xf0}, load(2, 4), load(1, 5)).some, 0xf0U);
  EXPECT_FALSE(overlap(values, load(2, 4), load(1, 6)));
  EXPECT_FALSE(overlap(values, load(2, 4), values.load(1, values.length(), 4)));
  // One of the two worlds loads what another load does.
  const ir::ValueIndex far = values.load(1, values.constant(0xffffffff), 6);
  EXPECT_TRUE(wraps(values, far));
  EXPECT_TRUE(overlap(values, load(2, 4), far));
  EXPECT_FALSE(overlap(values, load(1, 4), far));
  EXPECT_FALSE(covers(values, load(2, 4), far));
  EXPECT_EQ(seen_from(values, {0xffff, 0x1234}, load(2, 4), far).value, 0x34U);
  // The kernel's addresses are no bytes in a row.
  EXPECT_FALSE(overlap(values, load(4, 0xfffff000), load(1, 0xfffff001)));
}

}  // namespace
}  // namespace bpfc
