// What cli/solver_module.cc looks for.
#include "proof/solver/z3_solver.h"

extern "C" __attribute__((visibility("default"))) const bpfc::PacketSolver* bpfc_packet_solver() {
  static const bpfc::proof::Z3Solver kSolver;
  return &kSolver;
}
