// The instructions that windows and replacements are made of.
#pragma once

#include <vector>

#include "peephole/rule.h"

namespace bpfc::peephole {

// Every operation but `ja`; constants are symbols and the few numbers that mean something to the
// operation.
std::vector<PatternInstruction> window_alphabet();
// Also sums and the like of symbols; conditional jumps either way; `ja`.
std::vector<PatternInstruction> replacement_alphabet();

// Bits of symbols, and of cells, that occur.
struct Names {
  std::uint8_t symbols = 0;
  std::uint8_t cells = 0;
};
Names names_in(const PatternInstruction& instruction);
Names names_in(const Pattern& pattern);

// Whether the instruction can only be the last.
bool ends_window(const PatternInstruction& instruction);

}  // namespace bpfc::peephole
