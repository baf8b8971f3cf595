// The programs that proofs are about, as the command line names them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bpfc/prove.h"
#include "bpfc/verify.h"
#include "cli/filter_options.h"
#include "cli/terminal.h"

namespace bpfc::cli {

// 0, 1 and 3.
int exit_code(Answer answer);

struct ProvePrograms {
  std::vector<VerifiedProgram> programs;  // all of the same rules
  Rules rules = Rules::kKernel;
};

// Each of the texts is a filter, or `@` and a program file (@- is standard input). None: what is
// wrong has been said.
std::optional<ProvePrograms> read_programs(const std::vector<std::string>& texts,
                                           const FilterOptions& options, Rules rules,
                                           Terminal& terminal);

// Verifies them all by the same rules: the kernel's, or, said in a note, libpcap's where they are
// no more than too long for the kernel.
std::optional<ProvePrograms> verify_all(const std::vector<Program>& programs,
                                        const std::vector<std::string>& names, Rules rules,
                                        Terminal& terminal);

}  // namespace bpfc::cli
