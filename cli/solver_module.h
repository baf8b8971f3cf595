// The solver that proves what decision diagrams cannot, in a module of its own: only a proof that
// needs it loads it, and its library.
#pragma once

#include <functional>

#include "bpfc/prove.h"

namespace bpfc::cli {

// From beside the running program, or from ../lib/bpfc. Null: it has not been built, or its library
// is not there. Stays loaded. Thread-safe.
const PacketSolver* load_solver_module();

// What `ask` answers without the solver, or, where that is unknown, with it in what time is left.
Expected<Proof, ProofError> prove_with_module(
    const std::function<Expected<Proof, ProofError>(const ProofOptions&)>& ask,
    ProofOptions options);

}  // namespace bpfc::cli
