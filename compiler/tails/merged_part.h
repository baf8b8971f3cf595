// Alike parts as one part.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph.h"

namespace bpfc::tails {

// Where a part is entered, and what each of its cells is there.
struct Entry {
  ir::NodeIndex node = ir::kNoNode;
  std::vector<ir::ValueIndex> assigned;
};

// Alike parts: of the first all nodes, of the others where they are entered.
struct MergedPart {
  bool by_base = false;
  std::vector<ir::NodeIndex> nodes;
  std::vector<ir::ValueIndex> renamed;  // the first part's values that become cells
  std::vector<std::uint32_t> cells;     // for them
  std::vector<Entry> entries;           // that of the first part is the first
  // Where the parts' ways are not alike in the end: the test that says whose way it is.
  ir::NodeIndex fork = ir::kNoNode;
  ir::NodeIndex then = ir::kNoNode;
  ir::NodeIndex otherwise = ir::kNoNode;
  ir::NodeIndex exit_of_first = ir::kNoNode;
};

// The graph with these parts in place of those that they are made of. Linear.
ir::Graph with_merged_parts(ir::Graph graph, const std::vector<MergedPart>& parts);

}  // namespace bpfc::tails
