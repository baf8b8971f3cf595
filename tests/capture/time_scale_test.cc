#include "capture/time_scale.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace bpfc::capture {
namespace {

TEST(TimeScaleTest, LeadsBackToTheTicksWhereANanosecondIsFineEnough) {
  std::mt19937_64 random(1);
  for (unsigned code = 0; code < 256; ++code) {
    const bool binary = code >= 0x80;
    const unsigned exponent = code & 0x7fU;
    const auto scale = TimeScale::make({static_cast<std::uint8_t>(code)}, 0);
    ASSERT_EQ(scale.has_value(), exponent <= (binary ? 63U : 19U)) << code;
    if (!scale) continue;
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t ticks = random() >> (random() % 64);
      const CaptureTime time = scale->time(ticks);
      EXPECT_LT(time.nanoseconds, 1'000'000'000U);
      const auto back = scale->ticks(time);
      const bool fine_enough = exponent <= (binary ? 29U : 9U);
      if (fine_enough) {
        ASSERT_TRUE(back);
        EXPECT_EQ(*back, ticks) << code;
      } else if (back) {
        EXPECT_EQ(scale->time(*back).seconds, time.seconds);
      }
    }
  }
}

TEST(TimeScaleTest, SaysWhatItCannotReach) {
  const auto scale = TimeScale::make(kNanoseconds, 0);
  EXPECT_FALSE(scale->ticks({-1, 0}));
  EXPECT_FALSE(scale->ticks({18'446'744'073, 709'551'616}));
  EXPECT_EQ(scale->ticks({18'446'744'073, 709'551'615}), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(TimeScale::make(kNanoseconds, -1)->ticks({-1, 7}), 7U);
}

TEST(TimeScaleTest, CutsDigitsOff) {
  EXPECT_EQ(TimeScale::make(kMicroseconds, 0)->ticks({1, 999'999'999}), 1'999'999U);
  EXPECT_EQ(TimeScale::make({12}, 0)->time(1'999), (CaptureTime{0, 1}));
}

}  // namespace
}  // namespace bpfc::capture
