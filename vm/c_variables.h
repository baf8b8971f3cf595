// The variables of a function in C that stands for a program.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "bpfc/program.h"

namespace bpfc {

// What a function declares or takes, and whether it reads it: compilers warn of what is only set.
class Variables {
 public:
  static constexpr unsigned kA = kScratchCells;
  static constexpr unsigned kX = kA + 1;
  static constexpr unsigned kOffset = kA + 2;
  static constexpr unsigned kSteps = kA + 3;
  static constexpr unsigned kPacket = kA + 4;
  static constexpr unsigned kCaptured = kA + 5;
  static constexpr unsigned kLength = kA + 6;

  std::string read(unsigned variable) {
    read_ |= 1U << variable;
    return use(variable);
  }
  std::string write(unsigned variable) { return use(variable); }

  // At the function's start.
  std::string declarations() const {
    std::string declared;
    std::string unread;
    for (unsigned variable = 0; variable <= kLength; ++variable) {
      const bool parameter = variable >= kPacket;
      if (!parameter && has(used_, variable)) {
        declared += fmt::format("{} {} = 0", declared.empty() ? "uint32_t" : ",", name(variable));
      }
      if ((parameter || has(used_, variable)) && !has(read_, variable)) {
        unread += fmt::format("  (void){};\n", name(variable));
      }
    }
    return (declared.empty() ? "" : fmt::format("  {};\n", declared)) + unread;
  }

 private:
  static bool has(std::uint32_t set, unsigned variable) { return (set >> variable & 1U) != 0; }

  static std::string name(unsigned variable) {
    static constexpr std::array<std::string_view, 7> kNames = {
        "a", "x", "i", "steps", "packet", "captured", "length"};
    return variable < kA ? fmt::format("m{}", variable) : std::string(kNames[variable - kA]);
  }

  std::string use(unsigned variable) {
    used_ |= 1U << variable;
    return name(variable);
  }

  std::uint32_t used_ = 0;  // a bit for each
  std::uint32_t read_ = 0;
};

}  // namespace bpfc
