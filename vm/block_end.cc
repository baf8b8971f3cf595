#include "vm/block_end.h"

#include <algorithm>
#include <unordered_map>

#include "vm/opcode.h"
#include "vm/packet_load.h"

namespace bpfc {

BlockEnds::BlockEnds(const VerifiedProgram& program, const Flow& flow, const NeededLengths& lengths)
    : program_(program),
      code_(program.decoded()),
      flow_(flow),
      lengths_(lengths),
      same_as_(flow.blocks().size()) {
  std::unordered_map<std::uint32_t, std::uint32_t> by_verdict;
  for (auto block = static_cast<std::uint32_t>(same_as_.size()); block-- > 0;) {
    const auto value = verdict(block);
    same_as_[block] = value ? by_verdict.try_emplace(*value, block).first->second : block;
  }
}

std::optional<std::uint32_t> BlockEnds::verdict(std::uint32_t block) const {
  if (lengths_.needed(block) == kNeverAccepts) return 0;
  const FlowBlock& at = flow_.blocks()[block];
  if (at.first != at.last || code_[at.first].operation != Operation::kReturnConstant) {
    return std::nullopt;
  }
  return code_[at.first].k;
}

std::optional<PlainLoad> BlockEnds::plain_load(const DecodedInstruction& instruction) const {
  const OperandFormat format = info(instruction.operation).format;
  const std::uint32_t size = load_size(instruction.operation);
  if (format == OperandFormat::kIndexed) return PlainLoad{instruction.k, size, true};
  const std::uint32_t end =
      program_.rules() == Rules::kKernel ? kFirstSpecialOffset : kAncillaryBase;
  if (size == 0 || instruction.k > end - size) return std::nullopt;
  return PlainLoad{instruction.k, size, false};
}

std::optional<Partition> BlockEnds::partition(std::uint32_t block, std::size_t& effort) const {
  auto found = find_partition(program_, flow_, block, effort);
  if (!found) return std::nullopt;
  std::size_t kept = 0;
  for (PartitionPiece piece : found->pieces) {
    piece.block = same_as_[piece.block];
    if (kept > 0 && found->pieces[kept - 1].block == piece.block) {
      found->pieces[kept - 1].high = piece.high;
    } else {
      found->pieces[kept++] = piece;
    }
  }
  found->pieces.resize(kept);
  return found;
}

std::optional<SetTest> BlockEnds::as_set(const Partition& partition) {
  const std::vector<PartitionPiece>& pieces = partition.pieces;
  if (pieces.size() < 2) return std::nullopt;
  // In three pieces the one in the middle is the member.
  SetTest set{.members = {}, .inside = pieces[1].block, .outside = pieces[0].block};
  for (const PartitionPiece& piece : pieces) {
    if (piece.block == set.inside) {
      set.members.push_back({piece.low, piece.high});
    } else if (piece.block != set.outside) {
      return std::nullopt;
    }
  }
  return set;
}

std::optional<EqualityTest> BlockEnds::equality(std::uint32_t block, const PlainLoad& a,
                                                std::uint32_t& start) const {
  const FlowBlock& at = flow_.blocks()[block];
  const DecodedInstruction& branch = code_[at.last];
  EqualityTest test;
  if (branch.operation == Operation::kJumpEqualConstant) {
    test = {{}, ~0U, branch.k, same_as_[at.on_true], same_as_[at.on_false]};
  } else if (branch.operation == Operation::kJumpAnyBitConstant) {
    test = {{}, branch.k, 0, same_as_[at.on_false], same_as_[at.on_true]};
  } else {
    return std::nullopt;
  }
  std::uint32_t index = at.last;
  if (index > at.first && code_[index - 1].operation == Operation::kAndConstant) {
    test.mask &= code_[--index].k;
  }
  if (index == at.first) {
    test.load = a;
  } else if (const auto load = plain_load(code_[index - 1]);
             load && !load->indexed && lengths_.is_covered(index - 1) &&
             info(code_[index - 1].operation).format == OperandFormat::kAbsolute) {
    test.load = *load;
    --index;
  }
  if (test.load.size == 0) return std::nullopt;
  const std::uint32_t bits = test.load.size == 4 ? ~0U : (1U << 8 * test.load.size) - 1;
  test.mask &= bits;
  // What can never be equal is no matter of bytes.
  if ((test.value & ~test.mask) != 0) return std::nullopt;
  start = index;
  return test;
}

}  // namespace bpfc
