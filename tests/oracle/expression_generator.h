// Filter expressions made from the language's own tables.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace bpfc::oracle {

// Each combination of qualifiers with some identifiers, each accessor, each word of the keyword
// table as it may stand. About half of them are refused, by one link type or by all.
std::vector<std::string> generated_primitives();

// The same for what libpcap 1.10.3 does not know.
std::vector<std::string> generated_newer_primitives();

// One to `most` of the primitives, joined by `and` and `or`, with `not` and parentheses.
std::string random_combination(const std::vector<std::string>& primitives, std::mt19937& random,
                               unsigned most);

}  // namespace bpfc::oracle
