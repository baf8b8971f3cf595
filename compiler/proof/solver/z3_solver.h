// z3 as a PacketSolver.
#pragma once

#include "proof/packet_solver.h"

namespace bpfc::proof {

class Z3Solver final : public PacketSolver {
 public:
  Finding find(const Search& search) const override;
};

}  // namespace bpfc::proof
