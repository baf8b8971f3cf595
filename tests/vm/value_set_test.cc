#include "vm/value_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tests/vm/program_generator.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();

bool is_in(const ValueSet& set, const SetTables& tables, std::uint32_t value) {
  switch (set.kind) {
    case SetKind::kRange:
      return is_in_range(set.low, set.width, tables, value);
    case SetKind::kBuckets:
      return is_in_buckets(set.low, set.width, tables, value);
    case SetKind::kBitmap:
      return is_in_bitmap(set.low, set.width, tables, value);
    case SetKind::kSearch:
      return is_in_search(set.low, set.width, tables, value);
  }
  return false;
}

bool is_member(const std::vector<ValueRange>& members, std::uint32_t value) {
  return std::any_of(members.begin(), members.end(), [&](const ValueRange& member) {
    return member.low <= value && value <= member.high;
  });
}

std::vector<ValueRange> single_values(std::uint32_t count, std::uint32_t distance) {
  std::vector<ValueRange> members;
  for (std::uint32_t i = 0; i < count; ++i) {
    members.push_back({5 + i * distance, 5 + i * distance});
  }
  return members;
}

TEST(ValueSet, TakesTheCheapestWay) {
  struct Case {
    std::vector<ValueRange> members;
    SetKind kind;
  };
  for (const auto& [members, kind] : std::vector<Case>{
           {{{0, kMost}}, SetKind::kRange},
           {{{80, 80}}, SetKind::kRange},
           {{{0, 6}}, SetKind::kRange},
           {{{8000, kMost}}, SetKind::kRange},
           {{{6, 6}, {17, 17}, {132, 132}}, SetKind::kBuckets},
           {{{0, 0}, {kMost, kMost}}, SetKind::kBuckets},
           {single_values(8, 100), SetKind::kBuckets},
           {single_values(9, 100), SetKind::kBitmap},
           {single_values(9, 100'000), SetKind::kBuckets},
           {single_values(3000, 1'000'000), SetKind::kBuckets},
           {{{1000, 1010}, {1020, 1030}}, SetKind::kBitmap},
           {{{0, 10}, {0x80000000U, kMost}}, SetKind::kSearch},
           {{{0x0a000000, 0x0affffff}, {0xc0a80000U, 0xc0a8ffffU}}, SetKind::kSearch}}) {
    SetTables tables;
    const ValueSet set = make_value_set(members, tables);
    EXPECT_EQ(set.kind, kind) << members.front().low;
    for (const ValueRange& member : members) {
      for (const std::uint32_t value : {member.low - 1, member.low, member.high, member.high + 1}) {
        EXPECT_EQ(is_in(set, tables, value), is_member(members, value)) << value;
      }
    }
    for (const std::uint32_t value : {0U, 1U, 0x7fffffffU, 0x80000000U, kMost}) {
      EXPECT_EQ(is_in(set, tables, value), is_member(members, value)) << value;
    }
  }
}

// Many sets lie in the same tables.
TEST(ValueSet, RandomSets) {
  testing::ProgramGenerator random(testing::test_seed());
  SetTables tables;
  for (int round = 0; round < 2000; ++round) {
    const std::uint32_t count = 1 + random.below(random.one_in(5) ? 400 : 20);
    const std::uint32_t space = random.one_in(2) ? 1000 : 0;
    const bool single = random.one_in(2);
    std::vector<std::uint32_t> borders;
    for (std::uint32_t i = 0; i < 2 * count; ++i) {
      borders.push_back(space > 0 ? random.below(space) : random.word());
    }
    std::sort(borders.begin(), borders.end());
    std::vector<ValueRange> members;
    for (std::size_t i = 0; i < borders.size(); i += 2) {
      if (!members.empty() && borders[i] <= std::uint64_t{members.back().high} + 1) continue;
      members.push_back({borders[i], single ? borders[i] : borders[i + 1]});
    }
    const ValueSet set = make_value_set(members, tables);
    for (int i = 0; i < 200; ++i) {
      const std::uint32_t near =
          borders[random.below(static_cast<std::uint32_t>(borders.size()))] + random.below(3) - 1;
      const std::uint32_t value = random.one_in(3) ? random.word() : near;
      ASSERT_EQ(is_in(set, tables, value), is_member(members, value)) << value;
    }
  }
}

TEST(ValueSet, CountsWordsNotAbove) {
  const std::vector<std::uint32_t> words = {0, 3, 7, 7, 90, kMost};
  for (std::uint32_t count = 1; count <= words.size(); ++count) {
    for (const std::uint32_t value : {0U, 1U, 3U, 6U, 7U, 8U, 90U, kMost - 1, kMost}) {
      const auto expected = std::upper_bound(words.begin(), words.begin() + count, value);
      EXPECT_EQ(count_not_above(words.data(), count, value),
                static_cast<std::uint32_t>(expected - words.begin()));
    }
  }
}

}  // namespace
}  // namespace bpfc
