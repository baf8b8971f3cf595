// How much of a packet must have been captured for a program to end in anything but 0, so that one
// comparison up front stands for the bounds checks of many loads.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "bpfc/verify.h"
#include "vm/flow.h"

namespace bpfc {

// Such a length: every way from here ends in 0.
inline constexpr std::uint32_t kNeverAccepts = std::numeric_limits<std::uint32_t>::max();

// Linear in the program's length. Keeps neither program nor flow. Of programs that loop it knows
// nothing: 0 and false.
class NeededLengths {
 public:
  NeededLengths(const VerifiedProgram& program, const Flow& flow);

  // With fewer captured bytes than this, the program, having come to the start of the block, ends
  // in 0, whatever else it would do.
  std::uint32_t needed(std::uint32_t block) const { return needed_[block]; }
  // What has been captured of every packet that comes to the start of the block, if each block
  // rejects what is shorter than it needs.
  std::uint32_t certain(std::uint32_t block) const { return certain_[block]; }
  // Whether a packet load, one of this block's, then lies within the captured bytes.
  bool is_covered(std::uint32_t instruction) const { return covered_[instruction]; }

 private:
  std::vector<std::uint32_t> needed_;
  std::vector<std::uint32_t> certain_;
  std::vector<bool> covered_;
};

}  // namespace bpfc
