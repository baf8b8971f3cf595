// The values that A may have at a branch are a set of ranges; a comparison with a constant splits
// it in two, for the two ways on. A block that does nothing but compare the same A again is looked
// through, every other one is an end. Blocks are visited in the order of the program, so all that
// leads to one has been seen. For
//
//   0 jeq #5 jt 9 jf 1    1 jgt #7 jt 9 jf 2    2 (something else)
//
// all values come to 0; 5 goes to 9, the rest to 1; of that 8 and more goes to 9: the pieces are
// 0-4: 2, 5: 9, 6-7: 2, 8-: 9. A set is a balanced tree of ranges; splitting moves the smaller
// part, joining adds the smaller set to the larger, so that a chain of n costs n log n.
#include "vm/partition.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <utility>

#include "vm/opcode.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();

// Disjoint ranges: the first value of each, and the last.
using RangeSet = std::map<std::uint32_t, std::uint32_t>;

// What a branch holds true.
struct TrueRange {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  bool empty = false;
};

// None: not a range.
std::optional<TrueRange> true_range(const DecodedInstruction& branch) {
  const auto parts = branch_parts(branch.operation);
  if (!parts || parts->right != RightOperand::kConstant) return std::nullopt;
  switch (parts->comparison) {
    case Comparison::kEqual:
      return TrueRange{branch.k, branch.k};
    case Comparison::kGreater:
      if (branch.k == kMost) return TrueRange{.empty = true};
      return TrueRange{branch.k + 1, kMost};
    case Comparison::kGreaterOrEqual:
      return TrueRange{branch.k, kMost};
    case Comparison::kAnyBit:
      // Some bit from n up: 2^n and more.
      if (branch.k == 0) return TrueRange{.empty = true};
      if (std::countl_one(branch.k) == std::popcount(branch.k)) {
        return TrueRange{1U << std::countr_zero(branch.k), kMost};
      }
      return std::nullopt;
  }
  return std::nullopt;
}

// Makes no range of the set reach over the border between `first` - 1 and `first`.
void cut(RangeSet& set, std::uint32_t first) {
  if (first == 0) return;
  auto at = set.upper_bound(first - 1);
  if (at == set.begin()) return;
  --at;
  if (at->second < first) return;
  set.emplace(first, at->second);
  at->second = first - 1;
}

// Takes the values from low to high out of the set.
RangeSet take(RangeSet& set, std::uint32_t low, std::uint32_t high) {
  cut(set, low);
  if (high != kMost) cut(set, high + 1);
  const auto first = set.lower_bound(low);
  auto end = set.upper_bound(high);
  RangeSet taken;
  // Whichever part is smaller is moved: walk from both ends at once.
  auto from_first = first;
  auto outside = set.begin();
  auto behind = end;
  for (;;) {
    if (from_first == end) {
      for (auto at = first; at != end;) taken.insert(taken.end(), set.extract(at++));
      return taken;
    }
    ++from_first;
    if (outside != first) {
      ++outside;
    } else if (behind != set.end()) {
      ++behind;
    } else {
      // What is left is the smaller part.
      RangeSet left;
      for (auto at = set.begin(); at != first;) left.insert(left.end(), set.extract(at++));
      for (auto at = end; at != set.end();) left.insert(left.end(), set.extract(at++));
      taken.swap(set);
      set.swap(left);
      return taken;
    }
  }
}

void join(RangeSet& into, RangeSet&& from) {
  if (from.empty()) return;
  if (into.size() < from.size()) into.swap(from);
  into.merge(from);
}

bool is_plain_absolute_load(const DecodedInstruction& instruction) {
  return info(instruction.operation).format == OperandFormat::kAbsolute &&
         instruction.k < kAncillaryBase;
}

// The absolute load that A holds at the end of the block, if it is one.
const DecodedInstruction* loaded_value(std::span<const DecodedInstruction> code,
                                       const FlowBlock& block) {
  for (std::uint32_t i = block.last; i-- > block.first;) {
    if ((register_use(code[i].operation, code[i].k).writes & kLiveA) == 0) continue;
    return is_plain_absolute_load(code[i]) ? &code[i] : nullptr;
  }
  return nullptr;
}

// Whether the block does nothing but compare the same A, or loads again what it is.
bool only_compares(std::span<const DecodedInstruction> code, const FlowBlock& block,
                   const DecodedInstruction* loaded) {
  if (block.first == block.last) return true;
  return loaded != nullptr && block.first + 1 == block.last &&
         code[block.first].operation == loaded->operation && code[block.first].k == loaded->k;
}

}  // namespace

std::optional<Partition> find_partition(const VerifiedProgram& program, const Flow& flow,
                                        std::uint32_t block, std::size_t& effort) {
  const std::span<const DecodedInstruction> code = program.decoded();
  const std::span<const FlowBlock> blocks = flow.blocks();
  if (!true_range(code[blocks[block].last])) return std::nullopt;
  const DecodedInstruction* const loaded = loaded_value(code, blocks[block]);

  Partition partition;
  std::map<std::uint32_t, RangeSet> waiting;  // by block
  waiting[block] = {{0, kMost}};
  while (!waiting.empty()) {
    auto first = waiting.extract(waiting.begin());
    const std::uint32_t at = first.key();
    RangeSet& values = first.mapped();
    const DecodedInstruction& last = code[blocks[at].last];
    const auto range = true_range(last);
    const bool inside =
        range && (at == block || (effort > 0 && only_compares(code, blocks[at], loaded)));
    if (!inside) {
      for (const auto& [low, high] : values) partition.pieces.push_back({low, high, at});
      continue;
    }
    effort -= effort > 0 ? 1 : 0;
    ++partition.branches;
    RangeSet taken;
    if (!range->empty) taken = take(values, range->low, range->high);
    if (!taken.empty()) join(waiting[blocks[at].on_true], std::move(taken));
    if (!values.empty()) join(waiting[blocks[at].on_false], std::move(values));
  }

  std::sort(
      partition.pieces.begin(), partition.pieces.end(),
      [](const PartitionPiece& left, const PartitionPiece& right) { return left.low < right.low; });
  std::size_t kept = 0;
  for (const PartitionPiece& piece : partition.pieces) {
    if (kept > 0 && partition.pieces[kept - 1].block == piece.block) {
      partition.pieces[kept - 1].high = piece.high;
    } else {
      partition.pieces[kept++] = piece;
    }
  }
  partition.pieces.resize(kept);
  return partition;
}

}  // namespace bpfc
