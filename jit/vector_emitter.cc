#include "jit/vector_emitter.h"

#include <algorithm>
#include <utility>

#include "jit/vector_frame.h"

namespace bpfc::jit {
namespace {

using namespace frame;  // NOLINT(google-build-using-namespace): a few names of registers

// Sets of more single values than this are looked up in a table.
constexpr std::size_t kMostCompared = 8;

// vpcmpud's
enum Predicate : std::uint8_t {
  kEqual = 0,
  kLessOrEqual = 2,
  kNotEqual = 4,
  kNotLess = 5,
  kGreater = 6,
  kLess = 1,
};

// The only verdict beside 0, if there is one.
std::optional<std::uint32_t> only_verdict(const VectorProgram& program) {
  std::optional<std::uint32_t> only;
  for (const VectorBlock& block : program.blocks) {
    if (!block.reached || block.exit.kind != VectorExitKind::kReturn) continue;
    const VectorValue& verdict = program.values[block.exit.left];
    if (verdict.kind != VectorValueKind::kConstant) return std::nullopt;
    if (verdict.k == 0) continue;
    if (only && *only != verdict.k) return std::nullopt;
    only = verdict.k;
  }
  return only.value_or(1);
}

}  // namespace

VectorEmitter::VectorEmitter(const VectorProgram& program, Jit::Function scalar)
    : program_(program),
      constants_(code_),
      schedule_(program),
      places_(program, constants_, code_),
      loads_(program, schedule_, constants_, places_, code_),
      values_(program, schedule_, constants_, places_, loads_, code_),
      only_verdict_(only_verdict(program)),
      loop_(program, loads_, scalar, only_verdict_, constants_, code_),
      lanes_(program.blocks.size()),
      constant_verdicts_(program.blocks.size()) {
  for (int i = kLastMask; i >= kFirstMask; --i) free_masks_.push_back(i);
  for (int i = kMostVectorBlocks - 1; i >= 0; --i) free_slots_.push_back(i);
  for (std::uint32_t block = 0; block < program.blocks.size(); ++block) {
    if (program.blocks[block].reached) constant_verdicts_[block] = constant_verdict(program, block);
  }
}

bool VectorEmitter::emit() {
  loop_.begin();
  for (std::uint32_t block = 0; block < program_.blocks.size(); ++block) {
    if (!program_.blocks[block].reached) continue;
    // Lanes that would only have got a constant here have it already.
    if (block != 0 && constant_verdicts_[block]) continue;
    emit_block(block);
  }
  loop_.end();
  constants_.emit();
  return !places_.failed();
}

Xbyak::Address VectorEmitter::mask_slot(int index) {
  return code_.ptr[code_.rsp + kMaskSlots + index];
}

Xbyak::Opmask VectorEmitter::lanes_of(std::uint32_t block) {
  if (block == 0) {
    code_.kmovb(kLoaded, kMoment);
    return kLoaded;
  }
  const Lanes& lanes = lanes_[block];
  if (lanes.kind == Lanes::Kind::kRegister) return Opmask(lanes.index);
  code_.kmovb(kLoaded, mask_slot(lanes.index));
  return kLoaded;
}

void VectorEmitter::release_lanes(std::uint32_t block) {
  const Lanes lanes = std::exchange(lanes_[block], {});
  if (lanes.kind == Lanes::Kind::kRegister) free_masks_.push_back(lanes.index);
  if (lanes.kind == Lanes::Kind::kSlot) free_slots_.push_back(lanes.index);
}

void VectorEmitter::emit_block(std::uint32_t block) {
  const VectorBlock& of = program_.blocks[block];
  const Opmask lanes = lanes_of(block);
  values_.begin_block(block, lanes);
  for (const VectorCheck& check : of.checks) emit_check(check, lanes);
  emit_exit(block, lanes);
  values_.end_block(block);
}

void VectorEmitter::emit_check(const VectorCheck& check, const Xbyak::Opmask& lanes) {
  const VectorValue& load = program_.values[check.load];
  values_.compute(load.left);
  values_.compute(check.remaining);
  const std::uint32_t end = load.k + load.size;
  if (program_.rules == Rules::kKernel &&
      std::uint64_t{program_.values[load.left].maximum} + end > kPositionEnd) {
    // There X + k may be no position, or start again at 0.
    code_.vpcmpud(kMoment | lanes, places_.in_register(load.left, Ymm(0)),
                  constants_.broadcast(kPositionEnd - load.k), kNotLess);
    code_.korb(kToScalar, kToScalar, kMoment);
    code_.kandnb(lanes, kMoment, lanes);
  }
  const Ymm remaining = places_.in_register(check.remaining, Ymm(0));
  const Opmask& before = lanes;
  code_.vpcmpud(lanes | before, remaining, constants_.broadcast(end), kNotLess);
  const std::uint32_t window = loads_.window_end(check.load);
  if (window == end) return;
  // The load is within the packet, but not the window.
  code_.vpcmpud(kMoment | lanes, remaining, constants_.broadcast(window), kLess);
  code_.korb(kToScalar, kToScalar, kMoment);
  code_.kandnb(lanes, kMoment, lanes);
}

bool VectorEmitter::is_reject(const VectorWay& way) const {
  return constant_verdicts_[way.block] == 0U;
}

Xbyak::Opmask VectorEmitter::lanes_for(const VectorWay& way) {
  Lanes& lanes = lanes_[way.block];
  if (constant_verdicts_[way.block] || lanes.kind != Lanes::Kind::kNone || free_masks_.empty()) {
    return kMoment;
  }
  lanes = {Lanes::Kind::kRegister, free_masks_.back()};
  free_masks_.pop_back();
  return Opmask(lanes.index);
}

void VectorEmitter::follow(const VectorWay& way, const Xbyak::Opmask& lanes) {
  for (const VectorWay::Write& write : way.writes) {
    if (schedule_.last_use(write.merge) == kNoBlock) continue;
    places_.write(write.merge, write.value, lanes);
  }
  if (constant_verdicts_[way.block]) {
    if (!is_reject(way)) give(program_.blocks[way.block].exit.left, lanes);
    return;
  }
  Lanes& target = lanes_[way.block];
  if (target.kind == Lanes::Kind::kNone) {
    if (free_masks_.empty()) {
      target = {Lanes::Kind::kSlot, free_slots_.back()};
      free_slots_.pop_back();
      code_.kmovb(mask_slot(target.index), lanes);
      return;
    }
    target = {Lanes::Kind::kRegister, free_masks_.back()};
    free_masks_.pop_back();
    code_.kmovb(Opmask(target.index), lanes);
    return;
  }
  if (target.kind == Lanes::Kind::kSlot) {
    code_.kmovb(kOther, mask_slot(target.index));
    code_.korb(kOther, kOther, lanes);
    code_.kmovb(mask_slot(target.index), kOther);
  } else if (target.index != lanes.getIdx()) {
    const Opmask to(target.index);
    code_.korb(to, to, lanes);
  }
}

void VectorEmitter::give(ValueId verdict, const Xbyak::Opmask& lanes) {
  const VectorValue& of = program_.values[verdict];
  if (only_verdict_) {
    if (of.k != 0) code_.korb(kAccepted, kAccepted, lanes);
    return;
  }
  code_.vmovdqa32(kVerdict | lanes, places_.in_register(verdict, Ymm(0)));
}

void VectorEmitter::emit_exit(std::uint32_t block, const Xbyak::Opmask& lanes) {
  const VectorExit& exit = program_.blocks[block].exit;
  values_.compute(exit.left);
  values_.compute(exit.right);
  for (const VectorWay& way : exit.ways) {
    for (const VectorWay::Write& write : way.writes) values_.compute(write.value);
  }
  switch (exit.kind) {
    case VectorExitKind::kReturn:
      give(exit.left, lanes);
      break;
    case VectorExitKind::kOnward:
      follow(exit.ways[0], lanes);
      break;
    case VectorExitKind::kBranch:
      emit_branch(exit, lanes);
      break;
    case VectorExitKind::kSet:
      emit_set(exit, lanes);
      break;
  }
  release_lanes(block);
}

void VectorEmitter::compare(const VectorExit& exit, bool negated, const Xbyak::Opmask& lanes,
                            const Xbyak::Opmask& mask) {
  const Ymm left = places_.in_register(exit.left, Ymm(1));
  places_.with_operand(exit.right, [&](const Xbyak::Operand& right) {
    switch (exit.comparison) {
      case Comparison::kEqual:
        return code_.vpcmpud(mask | lanes, left, right, negated ? kNotEqual : kEqual);
      case Comparison::kGreater:
        return code_.vpcmpud(mask | lanes, left, right, negated ? kLessOrEqual : kGreater);
      case Comparison::kGreaterOrEqual:
        return code_.vpcmpud(mask | lanes, left, right, negated ? kLess : kNotLess);
      case Comparison::kAnyBit:
        if (negated) return code_.vptestnmd(mask | lanes, left, right);
        return code_.vptestmd(mask | lanes, left, right);
    }
  });
}

void VectorEmitter::emit_branch(const VectorExit& exit, const Xbyak::Opmask& lanes) {
  const bool only_false = is_reject(exit.ways[0]);
  const VectorWay& way = exit.ways[only_false ? 1 : 0];
  if (is_reject(way)) return;
  const Opmask taken = lanes_for(way);
  compare(exit, only_false, lanes, taken);
  follow(way, taken);
  if (only_false || is_reject(exit.ways[1])) return;
  code_.kandnb(lanes, taken, lanes);
  follow(exit.ways[1], lanes);
}

void VectorEmitter::emit_ranges(ValueId value, std::span<const VectorExit::Range> ranges,
                                const Xbyak::Opmask& lanes, const Xbyak::Opmask& mask) {
  std::vector<std::uint32_t> single;
  for (const VectorExit::Range& range : ranges) {
    if (range.low == range.high) single.push_back(range.low);
  }
  std::optional<VectorSet> set;
  if (single.size() > kMostCompared) set = make_vector_set(single);
  bool first = true;
  const auto joined = [&] {
    if (!std::exchange(first, false)) code_.korb(mask, mask, kOther);
  };
  if (set) {
    values_.find_in(*set, value, lanes, mask);
    first = false;
  }
  const Ymm of = places_.in_register(value, Ymm(4));
  constexpr std::uint32_t kMost = 0xffffffffU;
  for (const VectorExit::Range& range : ranges) {
    const Opmask to = first ? mask : kOther;
    if (range.low == range.high) {
      if (set) continue;
      code_.vpcmpeqd(to | lanes, of, constants_.broadcast(range.low));
    } else if (range.low == 0) {
      code_.vpcmpud(to | lanes, of, constants_.broadcast(range.high), kLessOrEqual);
    } else if (range.high == kMost) {
      code_.vpcmpud(to | lanes, of, constants_.broadcast(range.low), kNotLess);
    } else {
      code_.vpsubd(Ymm(0), of, constants_.broadcast(range.low));
      code_.vpcmpud(to | lanes, Ymm(0), constants_.broadcast(range.high - range.low), kLessOrEqual);
    }
    joined();
  }
}

void VectorEmitter::emit_set(const VectorExit& exit, const Xbyak::Opmask& lanes) {
  for (std::size_t i = 1; i < exit.ways.size(); ++i) {
    const bool needed = !is_reject(exit.ways[i]);
    // Rejected lanes too must not go the others' way.
    if (!needed && is_reject(exit.ways[0])) continue;
    const Opmask mask = needed ? lanes_for(exit.ways[i]) : kMoment;
    emit_ranges(exit.left, exit.ranges[i - 1], lanes, mask);
    if (needed) follow(exit.ways[i], mask);
    if (!is_reject(exit.ways[0])) code_.kandnb(lanes, mask, lanes);
  }
  if (!is_reject(exit.ways[0])) follow(exit.ways[0], lanes);
}

}  // namespace bpfc::jit
