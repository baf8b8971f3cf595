// What a mistyped name may stand for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bpfc::capture {

// Those of `names` that differ from `name` in case, or by one character that is missing, too many,
// another, or in its neighbour's place; by two where the name has five or more. The nearest first,
// then by name; at most three. Takes time in proportion to the product of the lengths.
std::vector<std::string> similar_names(std::string_view name,
                                       const std::vector<std::string>& names);

}  // namespace bpfc::capture
