// Edges that lead past tests of known outcome.
#pragma once

#include <vector>

#include "compiler/rejects/block.h"
#include "compiler/rejects/set_table.h"

namespace bpfc::rejects {

// For each edge the edges that all ways to it pass, itself among them. An edge's number is its
// block's, and, on the false side, the number of blocks more.
SetTable find_edge_dominators(const std::vector<Block>& blocks, const Levels& levels);

// What a round did.
struct Threaded {
  bool past_one_way = false;     // past a test whose sides lead to the same block
  bool past_known_test = false;  // past a test that an edge dominator decides
};
Threaded thread_edges(std::vector<Block>& blocks, const Levels& levels, const SetTable& dominators);

}  // namespace bpfc::rejects
