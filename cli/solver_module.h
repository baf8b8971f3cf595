// The solver that proves what decision diagrams cannot, in a module of its own: only a proof that
// needs it loads it, and its library.
#pragma once

namespace bpfc {
class PacketSolver;
}

namespace bpfc::cli {

// From beside the running program, or from ../lib/bpfc. Null: it has not been built, or its library
// is not there. Stays loaded. Thread-safe.
const PacketSolver* load_solver_module();

}  // namespace bpfc::cli
