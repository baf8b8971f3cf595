// The program is executed once, block by block in its order, on names of values instead of values:
// what stands in A, X and M[] where a block starts is what all ways to it agree on, or else a
// merge. Equal values get the same name.
#include "jit/vector_program.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <tuple>
#include <utility>

#include "vm/opcode.h"

namespace bpfc::jit {
namespace {

constexpr std::size_t kMostValues = 4096;   // a limit of time, not of meaning
constexpr std::ptrdiff_t kMostRanges = 24;  // of a set, single values not counted
constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();

// As a RegisterSet numbers them.
constexpr std::size_t kA = std::countr_zero(kLiveA);
constexpr std::size_t kX = std::countr_zero(kLiveX);
using Environment = std::array<ValueId, kRegisters>;

class Builder {
 public:
  Builder(const VerifiedProgram& program, const Flow& flow)
      : code_(program.decoded()),
        program_(program),
        flow_(flow),
        incoming_(flow.blocks().size()),
        checked_(flow.blocks().size()),
        effort_(8 * code_.size() + 64) {
    result_.rules = program.rules();
    result_.blocks.resize(flow.blocks().size());
    for (std::uint32_t block = 0; block < flow.blocks().size(); ++block) {
      if (const auto verdict = returned(block)) returning_[*verdict] = block;
    }
  }

  std::optional<VectorProgram> build();

 private:
  // A way that leads to a block: which of whose exit's, and what its registers hold.
  struct Incoming {
    std::uint32_t block = 0;
    std::size_t way = 0;
    Environment environment{};
  };

  // The constant that the block returns, if it does nothing else.
  std::optional<std::uint32_t> returned(std::uint32_t block) const;
  ValueId add(const VectorValue& value);
  ValueId constant(std::uint32_t k) {
    return add({.kind = VectorValueKind::kConstant, .k = k, .maximum = k});
  }
  ValueId arithmetic(Arithmetic operation, ValueId left, ValueId right);
  std::uint32_t greatest(Arithmetic operation, ValueId left, ValueId right) const;
  // None: a load that does not fit.
  ValueId load(std::uint32_t block, ValueId left, std::uint32_t k, unsigned size);

  void enter(std::uint32_t block);
  bool run(std::uint32_t block);
  bool execute(std::uint32_t block, const DecodedInstruction& now);
  void leave(std::uint32_t block);
  bool leave_by_set(std::uint32_t block);
  // Where a way to the block may lead as well: the last block that does no more than return the
  // same constant; most programs have several.
  std::uint32_t same_as(std::uint32_t block) const;
  void lead(std::uint32_t block, std::vector<std::uint32_t> targets);

  std::span<const DecodedInstruction> code_;
  const VerifiedProgram& program_;
  const Flow& flow_;
  VectorProgram result_;
  std::map<std::tuple<VectorValueKind, Arithmetic, std::uint8_t, ValueId, ValueId, std::uint32_t>,
           ValueId>
      known_;
  std::map<std::uint32_t, std::uint32_t> returning_;  // the last block that returns it, by constant
  std::vector<std::vector<Incoming>> incoming_;
  std::vector<std::vector<ValueId>> checked_;  // on every way through the block; ascending
  Environment now_{};
  std::size_t effort_;
};

std::optional<std::uint32_t> Builder::returned(std::uint32_t block) const {
  const FlowBlock& of = flow_.blocks()[block];
  const DecodedInstruction& last = code_[of.last];
  if (of.first != of.last || last.operation != Operation::kReturnConstant) return std::nullopt;
  return last.k;
}

std::uint32_t Builder::same_as(std::uint32_t block) const {
  const auto verdict = returned(block);
  return verdict ? returning_.at(*verdict) : block;
}

ValueId Builder::add(const VectorValue& value) {
  const auto id = static_cast<ValueId>(result_.values.size());
  if (value.kind == VectorValueKind::kMerge) {
    result_.values.push_back(value);
    return id;
  }
  const auto [at, added] = known_.try_emplace(
      {value.kind, value.arithmetic, value.size, value.left, value.right, value.k}, id);
  if (added) result_.values.push_back(value);
  return at->second;
}

std::uint32_t Builder::greatest(Arithmetic operation, ValueId left, ValueId right) const {
  const std::uint64_t a = result_.values[left].maximum;
  const VectorValue& other = result_.values[right];
  const std::uint64_t b = other.maximum;
  const bool by_constant = other.kind == VectorValueKind::kConstant;
  const auto bounded = [](std::uint64_t value) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, kMost));
  };
  switch (operation) {
    case Arithmetic::kAdd:
      return bounded(a + b);
    case Arithmetic::kMultiply:
      return bounded(a * b);
    case Arithmetic::kAnd:
      return bounded(std::min(a, b));
    case Arithmetic::kOr:
    case Arithmetic::kXor:
      return bounded(std::bit_ceil((a | b) + 1) - 1);
    case Arithmetic::kShiftLeft:
      return by_constant && b < 32 ? bounded(a << b) : kMost;
    case Arithmetic::kShiftRight:
      return bounded(by_constant && b < 32 ? a >> b : a);
    case Arithmetic::kDivide:
    case Arithmetic::kModulo:
      return bounded(a);
    case Arithmetic::kSubtract:
    case Arithmetic::kNegate:
      break;
  }
  return kMost;
}

// None (kNoValue): a division that does not fit.
ValueId Builder::arithmetic(Arithmetic operation, ValueId left, ValueId right) {
  const VectorValue a = result_.values[left];
  const VectorValue b = result_.values[right];
  const bool by_constant = b.kind == VectorValueKind::kConstant;
  if (a.kind == VectorValueKind::kConstant && by_constant) {
    const auto value = compute(operation, a.k, b.k, result_.rules);
    return value ? constant(*value) : kNoValue;
  }
  if (operation == Arithmetic::kDivide || operation == Arithmetic::kModulo) {
    if (!by_constant || !std::has_single_bit(b.k)) return kNoValue;
    if (operation == Arithmetic::kModulo) {
      return arithmetic(Arithmetic::kAnd, left, constant(b.k - 1));
    }
    return arithmetic(Arithmetic::kShiftRight, left,
                      constant(static_cast<std::uint32_t>(std::countr_zero(b.k))));
  }
  return add({.kind = VectorValueKind::kArithmetic,
              .arithmetic = operation,
              .left = left,
              .right = right,
              .maximum = greatest(operation, left, right)});
}

ValueId Builder::load(std::uint32_t block, ValueId left, std::uint32_t k, unsigned size) {
  if (k > kPositionEnd - kUncheckedEnd) return kNoValue;
  const std::uint32_t maximum = size == 4 ? kMost : (1U << 8U * size) - 1;
  const bool checks = left != kNoValue || k + size > kUncheckedEnd;
  if (checks && left == kNoValue) left = constant(0);
  const ValueId remaining =
      checks ? add({.kind = VectorValueKind::kRemaining, .left = left}) : kNoValue;
  const ValueId id = add({.kind = VectorValueKind::kLoad,
                          .size = static_cast<std::uint8_t>(size),
                          .left = left,
                          .remaining = remaining,
                          .k = k,
                          .maximum = maximum});
  if (!checks) return id;
  std::vector<ValueId>& checked = checked_[block];
  const auto at = std::lower_bound(checked.begin(), checked.end(), id);
  if (at == checked.end() || *at != id) {
    checked.insert(at, id);
    result_.blocks[block].checks.push_back({id, remaining});
  }
  return id;
}

void Builder::enter(std::uint32_t block) {
  const std::vector<Incoming>& incoming = incoming_[block];
  result_.blocks[block].reached = true;
  if (block == 0) {
    now_.fill(constant(0));
    return;
  }
  now_ = incoming.front().environment;
  checked_[block] = checked_[incoming.front().block];
  for (const Incoming& way : incoming) {
    std::vector<ValueId> both;
    std::set_intersection(checked_[block].begin(), checked_[block].end(),
                          checked_[way.block].begin(), checked_[way.block].end(),
                          std::back_inserter(both));
    checked_[block] = std::move(both);
  }
  const RegisterSet live = flow_.live_in(block);
  for (std::size_t i = 0; i < kRegisters; ++i) {
    const bool agreed = std::all_of(incoming.begin(), incoming.end(), [&](const Incoming& way) {
      return way.environment[i] == now_[i];
    });
    if (agreed) continue;
    if ((live >> i & 1U) == 0) {
      now_[i] = constant(0);  // nobody reads it
      continue;
    }
    std::uint32_t maximum = 0;
    for (const Incoming& way : incoming) {
      maximum = std::max(maximum, result_.values[way.environment[i]].maximum);
    }
    now_[i] = add({.kind = VectorValueKind::kMerge, .maximum = maximum});
    for (const Incoming& way : incoming) {
      result_.blocks[way.block].exit.ways[way.way].writes.push_back({now_[i], way.environment[i]});
    }
  }
}

bool Builder::execute(std::uint32_t block, const DecodedInstruction& now) {
  ValueId& a = now_[kA];
  ValueId& x = now_[kX];
  if (const auto parts = arithmetic_parts(now.operation)) {
    const ValueId right = parts->arithmetic == Arithmetic::kNegate ? constant(0)
                          : parts->right == RightOperand::kX       ? x
                                                                   : constant(now.k);
    a = arithmetic(parts->arithmetic, a, right);
    return a != kNoValue;
  }
  switch (now.operation) {
    case Operation::kLoadWordAbsolute:
      a = load(block, kNoValue, now.k, 4);
      return a != kNoValue;
    case Operation::kLoadHalfAbsolute:
      a = load(block, kNoValue, now.k, 2);
      return a != kNoValue;
    case Operation::kLoadByteAbsolute:
      a = load(block, kNoValue, now.k, 1);
      return a != kNoValue;
    case Operation::kLoadWordIndexed:
      a = load(block, x, now.k, 4);
      return a != kNoValue;
    case Operation::kLoadHalfIndexed:
      a = load(block, x, now.k, 2);
      return a != kNoValue;
    case Operation::kLoadByteIndexed:
      a = load(block, x, now.k, 1);
      return a != kNoValue;
    case Operation::kLoadXHeaderLength: {
      const ValueId byte = load(block, kNoValue, now.k, 1);
      if (byte == kNoValue) return false;
      x = arithmetic(Arithmetic::kShiftLeft, arithmetic(Arithmetic::kAnd, byte, constant(0xf)),
                     constant(2));
      return true;
    }
    case Operation::kLoadConstant:
      a = constant(now.k);
      return true;
    case Operation::kLoadXConstant:
      x = constant(now.k);
      return true;
    case Operation::kLoadPacketLength:
      a = add({.kind = VectorValueKind::kWireLength});
      return true;
    case Operation::kLoadXPacketLength:
      x = add({.kind = VectorValueKind::kWireLength});
      return true;
    case Operation::kLoadCell:
      a = now_[kFirstCellBit + now.k];
      return true;
    case Operation::kLoadXCell:
      x = now_[kFirstCellBit + now.k];
      return true;
    case Operation::kStoreCell:
      now_[kFirstCellBit + now.k] = a;
      return true;
    case Operation::kStoreXCell:
      now_[kFirstCellBit + now.k] = x;
      return true;
    case Operation::kTransferAToX:
      x = a;
      return true;
    case Operation::kTransferXToA:
      a = x;
      return true;
    default:
      return true;  // jumps and returns: the exit
  }
}

void Builder::lead(std::uint32_t block, std::vector<std::uint32_t> targets) {
  VectorExit& exit = result_.blocks[block].exit;
  exit.ways.resize(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    exit.ways[i].block = targets[i];
    incoming_[targets[i]].push_back({block, i, now_});
  }
}

// Whether a set took the place of the block's branch.
bool Builder::leave_by_set(std::uint32_t block) {
  const auto partition = find_partition(program_, flow_, block, effort_);
  if (!partition || partition->branches < 2) return false;
  std::map<std::uint32_t, std::vector<VectorExit::Range>> ranges;  // by where they lead
  for (const PartitionPiece& piece : partition->pieces) {
    std::vector<VectorExit::Range>& to = ranges[same_as(piece.block)];
    if (!to.empty() && to.back().high + 1 == piece.low) {
      to.back().high = piece.high;
    } else {
      to.push_back({piece.low, piece.high});
    }
  }
  // The others' way is the one that most ranges lead to: single values are found more easily.
  const auto wide = [](const auto& way) {
    return std::count_if(way.second.begin(), way.second.end(),
                         [](const VectorExit::Range& range) { return range.low != range.high; });
  };
  const auto others =
      std::max_element(ranges.begin(), ranges.end(), [&](const auto& a, const auto& b) {
        return std::pair(wide(a), a.second.size()) < std::pair(wide(b), b.second.size());
      });
  std::vector<std::uint32_t> targets = {others->first};
  ranges.erase(others);
  std::ptrdiff_t compared = 0;
  for (const auto& way : ranges) compared += wide(way);
  if (compared > kMostRanges) return false;
  VectorExit& exit = result_.blocks[block].exit;
  exit.kind = ranges.empty() ? VectorExitKind::kOnward : VectorExitKind::kSet;
  exit.left = now_[kA];
  for (auto& [target, of_target] : ranges) {
    targets.push_back(target);
    exit.ranges.push_back(std::move(of_target));
  }
  lead(block, std::move(targets));
  return true;
}

void Builder::leave(std::uint32_t block) {
  const FlowBlock& from = flow_.blocks()[block];
  const DecodedInstruction& last = code_[from.last];
  VectorExit& exit = result_.blocks[block].exit;
  if (from.on_true == kNoBlock) {
    exit.kind = VectorExitKind::kReturn;
    exit.left = last.operation == Operation::kReturnA ? now_[kA] : constant(last.k);
    return;
  }
  const auto parts = branch_parts(last.operation);
  if (!parts || from.on_true == from.on_false) {
    exit.kind = VectorExitKind::kOnward;
    lead(block, {same_as(from.on_true)});
    return;
  }
  if (leave_by_set(block)) return;
  exit.kind = VectorExitKind::kBranch;
  exit.comparison = parts->comparison;
  exit.left = now_[kA];
  exit.right = parts->right == RightOperand::kX ? now_[kX] : constant(last.k);
  const std::uint32_t on_true = same_as(from.on_true);
  const std::uint32_t on_false = same_as(from.on_false);
  if (on_true == on_false) {
    exit = {};
    exit.kind = VectorExitKind::kOnward;
    return lead(block, {on_true});
  }
  lead(block, {on_true, on_false});
}

bool Builder::run(std::uint32_t block) {
  enter(block);
  const FlowBlock& from = flow_.blocks()[block];
  for (std::uint32_t i = from.first; i <= from.last; ++i) {
    if (!execute(block, code_[i])) return false;
  }
  leave(block);
  return true;
}

std::optional<VectorProgram> Builder::build() {
  if (flow_.loops()) return std::nullopt;
  std::size_t reached = 0;
  for (std::uint32_t block = 0; block < flow_.blocks().size(); ++block) {
    if (block != 0 && incoming_[block].empty()) continue;
    if (!returned(block) && ++reached > kMostVectorBlocks) return std::nullopt;
    if (result_.values.size() > kMostValues) return std::nullopt;
    if (!run(block)) return std::nullopt;
  }
  return std::move(result_);
}

}  // namespace

std::optional<VectorProgram> to_vector_program(const VerifiedProgram& program, const Flow& flow) {
  return Builder(program, flow).build();
}

}  // namespace bpfc::jit
