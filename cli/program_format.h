// What a program is printed as: a row for each format.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bpfc/expected.h"
#include "bpfc/verify.h"

namespace bpfc::cli {

// A program, and what is known of where it comes from.
struct PrintedProgram {
  std::span<const Instruction> program;
  std::string_view filter;        // its text
  Rules rules = Rules::kLibpcap;  // whose arithmetic it will run by
};

struct ProgramFormat {
  std::string_view name;  // of --format
  int flags = 0;          // how many -d say the same; 0: none do
  std::string_view about;
  // Line breaks included. An error: why it cannot be printed so.
  Expected<std::string, std::string> (*print)(const PrintedProgram&);
};

// The first is what is printed where nothing is asked for.
std::span<const ProgramFormat> program_formats();

// Null: there is none.
const ProgramFormat* find_program_format(std::string_view name);
const ProgramFormat* find_program_format(int flags);

}  // namespace bpfc::cli
