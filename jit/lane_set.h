// Sets of single values, laid out for vectors: all lanes of a vector are looked up in one at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "vm/partition.h"

namespace bpfc::jit {

// Rows of a table; a vector's permutation chooses among so many words.
inline constexpr std::size_t kLaneRows = 32;

// A value may only stand in the row that the upper five bits of its product with the multiplier
// say, in any column. Every place is filled, some with a member that belongs into another row, so
// that a value is in the set if and only if it stands in its row.
struct LaneSet {
  std::uint32_t multiplier = 0;                     // odd
  std::vector<std::vector<std::uint32_t>> columns;  // kLaneRows words each

  static constexpr unsigned kShift = 27;
  std::size_t row_of(std::uint32_t value) const { return value * multiplier >> kShift; }
};

// None: there are too few values or too many (more than some fifty).
std::optional<LaneSet> find_lane_set(std::span<const PartitionPiece> members);

}  // namespace bpfc::jit
