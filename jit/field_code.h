// Machine code that makes all tests of a decision at once, in one vector (AVX-512 with VBMI), and
// looks up what follows.
#pragma once

#include <vector>

#include "jit/assembler.h"
#include "jit/constant_pool.h"
#include "jit/field_plan.h"

namespace bpfc::jit {

// Labels that the code refers to.
struct FieldTargets {
  Xbyak::Label& scalar;                      // the program's start
  std::vector<Xbyak::Label>& continuations;  // one for each
};

// Emits a function's start, with the arguments of Jit::Function in their registers, where the
// scalar code and the continuations find them. Throws Xbyak::Error.
void emit_field_code(Assembler& out, ConstantPool& pool, const FieldPlan& plan,
                     const FieldTargets& targets);

}  // namespace bpfc::jit
