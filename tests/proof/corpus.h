// Programs in pairs that should be one filter: as lowered and as optimized.
#pragma once

#include <string>
#include <vector>

#include "bpfc/verify.h"

namespace bpfc::testing {

struct ProgramPair {
  std::string name;
  VerifiedProgram unoptimized;
  VerifiedProgram optimized;
};

// Every entry of tests/golden that has two programs.
std::vector<ProgramPair> golden_pairs();
// `count` expressions: half of them, or all there are, from tests/data, for any link type; the
// others generated. The same ones in every run.
std::vector<ProgramPair> expression_pairs(std::size_t count);

// BPFC_PROOF_COUNT of the environment, or this.
std::size_t proof_count(std::size_t usual);

}  // namespace bpfc::testing
