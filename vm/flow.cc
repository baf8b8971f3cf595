// Blocks are found from the end to the start and back. From the end, each instruction learns where
// a jump to it really leads: a `ja` is as good as its target, and a `ret` as another one of the
// same number. From the start, instructions that something leads to are marked; as jumps go
// forwards, one look at each is enough. For
//
//   0 ldh [12]   1 jeq #0x800 jt 3 jf 2   2 ja 4   3 ret #1   4 ret #0
//
// instruction 2 leads to 4, so the blocks are 0-1, 3 and 4, and nothing leads to 2. A program that
// jumps backwards is taken as it stands.
#include "vm/flow.h"

#include <algorithm>
#include <unordered_map>

#include "vm/opcode.h"

namespace bpfc {
namespace {

bool ends_block(OperationClass kind) {
  return kind == OperationClass::kJump || kind == OperationClass::kBranch ||
         kind == OperationClass::kReturn;
}

bool jumps_backwards(std::span<const DecodedInstruction> code) {
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i].operation == Operation::kJump && code[i].on_true <= i) return true;
  }
  return false;
}

// Of each instruction, the one that is executed when it is jumped to.
std::vector<std::uint32_t> real_targets(std::span<const DecodedInstruction> code, bool loops) {
  std::vector<std::uint32_t> real(code.size());
  std::unordered_map<std::uint32_t, std::uint32_t> returns;  // by what they return
  for (std::size_t i = code.size(); i-- > 0;) {
    const DecodedInstruction& now = code[i];
    if (now.operation == Operation::kReturnConstant && !loops) {
      real[i] = returns.try_emplace(now.k, static_cast<std::uint32_t>(i)).first->second;
      continue;
    }
    // A branch without a choice compares for nothing.
    const bool passes = info(now.operation).kind == OperationClass::kJump ||
                        (info(now.operation).kind == OperationClass::kBranch &&
                         real[now.on_true] == real[now.on_false]);
    real[i] = passes && !loops ? real[now.on_true] : static_cast<std::uint32_t>(i);
  }
  return real;
}

}  // namespace

Flow::Flow(const VerifiedProgram& program) {
  loops_ = jumps_backwards(program.decoded());
  find_blocks(program.decoded());
  find_live(program.decoded());
}

void Flow::find_blocks(std::span<const DecodedInstruction> code) {
  const std::vector<std::uint32_t> real = real_targets(code, loops_);
  enum : std::uint8_t { kReached = 1, kFirst = 2 };
  std::vector<std::uint8_t> marks(code.size(), loops_ ? kReached : 0);
  marks[real[0]] = kReached | kFirst;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if ((marks[i] & kReached) == 0) continue;
    const OperationClass kind = info(code[i].operation).kind;
    if (kind == OperationClass::kReturn) continue;
    if (ends_block(kind)) {
      marks[real[code[i].on_true]] = kReached | kFirst;
      marks[real[code[i].on_false]] = kReached | kFirst;
    } else {
      const std::uint32_t next = real[i + 1];
      marks[next] |= next == i + 1 ? kReached : kReached | kFirst;
    }
  }

  block_of_.assign(code.size(), kNoBlock);
  for (std::uint32_t i = 0; i < code.size(); ++i) {
    if ((marks[i] & kReached) == 0) continue;
    const bool first = (marks[i] & kFirst) != 0 || blocks_.empty() ||
                       blocks_.back().last + 1 != i || ends_block(info(code[i - 1].operation).kind);
    if (first) blocks_.push_back({.first = i});
    blocks_.back().last = i;
    block_of_[i] = static_cast<std::uint32_t>(blocks_.size() - 1);
  }
  blocks_.front().ways_in = 1;
  for (FlowBlock& block : blocks_) {
    const DecodedInstruction& last = code[block.last];
    if (info(last.operation).kind == OperationClass::kReturn) continue;
    block.on_true = block_of_[real[last.on_true]];
    block.on_false = block_of_[real[last.on_false]];
    ++blocks_[block.on_true].ways_in;
    if (block.on_false != block.on_true) ++blocks_[block.on_false].ways_in;
  }
}

void Flow::find_live(std::span<const DecodedInstruction> code) {
  live_in_.assign(blocks_.size(), kAllLive);
  if (loops_) return;
  for (std::size_t b = blocks_.size(); b-- > 0;) {
    const FlowBlock& block = blocks_[b];
    RegisterSet live = 0;
    if (block.on_true != kNoBlock) live = live_in_[block.on_true] | live_in_[block.on_false];
    for (std::uint32_t i = block.last + 1; i-- > block.first;) {
      const RegisterUse use = register_use(code[i].operation, code[i].k);
      live = (live & ~use.writes) | use.reads;
    }
    live_in_[b] = live;
  }
}

}  // namespace bpfc
