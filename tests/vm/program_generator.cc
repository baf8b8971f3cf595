#include "tests/vm/program_generator.h"

#include <cstdlib>
#include <iostream>
#include <random>

namespace bpfc::testing {

std::uint64_t test_seed() {
  const char* given = std::getenv("BPFC_TEST_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 0) : std::random_device{}();
  std::cout << "BPFC_TEST_SEED=" << seed << '\n';
  return seed;
}

}  // namespace bpfc::testing
