// Graph to program: selection and layout.
#pragma once

#include "bpfc/diagnostic.h"
#include "bpfc/expected.h"
#include "bpfc/program.h"
#include "compiler/graph.h"

namespace bpfc {

// A program that the kernel's rules accept, length aside. An error: scratch memory does not
// suffice.
Expected<Program, Diagnostic> generate(const ir::Graph& graph);

}  // namespace bpfc
