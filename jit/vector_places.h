// A value's place: a ymm register of 8 lanes of 32 bits, or 32 bytes of the frame where registers
// run out. It has the place from where it is computed to the end of the last block that needs it.
#pragma once

#include <cstdint>
#include <vector>

#include "jit/assembler.h"
#include "jit/vector_constants.h"
#include "jit/vector_program.h"

namespace bpfc::jit {

class VectorPlaces {
 public:
  // All must outlive it.
  VectorPlaces(const VectorProgram& program, VectorConstants& constants, Assembler& code);

  // Whether the value has a place: it has been computed, or, a merge, written.
  bool has(ValueId value) const { return places_[value].kind != Place::Kind::kNone; }
  // Gives it one, and the register to compute it in; put() then brings it there.
  Xbyak::Ymm target(ValueId value);
  void put(ValueId value, const Xbyak::Ymm& from);
  // Makes `merge`, which gets a place at the first time, hold `value` in the lanes of `lanes`.
  void write(ValueId merge, ValueId value, const Xbyak::Opmask& lanes);
  void release(ValueId value);

  // A right operand: a register, a place in the frame, or a constant that is broadcast.
  template <typename Use>
  void with_operand(ValueId value, Use use);
  // The register that holds it, or `moment` with a copy.
  Xbyak::Ymm in_register(ValueId value, const Xbyak::Ymm& moment);

  // Whether more values were alive at once than the frame has room for.
  bool failed() const { return failed_; }

 private:
  struct Place {
    enum class Kind : std::uint8_t { kNone, kRegister, kSlot } kind = Kind::kNone;
    int index = 0;
  };

  Xbyak::Address slot(int index) const;
  void allocate(ValueId value);

  const VectorProgram& program_;
  VectorConstants& constants_;
  Assembler& code_;
  std::vector<Place> places_;  // by value
  std::vector<int> free_registers_;
  std::vector<int> free_slots_;
  bool failed_ = false;
};

template <typename Use>
void VectorPlaces::with_operand(ValueId value, Use use) {
  const VectorValue& of = program_.values[value];
  if (of.kind == VectorValueKind::kConstant) {
    use(constants_.broadcast(of.k));
  } else if (places_[value].kind == Place::Kind::kSlot) {
    use(slot(places_[value].index));
  } else {
    use(in_register(value, Xbyak::Ymm(0)));
  }
}

}  // namespace bpfc::jit
