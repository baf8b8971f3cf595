// Graph to straight-line blocks of instructions: which values go through A, X and M[].
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bpfc/diagnostic.h"
#include "bpfc/expected.h"
#include "bpfc/program.h"
#include "compiler/graph.h"

namespace bpfc {

// A node's instructions, and where they lead. Blocks are in an order in which all jumps go forward.
struct Block {
  std::uint32_t first = 0;  // into Selection::instructions
  std::uint32_t count = 0;
  // The jump that ends it; none: it returns (its last instruction), or goes on to `then` alone. Of
  // the instruction, jt and jf are left for the layout.
  std::optional<Instruction> branch;
  std::uint32_t then = kNowhere;  // block numbers
  std::uint32_t otherwise = kNowhere;

  static constexpr std::uint32_t kNowhere = ~std::uint32_t{0};
};

struct Selection {
  std::vector<Instruction> instructions;
  std::vector<Block> blocks;  // the first is where the program starts
};

// `clear_cells`: sets every cell to 0 at the start, not only those that some path reads unassigned
// (the kernel's check of scratch memory can be stricter than that). An error: scratch memory does
// not suffice. Near linear.
Expected<Selection, Diagnostic> select_instructions(const ir::Graph& graph, bool clear_cells);

}  // namespace bpfc
