#include "jit/lane_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace bpfc::jit {
namespace {

std::vector<PartitionPiece> members_of(const std::set<std::uint32_t>& values) {
  std::vector<PartitionPiece> members;
  members.reserve(values.size());
  for (const std::uint32_t value : values) members.push_back({value, value, 1});
  return members;
}

bool contains(const LaneSet& set, std::uint32_t value) {
  const std::size_t row = set.row_of(value);
  return std::ranges::any_of(set.columns, [&](const auto& column) { return column[row] == value; });
}

TEST(LaneSet, HoldsItsMembersAndNothingElse) {
  constexpr unsigned kSeed = 7;
  std::mt19937 random(kSeed);
  std::size_t found = 0;
  for (std::size_t size = 2; size <= 60; ++size) {
    for (const std::uint32_t mask : {0xffffffffU, 0xffffU, 0x3ffU}) {
      std::set<std::uint32_t> values;
      while (values.size() < size) values.insert(static_cast<std::uint32_t>(random()) & mask);
      const auto set = find_lane_set(members_of(values));
      if (!set) {
        EXPECT_GT(size, 40U) << std::hex << mask;
        continue;
      }
      ++found;
      EXPECT_EQ(set->multiplier & 1U, 1U);
      std::vector<std::uint32_t> asked(values.begin(), values.end());
      for (const auto& column : set->columns) {
        ASSERT_EQ(column.size(), kLaneRows);
        asked.insert(asked.end(), column.begin(), column.end());
      }
      for (const std::uint32_t value : values) {
        asked.insert(asked.end(), {value + 1, value - 1, value ^ 0x80000000, value << 1U});
      }
      asked.insert(asked.end(), {0, 1, 0x80000000, 0xffffffff});
      for (std::uint32_t value = 0; value < 0x800; ++value) asked.push_back(value);
      for (const std::uint32_t value : asked) {
        EXPECT_EQ(contains(*set, value), values.contains(value)) << value << " of " << size;
      }
    }
  }
  EXPECT_GT(found, 130U);
}

TEST(LaneSet, IsNotForRangesNorForManyMembers) {
  EXPECT_FALSE(find_lane_set(std::vector<PartitionPiece>{{1, 100, 1}, {500, 500, 1}}));
  const auto neighbours = find_lane_set(std::vector<PartitionPiece>{{1, 2, 1}, {5, 5, 1}});
  ASSERT_TRUE(neighbours);
  for (std::uint32_t value = 0; value < 8; ++value) {
    EXPECT_EQ(contains(*neighbours, value), value == 1 || value == 2 || value == 5) << value;
  }
  EXPECT_FALSE(find_lane_set(std::vector<PartitionPiece>{{1, 1, 1}}));
  std::set<std::uint32_t> values;
  for (std::uint32_t i = 0; i < 97; ++i) values.insert(i * 2);
  EXPECT_FALSE(find_lane_set(members_of(values)));
}

}  // namespace
}  // namespace bpfc::jit
