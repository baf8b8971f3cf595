// In what order nodes become blocks.
#pragma once

#include <vector>

#include "compiler/graph.h"

namespace bpfc {

// Nodes so that all edges go forward, and where it can be a node's `then` follows it. But where
// both ways assign cells, they will meet again, and the one that is placed last needs no jump to
// there: that is `then`, what is asked for being likelier.
std::vector<ir::NodeIndex> forward_order(const ir::Graph& graph);

}  // namespace bpfc
