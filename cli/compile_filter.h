// Compiling what the command line asks for, and saying what is wrong with it.
#pragma once

#include <optional>

#include "cli/command.h"

namespace bpfc::cli {

// With its profile, if it names one. Warnings have been shown. None: what is wrong has been said.
std::optional<Compilation> compile_filter(const FilterOptions& options, const FilterText& text,
                                          Terminal& terminal);

}  // namespace bpfc::cli
