#include "compiler/generate.h"

#include "bpfc/verify.h"
#include "compiler/layout.h"
#include "compiler/select.h"

namespace bpfc {

Expected<Program, Diagnostic> generate(const ir::Graph& graph) {
  for (const bool clear_cells : {false, true}) {
    auto selection = select_instructions(graph, clear_cells);
    if (!selection) return Unexpected<Diagnostic>(selection.error());
    Program program = lay_out(*selection);
    // Only the kernel's check of scratch memory may see more than plan_scratch() does.
    if (graph.cell_count == 0) return program;
    const auto verified = verify(program, Rules::kKernel);
    const bool unwritten = !verified && verified.error().rule == VerifyRule::kScratchUnwritten;
    if (!unwritten) return program;
  }
  return Program{};
}

}  // namespace bpfc
