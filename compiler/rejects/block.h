// A filter as libpcap's optimizer sees it: blocks that each load one value and end in one test.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/graph.h"

namespace bpfc::rejects {

using BlockIndex = std::uint32_t;
inline constexpr BlockIndex kNoBlock = ~BlockIndex{0};

// The two ways on from a block.
using Side = std::uint8_t;
inline constexpr Side kTrue = 0;
inline constexpr Side kFalse = 1;

// What stands in register A behind a block. A relation's equality is there tested as a difference
// with 0, until the first peephole pass has made it a comparison.
struct Accumulator {
  ir::ValueIndex value = ir::kNoValue;
  ir::ValueIndex subtracted = ir::kNoValue;

  friend bool operator==(const Accumulator&, const Accumulator&) = default;
};

// A comparison of the accumulator.
struct Test {
  Comparison comparison{};
  ir::ValueIndex right = ir::kNoValue;
  std::uint32_t constant = 0;  // in place of `right` where that is kNoValue

  friend bool operator==(const Test&, const Test&) = default;
};

enum class BlockKind : std::uint8_t {
  kReturn,
  kDecide,
  kAssign,  // both sides lead to the same block
};

struct Block {
  BlockKind kind = BlockKind::kReturn;
  bool accepts = false;  // of kReturn
  Accumulator accumulator;
  Test test;
  std::array<BlockIndex, 2> next = {kNoBlock, kNoBlock};

  // What the peephole passes make of it: `x & m = 0` is turned round into a test of bits, a
  // constant is compared. What is in the accumulator changes a round after the test.
  Accumulator simpler_accumulator;
  bool swaps_sides = false;
  std::optional<Side> outcome;
  int outcome_round = 0;
  // The outcome, if libpcap knows it only once it has threaded its jumps.
  std::optional<Side> late_outcome;
};

// The blocks that the graph's root reaches, numbered as libpcap numbers them: from the root, which
// is 0, each before what it leads to, the true side first.
std::vector<Block> make_blocks(const ir::Graph& graph);

// What the peephole pass of a round does. After that of round 1 there is nothing left to be done.
void simplify_tests(std::vector<Block>& blocks, int round);

// The blocks by level: returns are at level 0, any other block is one above the higher one of those
// it leads to. Blocks that nothing reaches have none.
using Levels = std::vector<std::vector<BlockIndex>>;
// As libpcap lists them: within a level the last that a walk in depth finished first.
Levels find_levels(const std::vector<Block>& blocks);

}  // namespace bpfc::rejects
