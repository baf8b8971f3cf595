// Machine code that runs a program on one packet, instruction by instruction, with what the
// analyses of vm/ save: checks, comparisons, swaps of bytes, searches.
#pragma once

#include <vector>

#include "bpfc/jit.h"
#include "jit/assembler.h"
#include "vm/flow.h"
#include "vm/needed_length.h"

namespace bpfc::jit {

// Emits a function, or the rest of one: as it starts, the arguments of Jit::Function are in their
// registers and the stack is as after the call. Where `locations` is given, adds the places of
// instructions. Throws Xbyak::Error.
void emit_scalar_code(Assembler& out, const VerifiedProgram& program, const Flow& flow,
                      const NeededLengths& lengths, std::vector<CodeLocation>* locations);

}  // namespace bpfc::jit
