#include "compiler/rejects/pull_up.h"

#include <algorithm>
#include <utility>

namespace bpfc::rejects {
namespace {

class PullUp {
 public:
  PullUp(std::vector<Block>& blocks, const Levels& levels, SetTable dominators)
      : blocks_(blocks),
        levels_(levels),
        predecessors_(blocks.size()),
        dominators_(std::move(dominators)) {
    for (std::size_t level = levels.size(); level-- > 1;) {
      for (const BlockIndex block : levels[level]) {
        for (const BlockIndex next : blocks[block].next) predecessors_[next].push_back(block);
      }
    }
    // libpcap's list of them starts with the last.
    for (auto& list : predecessors_) std::reverse(list.begin(), list.end());
  }

  // For a chain that goes on on the side `down`.
  bool pull_up_to(BlockIndex top, Side down);

 private:
  // Whether `member` belongs to the chain that starts with `top`.
  bool is_in_chain(BlockIndex member, BlockIndex top, Side down) const {
    const Block& block = blocks_[member];
    return block.kind == BlockKind::kDecide && blocks_[top].kind == BlockKind::kDecide &&
           block.next[1 - down] == blocks_[top].next[1 - down] && dominators_.has(member, top);
  }

  std::vector<Block>& blocks_;
  const Levels& levels_;
  std::vector<std::vector<BlockIndex>> predecessors_;
  SetTable dominators_;
};

bool PullUp::pull_up_to(BlockIndex top, Side down) {
  const std::vector<BlockIndex>& before = predecessors_[top];
  if (before.empty()) return false;
  const Accumulator& value = blocks_[before.front()].accumulator;
  for (const BlockIndex block : before) {
    if (blocks_[block].kind != BlockKind::kDecide || blocks_[block].accumulator != value) {
      return false;
    }
  }
  // `above` leads to the first test of another value.
  Block& first = blocks_[before.front()];
  BlockIndex* above = &first.next[first.next[kTrue] == top ? kTrue : kFalse];
  bool at_top = true;
  for (;; above = &blocks_[*above].next[down], at_top = false) {
    if (!is_in_chain(*above, top, down)) return false;
    if (blocks_[*above].accumulator != value) break;
  }
  // `same` leads to the first one of the same value behind it.
  BlockIndex* same = &blocks_[*above].next[down];
  for (;; same = &blocks_[*same].next[down]) {
    if (!is_in_chain(*same, top, down)) return false;
    if (blocks_[*same].accumulator == value) break;
  }
  const BlockIndex pulled = *same;
  *same = blocks_[pulled].next[down];
  blocks_[pulled].next[down] = *above;
  if (at_top) {
    for (const BlockIndex block : before) {
      auto& next = blocks_[block].next;
      next[next[kTrue] == top ? kTrue : kFalse] = pulled;
    }
  } else {
    *above = pulled;
  }
  dominators_ = find_dominators(blocks_, levels_);
  return true;
}

}  // namespace

SetTable find_dominators(const std::vector<Block>& blocks, const Levels& levels) {
  SetTable dominators(blocks.size(), blocks.size());
  dominators.clear(0);
  for (std::size_t level = levels.size(); level-- > 0;) {
    for (const BlockIndex block : levels[level]) {
      dominators.insert(block, block);
      if (blocks[block].kind == BlockKind::kReturn) continue;
      for (const BlockIndex next : blocks[block].next) dominators.intersect(next, block);
    }
  }
  return dominators;
}

bool pull_up_tests(std::vector<Block>& blocks, const Levels& levels, SetTable dominators,
                   int& budget) {
  PullUp pull_up(blocks, levels, std::move(dominators));
  bool any = false;
  for (std::size_t level = 1; level < levels.size(); ++level) {
    for (const BlockIndex block : levels[level]) {
      for (const Side down : {kFalse, kTrue}) {
        if (budget == 0) return any;
        if (!pull_up.pull_up_to(block, down)) continue;
        --budget;
        any = true;
      }
    }
  }
  return any;
}

}  // namespace bpfc::rejects
