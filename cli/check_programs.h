// The programs that `bpfc check` holds against each other.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bpfc/verify.h"
#include "cli/command.h"

namespace bpfc::cli {

// Programs for one kind of packet that should be one and the same filter.
struct ProgramSet {
  FilterOptions filter;  // as it was compiled
  bool has_filter = false;
  std::vector<std::string> names;
  std::vector<VerifiedProgram> programs;  // all of the same rules
  std::string kernel_refusal;             // why the kernel does not take one of them, or empty
};

class CheckPrograms {
 public:
  // None: what is wrong has been said, here and below. `command` must outlive this.
  static std::optional<CheckPrograms> read(const CheckCommand& command, Terminal& terminal);

  // The filter as lowered and as optimized, and the program of the file, as far as they are asked
  // for. Warnings are given the first time.
  std::optional<ProgramSet> compile_for(const FilterOptions& filter, Terminal& terminal);

  const FilterText& text() const { return text_; }

 private:
  explicit CheckPrograms(const CheckCommand& command) : command_(&command) {}

  const CheckCommand* command_;
  FilterText text_;
  Program from_file_;
  bool warned_ = false;
};

}  // namespace bpfc::cli
