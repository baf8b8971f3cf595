// Passes over the graph. Each takes a graph that check_graph() accepts and gives one, with the same
// verdict for every packet, short ones too.
#pragma once

#include <span>
#include <string_view>

#include "bpfc/compile.h"
#include "bpfc/profile.h"
#include "compiler/graph.h"

namespace bpfc {

// What a pass may know besides the graph.
struct PassContext {
  Optimization optimization = Optimization::kDefault;
  const Profile* profile = nullptr;
};

struct Pass {
  std::string_view name;  // for --dump
  std::string_view does;
  ir::Graph (*run)(ir::Graph graph, const PassContext& context);
};

// In the order in which they run.
std::span<const Pass> passes();

// fold.cc
ir::Graph fold(ir::Graph graph, const PassContext& context = {});
// simplify.cc
ir::Graph simplify(ir::Graph graph, const PassContext& context = {});
// facts.cc
ir::Graph decide_by_facts(ir::Graph graph, const PassContext& context = {});
// sets/sets.cc
ir::Graph search_sets(ir::Graph graph, const PassContext& context = {});
// dead.cc
ir::Graph drop_dead(ir::Graph graph, const PassContext& context = {});
// tails/tails.cc
ir::Graph share_tails(ir::Graph graph, const PassContext& context = {});

}  // namespace bpfc
