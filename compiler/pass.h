// Passes over the graph. Each takes a graph that check_graph() accepts and gives one, with the same
// verdict for every packet, short ones too.
#pragma once

#include <span>
#include <string_view>

#include "compiler/graph.h"

namespace bpfc {

struct Pass {
  std::string_view name;  // for --dump
  std::string_view does;
  ir::Graph (*run)(ir::Graph graph);
};

// In the order in which they run.
std::span<const Pass> passes();

// fold.cc
ir::Graph fold(ir::Graph graph);
// facts.cc
ir::Graph decide_by_facts(ir::Graph graph);

}  // namespace bpfc
