// The solver for tests.
#pragma once

#include "bpfc/prove.h"
#include "proof/packet_solver.h"

namespace bpfc::testing {

// Null: it has not been built here.
const PacketSolver* test_solver();

}  // namespace bpfc::testing
