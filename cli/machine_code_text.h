// A program's machine code as text.
#pragma once

#include <string>
#include <string_view>

#include "bpfc/expected.h"
#include "bpfc/verify.h"

namespace bpfc::cli {

// A line for each instruction of Jit::function() as compiled for this machine, with its offset;
// above it, as comments, the program's instructions that it is for, as to_listing() has them. An
// error: why there is no such code.
Expected<std::string, std::string> to_machine_code_text(const VerifiedProgram& program,
                                                        std::string_view filter);

}  // namespace bpfc::cli
