// Which cell of the graph lives in which word of M[].
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compiler/graph.h"

namespace bpfc {

inline constexpr std::uint32_t kNoSlot = ~std::uint32_t{0};

struct ScratchPlan {
  std::vector<std::uint32_t> slot_of_cell;  // kNoSlot: never read
  std::vector<std::uint32_t> cleared;       // slots that must be 0 at the start
  std::uint32_t slots = 0;                  // words in use; the rest is free
};

// Two cells share a word if the last read of one stands before the first assignment of the other,
// in `order`: nodes in an order in which all ways through the graph go forward. `clear_all` clears
// every cell, not only those that some way reads unassigned.
ScratchPlan plan_scratch(const ir::Graph& graph, std::span<const ir::NodeIndex> order,
                         bool clear_all);

}  // namespace bpfc
