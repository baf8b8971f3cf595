// Machine code of a loop over groups of 8 packets: it fetches ahead, takes a group's pointers and
// lengths into registers (vector_frame.h), and, when the verdicts are known, writes them.
#pragma once

#include <cstdint>
#include <optional>

#include "bpfc/jit.h"
#include "jit/assembler.h"
#include "jit/vector_constants.h"
#include "jit/vector_loads.h"
#include "jit/vector_program.h"

namespace bpfc::jit {

class VectorLoop {
 public:
  // All must outlive it. `scalar` is called for the lanes that are left to it. `only_verdict` is
  // the only one beside 0, if there is one.
  VectorLoop(const VectorProgram& program, const VectorLoads& loads, Jit::Function scalar,
             std::optional<std::uint32_t> only_verdict, VectorConstants& constants,
             Assembler& code);

  // The start of a VectorCode::Function, to where kToScalar has the lanes of packets that are too
  // short for loads at constant offsets, kMoment has the others, and no lane has a verdict.
  void begin();
  // From where kAccepted or kVerdict, and kToScalar, have all lanes.
  void end();

 private:
  void enter();
  void leave();
  void prefetch();
  void take_packets();
  void give_verdicts();
  void replace_short();
  void run_scalar();

  const VectorLoads& loads_;
  Jit::Function scalar_;
  std::optional<std::uint32_t> only_verdict_;
  VectorConstants& constants_;
  Assembler& code_;
  bool needs_wire_length_ = false;
  Xbyak::Label group_;
  Xbyak::Label short_;     // way out and
  Xbyak::Label replaced_;  // back
  Xbyak::Label to_scalar_;
  Xbyak::Label next_;
  Xbyak::Label end_;
};

}  // namespace bpfc::jit
