// The words that are the same in upper and lower case.
#pragma once

#include <string>
#include <string_view>

namespace bpfc::reference {

inline std::string lower_case(std::string_view word) {
  std::string lower(word);
  for (char& letter : lower) {
    letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  return lower;
}

}  // namespace bpfc::reference
