// A program whose jumps are absolute, for changing it: what is taken out becomes a jump to the
// next.
#pragma once

#include <optional>
#include <vector>

#include "bpfc/program.h"
#include "bpfc/verify.h"

namespace bpfc::reduction {

using Steps = std::vector<DecodedInstruction>;

// Becomes a jump there.
void skip(DecodedInstruction& step, std::uint32_t target);
bool jumps(const DecodedInstruction& step);
bool branches(const DecodedInstruction& step);
bool returns(const DecodedInstruction& step);

// The program without what nothing reaches and jumps that lead on to the next instruction. None: a
// conditional jump would reach too far. Jumps go forward only.
std::optional<Program> assembled(const Steps& steps);

}  // namespace bpfc::reduction
