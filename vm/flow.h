// The ways through a program: its basic blocks, and what is needed where. What engines that prepare
// a program share; none of it changes what a packet's verdict is.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "bpfc/verify.h"
#include "vm/register_use.h"

namespace bpfc {

inline constexpr std::uint32_t kNoBlock = std::numeric_limits<std::uint32_t>::max();

// Instructions that are executed one after the other.
struct FlowBlock {
  std::uint32_t first = 0;  // instruction
  // The last one: a jump, a branch, a return, or the one before another block's first.
  std::uint32_t last = 0;
  // Blocks; both kNoBlock behind a return, and the same where there is but one way on. Ways lead
  // past blocks of a mere `ja`, and to one `ret` of those that return the same number.
  std::uint32_t on_true = kNoBlock;
  std::uint32_t on_false = kNoBlock;
  std::uint32_t ways_in = 0;  // how many ways of other blocks, and of the start, lead here

  friend bool operator==(const FlowBlock&, const FlowBlock&) = default;
};

// Linear in the program's length. Does not keep the program.
class Flow {
 public:
  explicit Flow(const VerifiedProgram& program);

  // Those that a way leads to, in the order of the program; the first is where it starts.
  std::span<const FlowBlock> blocks() const { return blocks_; }
  // Which block an instruction is in; kNoBlock: nothing leads to it, or ways lead past it.
  std::uint32_t block_of(std::uint32_t instruction) const { return block_of_[instruction]; }
  // Whether a way leads backwards (libpcap's rules). No way leads past a `ja` then.
  bool loops() const { return loops_; }
  // What may be read before it is written, from the start of the block on. All of it where the
  // program loops.
  RegisterSet live_in(std::uint32_t block) const { return live_in_[block]; }

 private:
  void find_blocks(std::span<const DecodedInstruction> code);
  void find_live(std::span<const DecodedInstruction> code);

  std::vector<FlowBlock> blocks_;
  std::vector<std::uint32_t> block_of_;
  std::vector<RegisterSet> live_in_;
  bool loops_ = false;
};

}  // namespace bpfc
