// Names that the language and the options take in any case.
#pragma once

#include <algorithm>
#include <string_view>

namespace bpfc {

// ASCII letters only: the user's locale must not change which names are equal.
constexpr bool equal_in_any_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [lower](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace bpfc
