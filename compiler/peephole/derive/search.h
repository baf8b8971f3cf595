// The exhaustive search: every window of up to three instructions against every shorter run.
#pragma once

#include <cstddef>
#include <vector>

#include "peephole/rule.h"

namespace bpfc::peephole {

struct SearchCounts {
  std::size_t windows = 0;       // looked at
  std::size_t replacements = 0;  // to choose from
  std::size_t candidates = 0;    // rules that hold in all samples
};

// Rules that hold in all samples, none a case of another, the best replacement for each window.
// They still have to be proved. The same every time. Takes a minute.
std::vector<Rule> candidate_rules(SearchCounts& counts);

// Whether wherever the second rule applies the first does, and saves as much.
bool is_as_general(const Rule& general, const Rule& special);

// What counts: instructions, a `ja` half of one, since it often falls away.
std::size_t cost_of(const Pattern& pattern);

}  // namespace bpfc::peephole
