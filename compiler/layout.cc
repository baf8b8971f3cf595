// The program is written from its end to its start, so every target's distance is known when a jump
// to it is written. For each block the nearest instruction that gets there is remembered: the block
// itself at first. Where that is further away than a conditional jump reaches, a `ja` (or a copy of
// the return) is put right behind the jump, which goes there; and it serves all jumps before it,
// until it too is out of reach.
//
// With a reach of 2 instead of 255, for `a: jeq -> yes; b: jeq -> yes; c: jeq -> yes; ret 0; yes:
// ret 1`:
//
//   a: jeq yes'; b: jeq yes'; c: jeq yes; ret 0; yes: ret 1      (yes = 1 away from c)
//   b is 2 away from yes; for a it would be 3: a: jeq yes'; yes': ret 1; b: ...
#include "compiler/layout.h"

#include <algorithm>

#include "vm/opcode.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kReach = 255;

class Layout {
 public:
  explicit Layout(const Selection& selection)
      : selection_(selection), entry_(selection.blocks.size(), 0) {}

  Program run() {
    for (auto i = static_cast<std::uint32_t>(selection_.blocks.size()); i-- > 0;) {
      const Block& block = selection_.blocks[i];
      if (i > 0 && !block.branch && block.count == 0 && block.then != Block::kNowhere) {
        // Nothing to do here: whoever comes goes on. The program's start is not come to.
        entry_[i] = entry_[block.then];
        continue;
      }
      if (block.branch && block.then != block.otherwise) {
        // A trampoline moves what is behind it away by one, so the second may be needed for the
        // first.
        while (bring_near(block.otherwise) || bring_near(block.then)) {
        }
        Instruction branch = *block.branch;
        branch.jt = static_cast<std::uint8_t>(distance(block.then));
        branch.jf = static_cast<std::uint8_t>(distance(block.otherwise));
        reversed_.push_back(branch);
      } else if (block.then != Block::kNowhere && distance(block.then) != 0) {
        reversed_.push_back(detour(block.then));
      }
      for (std::uint32_t k = block.count; k-- > 0;) {
        reversed_.push_back(selection_.instructions[block.first + k]);
      }
      entry_[i] = here();
    }
    std::reverse(reversed_.begin(), reversed_.end());
    return std::move(reversed_);
  }

 private:
  // Places are counted from the end: the last instruction is at 1.
  std::uint32_t here() const { return static_cast<std::uint32_t>(reversed_.size()); }

  // Instructions between the one that is written next and the target.
  std::uint32_t distance(std::uint32_t target) const { return here() - entry_[target]; }

  // An instruction that gets to the target from here.
  Instruction detour(std::uint32_t target) const {
    const Block& block = selection_.blocks[target];
    if (block.then == Block::kNowhere && block.count == 1) {
      return selection_.instructions[block.first];
    }
    return {encode(Operation::kJump), 0, 0, distance(target)};
  }

  // Whether a detour had to be written.
  bool bring_near(std::uint32_t target) {
    if (distance(target) <= kReach) return false;
    reversed_.push_back(detour(target));
    entry_[target] = here();
    return true;
  }

  const Selection& selection_;
  Program reversed_;
  std::vector<std::uint32_t> entry_;  // by block: the nearest place that gets there
};

}  // namespace

Program lay_out(const Selection& selection) { return Layout(selection).run(); }

}  // namespace bpfc
