// What a program does twice, once.
#pragma once

#include <optional>
#include <span>

#include "bpfc/program.h"
#include "bpfc/verify.h"

namespace bpfc::peephole {

// The program with jumps that lead to the last of equal ways: those on which the same instructions
// follow, whatever the registers hold. It is as long as it was; what nothing reaches any more is
// for others to drop. Executes the same instructions for each packet, but for jumps that lead to
// jumps. None: there are no such ways. Jumps go forward only. Linear.
std::optional<Program> cross_jumped(std::span<const DecodedInstruction> program);

}  // namespace bpfc::peephole
