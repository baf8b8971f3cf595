// Machine code for the values of a vector program.
#pragma once

#include <cstdint>

#include "jit/assembler.h"
#include "jit/vector_constants.h"
#include "jit/vector_loads.h"
#include "jit/vector_places.h"
#include "jit/vector_program.h"
#include "jit/vector_schedule.h"
#include "jit/vector_set.h"

namespace bpfc::jit {

class VectorValues {
 public:
  // All must outlive it.
  VectorValues(const VectorProgram& program, const VectorSchedule& schedule,
               VectorConstants& constants, VectorPlaces& places, VectorLoads& loads,
               Assembler& code);

  // What is computed from here on is computed for a block, and `lanes` have come to it.
  void begin_block(std::uint32_t block, const Xbyak::Opmask& lanes);
  // The values that no later block needs lose their places.
  void end_block(std::uint32_t block);
  // Makes the code that computes the value, and those that it needs, unless they are there.
  void compute(ValueId value);
  // mask := lanes of `within` whose value is in the set; changes registers below kFirstValue.
  void find_in(const VectorSet& set, ValueId value, const Xbyak::Opmask& within,
               const Xbyak::Opmask& mask);

 private:
  void compute_arithmetic(ValueId value);
  void compute_shift(ValueId value, const Xbyak::Ymm& to, const Xbyak::Ymm& left);
  void compute_remaining(ValueId value);

  const VectorProgram& program_;
  const VectorSchedule& schedule_;
  VectorConstants& constants_;
  VectorPlaces& places_;
  VectorLoads& loads_;
  Assembler& code_;
  std::uint32_t block_ = 0;
  Xbyak::Opmask lanes_;
};

}  // namespace bpfc::jit
