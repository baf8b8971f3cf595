#include "compiler/rejects/jump_threading.h"

namespace bpfc::rejects {
namespace {

// Where the test of `child` leads, given that the block `before` was left on that side.
BlockIndex known_next(const Block& child, const Block& before, Side side) {
  if (child.kind != BlockKind::kDecide || before.kind != BlockKind::kDecide) return kNoBlock;
  if (child.accumulator != before.accumulator) return kNoBlock;
  if (child.test == before.test) return child.next[side];
  const bool unequal = child.test.comparison == Comparison::kEqual &&
                       before.test.comparison == Comparison::kEqual &&
                       child.test.right == ir::kNoValue && before.test.right == ir::kNoValue;
  return side == kTrue && unequal ? child.next[kFalse] : kNoBlock;
}

class EdgeThreading {
 public:
  EdgeThreading(std::vector<Block>& blocks, const SetTable& dominators)
      : blocks_(blocks), dominators_(dominators) {}

  void thread(BlockIndex from, Side side, Threaded& threaded) {
    const std::size_t edge = from + side * blocks_.size();
    BlockIndex& next = blocks_[from].next[side];
    const Block& first = blocks_[next];
    if (first.kind == BlockKind::kDecide && first.next[kTrue] == first.next[kFalse]) {
      next = first.next[kTrue];
      threaded.past_one_way = true;
    }
    for (std::size_t steps = 0; steps < blocks_.size(); ++steps) {
      const BlockIndex to = known_next_of(next, edge);
      if (to == kNoBlock) break;
      next = to;
      threaded.past_known_test = true;
    }
  }

 private:
  BlockIndex known_next_of(BlockIndex child, std::size_t edge) const {
    if (blocks_[child].kind != BlockKind::kDecide) return kNoBlock;
    for (const Side side : {kTrue, kFalse}) {
      for (BlockIndex before = 0; before < blocks_.size(); ++before) {
        if (!dominators_.has(edge, before + side * blocks_.size())) continue;
        const BlockIndex to = known_next(blocks_[child], blocks_[before], side);
        if (to != kNoBlock) return to;
      }
    }
    return kNoBlock;
  }

  std::vector<Block>& blocks_;
  const SetTable& dominators_;
};

}  // namespace

SetTable find_edge_dominators(const std::vector<Block>& blocks, const Levels& levels) {
  SetTable dominators(blocks.size() * 2, blocks.size() * 2);
  const auto edge = [&](BlockIndex block, Side side) { return block + side * blocks.size(); };
  for (const Side side : {kTrue, kFalse}) dominators.clear(edge(0, side));
  for (std::size_t level = levels.size(); level-- > 1;) {
    for (const BlockIndex block : levels[level]) {
      for (const Side side : {kTrue, kFalse}) {
        const BlockIndex next = blocks[block].next[side];
        dominators.insert(edge(block, side), edge(block, side));
        for (const Side behind : {kTrue, kFalse}) {
          dominators.intersect(edge(next, behind), edge(block, side));
        }
      }
    }
  }
  return dominators;
}

Threaded thread_edges(std::vector<Block>& blocks, const Levels& levels,
                      const SetTable& dominators) {
  Threaded threaded;
  EdgeThreading threading(blocks, dominators);
  for (std::size_t level = 1; level < levels.size(); ++level) {
    for (const BlockIndex block : levels[level]) {
      for (const Side side : {kTrue, kFalse}) {
        threading.thread(block, side, threaded);
        if (blocks[block].kind == BlockKind::kAssign) break;
      }
      if (blocks[block].kind == BlockKind::kAssign) {
        blocks[block].next[kFalse] = blocks[block].next[kTrue];
      }
    }
  }
  return threaded;
}

}  // namespace bpfc::rejects
