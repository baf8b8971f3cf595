// Multipliers are tried until no row gets more values than there are columns; then again with one
// more column. Twenty hosts fit into two columns with every third multiplier:
//
//   10.0.0.7 = 0x0a000007, times 0x9e3779b1: 0x3d8453d7, row 7
#include "jit/lane_set.h"

#include <algorithm>
#include <array>

#include "vm/each_value.h"

namespace bpfc::jit {
namespace {

constexpr std::size_t kMostColumns = 3;  // more cost more than a search in memory
constexpr int kTries = 1024;             // for each number of columns
constexpr std::uint32_t kFirstMultiplier = 0x9e3779b1;

bool fits(const LaneSet& set, std::span<const std::uint32_t> members, std::size_t columns) {
  std::array<std::uint8_t, kLaneRows> used{};
  return std::ranges::all_of(
      members, [&](std::uint32_t member) { return used[set.row_of(member)]++ < columns; });
}

// Empty places get what belongs elsewhere; false: all members are in one row.
bool fill(LaneSet& set, std::span<const std::uint32_t> members, std::size_t columns) {
  const std::uint32_t first = members.front();
  const auto other = std::ranges::find_if(
      members, [&](std::uint32_t member) { return set.row_of(member) != set.row_of(first); });
  if (other == members.end()) return false;
  set.columns.assign(columns, std::vector<std::uint32_t>(kLaneRows, first));
  for (auto& column : set.columns) column[set.row_of(first)] = *other;
  std::array<std::uint8_t, kLaneRows> used{};
  for (const std::uint32_t member : members) {
    const std::size_t row = set.row_of(member);
    set.columns[used[row]++][row] = member;
  }
  return true;
}

}  // namespace

std::optional<LaneSet> find_lane_set(std::span<const PartitionPiece> members) {
  const auto values = each_value(members);
  if (!values || values->size() < 2) return std::nullopt;
  LaneSet set;
  for (std::size_t columns = 1; columns <= kMostColumns; ++columns) {
    if (values->size() > columns * kLaneRows) continue;
    set.multiplier = kFirstMultiplier;
    for (int i = 0; i < kTries; ++i) {
      if (fits(set, *values, columns) && fill(set, *values, columns)) return set;
      set.multiplier = set.multiplier * 0x915f77f5 + 2;
      set.multiplier |= 1;
    }
  }
  return std::nullopt;
}

}  // namespace bpfc::jit
