// Machine code for the values of a vector program: 8 lanes of 32 bits in a ymm register, or in the
// frame where registers run out.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "jit/assembler.h"
#include "jit/vector_program.h"
#include "jit/vector_schedule.h"
#include "jit/vector_set.h"
#include "jit/vector_tile.h"

namespace bpfc::jit {

class VectorValues {
 public:
  // All must outlive it. Code is assembled into `code`.
  VectorValues(const VectorProgram& program, const VectorSchedule& schedule, Assembler& code);

  // How many bytes of a packet the loads at constant offsets read: all lanes' must have so many.
  std::uint32_t unchecked_end() const { return unchecked_end_; }
  // Where packets' bytes are likely to be read: from here, and to there.
  std::uint32_t likely_begin() const { return likely_begin_; }
  std::uint32_t likely_end() const { return likely_end_; }
  // Whether pointers and captured lengths must be in their vectors, and the wire lengths.
  bool needs_addresses() const { return needs_addresses_; }
  bool needs_wire_length() const { return needs_wire_length_; }
  // Where the window of the load ends, from its `left` on.
  std::uint32_t window_end(ValueId load) const { return tiles_[tile_of_[load]].end(); }
  // Whether more values are alive at once than the frame has room for.
  bool failed() const { return failed_; }

  // What is computed from here on is computed for a block, and `lanes` have come to it.
  void begin_block(std::uint32_t block, const Xbyak::Opmask& lanes);
  // Makes the code that computes the value, and those that it needs, unless it is there.
  void compute(ValueId value);
  // Makes `merge` hold `value` in the lanes of `lanes`.
  void write(ValueId merge, ValueId value, const Xbyak::Opmask& lanes);
  void end_block(std::uint32_t block);

  // A computed value as a right operand: a register, a place in the frame, or a constant that is
  // broadcast.
  template <typename Use>
  void with_operand(ValueId value, Use use);
  // The register that holds it, or `moment` with a copy.
  Xbyak::Ymm in_register(ValueId value, const Xbyak::Ymm& moment);
  // A constant in every lane.
  Xbyak::Address broadcast(std::uint32_t constant);
  // The same in 4 bytes, and bytes.
  Xbyak::Address word(std::uint32_t constant);
  Xbyak::Address bytes(std::vector<std::uint8_t> constant);
  // mask := lanes of `within` whose value is in the set; changes registers below kFirstValue.
  void find_in(const VectorSet& set, ValueId value, const Xbyak::Opmask& within,
               const Xbyak::Opmask& mask);
  Xbyak::Address zeros();

  // Behind all code.
  void place_constants();

 private:
  struct Place {
    enum class Kind : std::uint8_t { kNone, kRegister, kSlot } kind = Kind::kNone;
    int index = 0;
  };

  Xbyak::Address slot(int index) const;
  void allocate(ValueId value);
  void release(ValueId value);
  // The register to compute the value in; put() then brings it to its place.
  Xbyak::Ymm target(ValueId value);
  void put(ValueId value, const Xbyak::Ymm& from);
  void compute_arithmetic(ValueId value);
  void compute_remaining(ValueId value);
  void compute_tile(const VectorTile& tile);
  bool is_far(const VectorTile& tile) const;
  // Whether only the present block's lanes load.
  bool is_masked(const VectorTile& tile) const;
  // Whether the windows' addresses are other than kData's; they are in the frame then.
  bool compute_addresses(const VectorTile& tile);
  Xbyak::Address window(const VectorTile& tile, bool computed, int lane);
  void load_narrow_tile(const VectorTile& tile, std::span<const ValueId> loads, bool computed);
  void load_windows(const VectorTile& tile, bool computed);
  void shuffle_out(const VectorTile& tile, std::span<const ValueId> loads, bool last);
  Xbyak::Label& constants(std::vector<std::uint8_t> bytes);
  Xbyak::Label& table(const std::vector<std::uint32_t>& words);

  const VectorProgram& program_;
  const VectorSchedule& schedule_;
  Assembler& code_;
  std::vector<VectorTile> tiles_;
  std::vector<std::uint32_t> tile_of_;  // by value
  std::vector<Place> places_;           // by value
  std::uint32_t near_end_ = 0;          // of what every packet's lane loads at constant offsets
  std::uint32_t block_ = 0;
  Xbyak::Opmask lanes_;
  std::vector<int> free_registers_;
  std::vector<int> free_slots_;
  std::map<std::vector<std::uint8_t>, Xbyak::Label> constants_;
  Xbyak::Label zeros_;
  std::uint32_t likely_begin_ = 0;
  std::uint32_t likely_end_ = 0;
  std::uint32_t unchecked_end_ = 0;
  bool needs_addresses_ = false;
  bool needs_wire_length_ = false;
  bool failed_ = false;
};

template <typename Use>
void VectorValues::with_operand(ValueId value, Use use) {
  const VectorValue& of = program_.values[value];
  if (of.kind == VectorValueKind::kConstant) {
    use(broadcast(of.k));
  } else if (places_[value].kind == Place::Kind::kSlot) {
    use(slot(places_[value].index));
  } else {
    use(in_register(value, Xbyak::Ymm(0)));
  }
}

}  // namespace bpfc::jit
