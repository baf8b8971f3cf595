#include "jit/vector_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace bpfc::jit {
namespace {

TEST(VectorSet, HoldsItsValuesAndNoOthers) {
  std::mt19937 random(7);
  for (const std::size_t count : {1U, 2U, 9U, 28U, 29U, 100U, 500U, 5000U}) {
    // Scattered, and all in a row.
    for (const bool scattered : {true, false}) {
      std::set<std::uint32_t> values;
      while (values.size() < count) {
        values.insert(scattered ? static_cast<std::uint32_t>(random())
                                : 0x0a000000U + static_cast<std::uint32_t>(values.size()));
      }
      const auto set = make_vector_set(std::vector<std::uint32_t>(values.begin(), values.end()));
      ASSERT_TRUE(set.has_value()) << count;
      EXPECT_EQ(set->slots[0].size(), std::size_t{1} << (32 - set->shift));
      for (const std::uint32_t value : values) {
        EXPECT_TRUE(set->holds(value));
        EXPECT_EQ(set->holds(value + 1), values.contains(value + 1));
      }
      for (int i = 0; i < 10000; ++i) {
        const auto value = static_cast<std::uint32_t>(random());
        ASSERT_EQ(set->holds(value), values.contains(value));
      }
      EXPECT_EQ(set->holds(0), values.contains(0));
    }
  }
}

}  // namespace
}  // namespace bpfc::jit
