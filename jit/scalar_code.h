// Machine code that runs a program on one packet, instruction by instruction, with what the
// analyses of vm/ save: checks, comparisons, swaps of bytes, searches.
#pragma once

#include <span>
#include <vector>

#include "bpfc/jit.h"
#include "jit/assembler.h"
#include "jit/constant_pool.h"
#include "jit/field_decision.h"
#include "vm/flow.h"
#include "vm/needed_length.h"

namespace bpfc::jit {

// Where else the program is entered.
struct ScalarEntries {
  Xbyak::Label& start;
  std::span<const Continuation> continuations;
  std::vector<Xbyak::Label>& labels;  // one for each of those
};

// Emits the rest of a function: at its start, and at the start of each continuation, the arguments
// of Jit::Function are in their registers and the stack is as after the call. Defines the labels of
// the entries. Where `locations` is given, adds the places of instructions. Throws Xbyak::Error.
void emit_scalar_code(Assembler& out, ConstantPool& pool, const VerifiedProgram& program,
                      const Flow& flow, const NeededLengths& lengths, const ScalarEntries& entries,
                      std::vector<CodeLocation>* locations);

}  // namespace bpfc::jit
