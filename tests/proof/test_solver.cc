#include "tests/proof/test_solver.h"

#ifdef BPFC_HAS_SOLVER
#include "proof/solver/z3_solver.h"
#endif

namespace bpfc::testing {

const PacketSolver* test_solver() {
#ifdef BPFC_HAS_SOLVER
  static const proof::Z3Solver kSolver;
  return &kSolver;
#else
  return nullptr;
#endif
}

}  // namespace bpfc::testing
