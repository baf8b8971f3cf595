// Random programs for property tests, and what they are made from.
#pragma once

#include <cstdint>

#include "judge/program_generator.h"

namespace bpfc::testing {

using judge::ProgramGenerator;

// BPFC_TEST_SEED of the environment, or a fresh one; printed, so that a failure can be repeated.
std::uint64_t test_seed();

}  // namespace bpfc::testing
