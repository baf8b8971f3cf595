// Machine code for a vector program's loads: tile after tile, each when the first of its values is
// needed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "jit/assembler.h"
#include "jit/vector_constants.h"
#include "jit/vector_places.h"
#include "jit/vector_program.h"
#include "jit/vector_schedule.h"
#include "jit/vector_tile.h"

namespace bpfc::jit {

class VectorLoads {
 public:
  // All must outlive it.
  VectorLoads(const VectorProgram& program, const VectorSchedule& schedule,
              VectorConstants& constants, VectorPlaces& places, Assembler& code);

  // How many bytes of a packet the loads at constant offsets read: every lane's must have so many.
  std::uint32_t unchecked_end() const { return unchecked_end_; }
  // Where packets' bytes are likely to be read: from here, and to there.
  std::uint32_t likely_begin() const { return likely_begin_; }
  std::uint32_t likely_end() const { return likely_end_; }
  // Whether there are loads whose addresses are computed.
  bool needs_addresses() const { return needs_addresses_; }
  // Where the window of the load ends, from its `left` on.
  std::uint32_t window_end(ValueId load) const { return tiles_[tile_of_[load]].end(); }

  // Makes the code for the load's tile, for a block that `lanes` have come to; what the load is
  // relative to is there.
  void compute(ValueId load, std::uint32_t block, const Xbyak::Opmask& lanes);

 private:
  bool is_far(const VectorTile& tile) const;
  // Whether the windows' addresses are other than kData's; they are in the frame then.
  bool compute_addresses(const VectorTile& tile, std::uint32_t block, const Xbyak::Opmask& lanes);
  Xbyak::Address window(const VectorTile& tile, bool computed, int lane);
  void load_narrow_tile(const VectorTile& tile, std::span<const ValueId> loads, bool computed);
  void load_windows(const VectorTile& tile, bool computed);
  void shuffle_out(const VectorTile& tile, std::span<const ValueId> loads, bool last);

  const VectorProgram& program_;
  const VectorSchedule& schedule_;
  VectorConstants& constants_;
  VectorPlaces& places_;
  Assembler& code_;
  std::vector<VectorTile> tiles_;
  std::vector<std::uint32_t> tile_of_;  // by value
  std::uint32_t near_end_ = 0;          // of what is loaded of every packet at constant offsets
  std::uint32_t unchecked_end_ = 0;
  std::uint32_t likely_begin_ = 0;
  std::uint32_t likely_end_ = 0;
  bool needs_addresses_ = false;
};

}  // namespace bpfc::jit
