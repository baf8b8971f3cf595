// Machine code for a vector program: its blocks, inside a loop over groups of packets.
//
// A block's lanes are a mask in a k register, or in a byte of the frame where there are too many
// blocks to come. A way to a block adds lanes to its mask; a way to a constant verdict gives the
// lanes theirs at once, and one to the verdict 0 is nothing at all.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bpfc/jit.h"
#include "jit/assembler.h"
#include "jit/vector_constants.h"
#include "jit/vector_loads.h"
#include "jit/vector_loop.h"
#include "jit/vector_places.h"
#include "jit/vector_program.h"
#include "jit/vector_schedule.h"
#include "jit/vector_values.h"

namespace bpfc::jit {

class VectorEmitter {
 public:
  // The program must outlive it.
  VectorEmitter(const VectorProgram& program, Jit::Function scalar);

  // False: the program needs more room than the frame has.
  bool emit();
  // After emit(): the code, a VectorCode::Function at its start.
  std::span<const std::uint8_t> finish() { return code_.finish(); }

 private:
  struct Lanes {
    enum class Kind : std::uint8_t { kNone, kRegister, kSlot } kind = Kind::kNone;
    int index = 0;
  };

  void emit_block(std::uint32_t block);
  void emit_check(const VectorCheck& check, const Xbyak::Opmask& lanes);
  void emit_exit(std::uint32_t block, const Xbyak::Opmask& lanes);
  void emit_branch(const VectorExit& exit, const Xbyak::Opmask& lanes);
  void emit_set(const VectorExit& exit, const Xbyak::Opmask& lanes);
  void emit_ranges(ValueId value, std::span<const VectorExit::Range> ranges,
                   const Xbyak::Opmask& lanes, const Xbyak::Opmask& mask);
  void compare(const VectorExit& exit, bool negated, const Xbyak::Opmask& lanes,
               const Xbyak::Opmask& mask);

  // Whether lanes that go that way need nothing: their verdict is 0.
  bool is_reject(const VectorWay& way) const;
  // The register to compute the way's lanes in, which follow() then sends on.
  Xbyak::Opmask lanes_for(const VectorWay& way);
  void follow(const VectorWay& way, const Xbyak::Opmask& lanes);
  void give(ValueId verdict, const Xbyak::Opmask& lanes);
  Xbyak::Opmask lanes_of(std::uint32_t block);
  void release_lanes(std::uint32_t block);
  Xbyak::Address mask_slot(int index);

  const VectorProgram& program_;
  Assembler code_;
  VectorConstants constants_;
  VectorSchedule schedule_;
  VectorPlaces places_;
  VectorLoads loads_;
  VectorValues values_;
  std::optional<std::uint32_t> only_verdict_;  // all others are 0
  VectorLoop loop_;
  std::vector<Lanes> lanes_;  // by block
  std::vector<int> free_masks_;
  std::vector<int> free_slots_;
  std::vector<std::optional<std::uint32_t>> constant_verdicts_;  // by block
};

}  // namespace bpfc::jit
