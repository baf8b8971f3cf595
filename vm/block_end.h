// What blocks test at their ends, put so that many instructions can be taken as one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bpfc/verify.h"
#include "vm/flow.h"
#include "vm/needed_length.h"
#include "vm/partition.h"
#include "vm/value_set.h"

namespace bpfc {

// A packet load from the plain bytes, at k or at X + k.
struct PlainLoad {
  std::uint32_t k = 0;
  std::uint32_t size = 0;  // 0: none
  bool indexed = false;

  std::uint32_t end() const { return k + size; }
  friend bool operator==(const PlainLoad&, const PlainLoad&) = default;
};

// The value under the mask goes on to `inside` if it is among the members, else to `outside`. Both
// are blocks. `members` ascend, with gaps between them.
struct SetTest {
  std::vector<ValueRange> members;
  std::uint32_t inside = 0;
  std::uint32_t outside = 0;
};

// The loaded value, under the mask, goes on to `equal` if it is `value`, else to `different`.
struct EqualityTest {
  PlainLoad load;
  std::uint32_t mask = 0;
  std::uint32_t value = 0;
  std::uint32_t equal = 0;
  std::uint32_t different = 0;
};

// Blocks seen as ways to a verdict: those that return the same are one. Keeps references to all
// three; the program does not loop.
class BlockEnds {
 public:
  BlockEnds(const VerifiedProgram& program, const Flow& flow, const NeededLengths& lengths);

  // The block, or the one that stands for all that do nothing but return the same: the last of
  // them. What never accepts is as good as `ret #0`.
  std::uint32_t same_as(std::uint32_t block) const { return same_as_[block]; }
  // What it does nothing but return.
  std::optional<std::uint32_t> verdict(std::uint32_t block) const;
  bool needs_a(std::uint32_t block) const { return (flow_.live_in(block) & kLiveA) != 0; }

  // The load, if it is an absolute or indexed load; not one that is certainly beyond plain bytes.
  std::optional<PlainLoad> plain_load(const DecodedInstruction& instruction) const;

  // What the branches at the end of the block make of A; the targets are those of same_as(). None:
  // it does not end in a branch on A and a constant. `effort`: find_partition()'s.
  std::optional<Partition> partition(std::uint32_t block, std::size_t& effort) const;
  // The same with two targets. None: there are more.
  static std::optional<SetTest> as_set(const Partition& partition);

  // Of the instructions at the end of the block (not before `first`), if they are: a load of bytes
  // that are certainly there, or `a`, which A holds as the block starts; `and` or not; a branch.
  // Puts into `start` the first of them.
  std::optional<EqualityTest> equality(std::uint32_t block, const PlainLoad& a,
                                       std::uint32_t& start) const;

 private:
  const VerifiedProgram& program_;
  std::span<const DecodedInstruction> code_;
  const Flow& flow_;
  const NeededLengths& lengths_;
  std::vector<std::uint32_t> same_as_;
};

}  // namespace bpfc
