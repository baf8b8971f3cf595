// Random filters that mean something: what they say repeats and overlaps, as in the filters that
// people write, so that there is something to optimize. No names, whose meaning depends on the
// machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "judge/random_source.h"

namespace bpfc::judge {

// The same seed yields the same sequence. Not thread-safe.
class RandomFilter {
 public:
  explicit RandomFilter(std::uint64_t seed) : random_(seed) {}

  // Syntactically right; some compile for no link type, or are refused as matching nothing.
  std::string text();

 private:
  std::string condition(unsigned depth);
  std::string list();
  // A form of the tables with its places filled in.
  std::string filled(std::string_view form);
  std::string place(char kind);
  std::string expression(unsigned depth);
  std::string address();

  RandomSource random_;
};

}  // namespace bpfc::judge
