// Texts that may be filters: for whatever must not crash on any.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "bpfc/compile.h"

namespace bpfc::testing {

// The same seed yields the same sequence.
class RandomFilter {
 public:
  explicit RandomFilter(std::uint64_t seed);

  // Random bytes, a row of random words of the language, or a filter of tests/data/expressions.txt
  // with parts of it removed, doubled or replaced.
  std::string text();
  // Any link type and target, optimized or not. The resolver knows a name of each kind.
  CompileOptions options();

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  std::string bytes();
  std::string token();
  std::string tokens();
  std::string mutated();

  std::mt19937_64 random_;
  std::vector<std::string> valid_;
};

}  // namespace bpfc::testing
