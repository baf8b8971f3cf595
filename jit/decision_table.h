// What follows from the results of tests, looked up.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "jit/field_decision.h"

namespace bpfc::jit {

// A row of 2^bits words for each state that the tests before may have led to. The results of the
// tests from `first` on, `bits` of them, the first one being the lowest bit, choose the word: in
// the last level what was given for the outcome, in the others how many bytes the next level's row
// lies behind that level's start.
struct TableLevel {
  unsigned bits = 0;
  std::vector<std::uint32_t> words;
};

// None: it would be larger than is good for a processor's cache. `words` holds one for each
// outcome. The decision has a test.
std::optional<std::vector<TableLevel>> decision_tables(const FieldDecision& decision,
                                                       std::span<const std::uint32_t> words);

}  // namespace bpfc::jit
