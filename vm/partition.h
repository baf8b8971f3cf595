// Sets, recovered from a program: where chains and trees of branches compare one value with
// constants, the ranges of that value and where each leads.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bpfc/verify.h"
#include "vm/flow.h"

namespace bpfc {

// Values from low to high lead to the start of a block.
struct PartitionPiece {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  std::uint32_t block = 0;

  friend bool operator==(const PartitionPiece&, const PartitionPiece&) = default;
};

struct Partition {
  // Ascending, from 0 to 2^32-1 without gaps; neighbours lead to different blocks.
  std::vector<PartitionPiece> pieces;
  std::uint32_t branches = 0;  // how many it stands for
};

// What the branch at the end of `block`, and those behind it, make of A. None: the block does not
// end in a branch on A that can be part of one. `effort` is the number of branches that may be
// looked at, and is reduced by those that were; behind them the partition ends.
// Near linear in that number. Not for programs that loop.
std::optional<Partition> find_partition(const VerifiedProgram& program, const Flow& flow,
                                        std::uint32_t block, std::size_t& effort);

}  // namespace bpfc
