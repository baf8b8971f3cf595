// Machine code that makes all tests of a decision at once, in one vector (AVX-512 with VBMI), and
// looks up what follows.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "jit/assembler.h"
#include "jit/constant_pool.h"
#include "jit/decision_table.h"
#include "jit/field_decision.h"

namespace bpfc::jit {

// Most tests, which with kMostSets give 32 bits, and how far into the packet they may look.
inline constexpr std::size_t kMostFieldTests = 28;
inline constexpr std::uint32_t kFarthestField = 64;

// Bytes of the packet that are loaded together.
struct FieldWindow {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;  // 16, 32 or 64
};

// What the code is made from.
struct FieldPlan {
  FieldDecision decision;
  std::vector<FieldWindow> windows;  // all within least_captured; 64 bytes together, at most
  std::vector<TableLevel> levels;
  // Words of the tables: a verdict as it is, and from `first_continuation` on, one for each
  // continuation. No verdict is among those.
  std::uint32_t first_continuation = 0;
};

// None: the program is better run as it is, or this machine has no such vectors.
std::optional<FieldPlan> plan_fields(const VerifiedProgram& program, const Flow& flow,
                                     const NeededLengths& lengths);

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
