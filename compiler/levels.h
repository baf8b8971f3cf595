// What the levels of optimization make of a graph, and of each other's programs.
#pragma once

#include "bpfc/compile.h"
#include "compiler/graph.h"
#include "compiler/pass.h"
#include "grammar/ast.h"

namespace bpfc {

// All passes, one after the other.
ir::Graph optimized(ir::Graph graph, const PassContext& context);

// The graph's program, and what the peephole makes of it.
Expected<Program, Diagnostic> short_program(const ir::Graph& graph);

// No level is the best for every filter. `program` is that of the options' level; it becomes
// another one where that is better. The filter is one that lowers.

// kSize: the shortest. With a profile that is the one which its packets execute less of, if that is
// no longer.
void take_shortest(Program& program, const ast::Filter& filter, const CompileOptions& options);

// kFull: the cheapest, of which trying has taken away what no packet needs.
void take_cheapest(Program& program, const ast::Filter& filter, const CompileOptions& options);

}  // namespace bpfc
