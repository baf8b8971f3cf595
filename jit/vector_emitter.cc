#include "jit/vector_emitter.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "bpfc/packet.h"
#include "jit/vector_frame.h"

namespace bpfc::jit {
namespace {

using namespace frame;  // NOLINT(google-build-using-namespace): a few names of registers

constexpr int kGroupBytes = kLanes * static_cast<int>(sizeof(PacketView));
constexpr int kPrefetchGroups = 4;  // ahead
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
      scalar_(scalar),
      schedule_(program),
      values_(program, schedule_, code_),
      lanes_(program.blocks.size()),
      constant_verdicts_(program.blocks.size()),
      only_verdict_(only_verdict(program)) {
  for (int i = kLastMask; i >= kFirstMask; --i) free_masks_.push_back(i);
  for (std::uint32_t block = 0; block < program.blocks.size(); ++block) {
    if (program.blocks[block].reached) constant_verdicts_[block] = constant_verdict(program, block);
  }
}

bool VectorEmitter::emit() {
  Xbyak::Label loop;
  Xbyak::Label end;
  enter();
  code_.cmp(kPackets, kPacketsEnd);
  code_.je(end);
  code_.align(32);
  code_.L(loop);
  prefetch();
  take_packets();
  for (std::uint32_t block = 0; block < program_.blocks.size(); ++block) {
    if (!program_.blocks[block].reached) continue;
    // Lanes that would only have got a constant here have it already.
    if (block != 0 && constant_verdicts_[block]) continue;
    emit_block(block);
  }
  give_verdicts();
  code_.L(next_);
  code_.add(kPackets, kGroupBytes);
  code_.cmp(kPackets, kPacketsEnd);
  code_.jne(loop);
  code_.L(end);
  leave();
  run_scalar();
  values_.place_constants();
  return !values_.failed();
}

void VectorEmitter::enter() {
  using namespace Xbyak::util;  // NOLINT(google-build-using-namespace): names of registers
  for (const auto& saved : {rbp, rbx, r12, r13, r14, r15}) code_.push(saved);
  code_.mov(rbp, rsp);
  const int masks = static_cast<int>(program_.blocks.size());
  code_.sub(rsp, kMaskSlots + masks);
  code_.and_(rsp, -64);
  code_.mov(kPackets, rdi);
  code_.shl(rsi, 7);
  static_assert(kGroupBytes == 1 << 7);
  code_.lea(kPacketsEnd, ptr[rdi + rsi]);
  code_.lea(kLastGroup, ptr[kPacketsEnd - kGroupBytes]);
  code_.mov(kVerdicts, rdx);
  code_.mov(kMatches, rcx);
}

void VectorEmitter::leave() {
  using namespace Xbyak::util;  // NOLINT(google-build-using-namespace): names of registers
  code_.vzeroupper();
  code_.mov(rsp, rbp);
  for (const auto& saved : {r15, r14, r13, r12, rbx, rbp}) code_.pop(saved);
  code_.ret();
}

// The last groups fetch the last one's again.
void VectorEmitter::prefetch() {
  const Xbyak::Reg64& group = kData[0];
  code_.lea(group, code_.ptr[kPackets + kPrefetchGroups * kGroupBytes]);
  code_.cmp(group, kLastGroup);
  code_.cmova(group, kLastGroup);
  for (int i = 0; i < kLanes; ++i) {
    constexpr int kPacketBytes = static_cast<int>(sizeof(PacketView));
    code_.mov(kScratch, code_.ptr[group + kPacketBytes * i]);
    code_.prefetcht0(code_.ptr[kScratch + values_.likely_begin()]);
    if (values_.likely_end() > values_.likely_begin() + kNarrowTileBytes) {
      code_.prefetcht0(code_.ptr[kScratch + values_.likely_end() - 1]);
    }
  }
}

// Sets kToScalar to the lanes that are too short, and kMoment to the others.
void VectorEmitter::take_packets() {
  const std::uint32_t end = values_.unchecked_end();
  code_.vmovdqu64(Zmm(0), code_.ptr[kPackets]);
  code_.vmovdqu64(Zmm(1), code_.ptr[kPackets + 64]);
  // The lengths are the odd qwords.
  code_.vpmovzxbq(Zmm(2), values_.bytes({1, 3, 5, 7, 9, 11, 13, 15}));
  code_.vpermi2q(Zmm(2), Zmm(0), Zmm(1));
  code_.vpmovqd(kCaptured, Zmm(2));
  if (values_.needs_wire_length()) {
    code_.vpsrlq(Zmm(2), Zmm(2), 32);
    code_.vpmovqd(kWireLength, Zmm(2));
  }
  if (values_.needs_addresses()) {
    code_.vpmovzxbq(kDataVector, values_.bytes({0, 2, 4, 6, 8, 10, 12, 14}));
    code_.vpermi2q(kDataVector, Zmm(0), Zmm(1));
    code_.lea(kScratch, values_.zeros());
    code_.vpbroadcastq(kHarmless, kScratch);
  }
  const Ymm beyond(0);
  code_.vpsubd(beyond, kCaptured, values_.broadcast(end));
  code_.vpcmpud(kToScalar, beyond, values_.broadcast(kPositionEnd - 1 - end), kGreater);
  if (end > 0) {
    for (int i = 0; i < kLanes; ++i) {
      code_.mov(kData[i], code_.ptr[kPackets + static_cast<int>(sizeof(PacketView)) * i]);
    }
    code_.kortestb(kToScalar, kToScalar);
    code_.jnz(patch_);
    code_.L(patched_);
  }
  code_.knotb(kMoment, kToScalar);
  code_.kxorb(kAccepted, kAccepted, kAccepted);
  if (!only_verdict_)
    code_.vpxord(Xmm(kVerdict.getIdx()), Xmm(kVerdict.getIdx()), Xmm(kVerdict.getIdx()));
}

void VectorEmitter::give_verdicts() {
  Xbyak::Label no_verdicts;
  code_.test(kVerdicts, kVerdicts);
  code_.jz(no_verdicts);
  if (only_verdict_) {
    code_.vpbroadcastd(Ymm(0) | kAccepted | code_.T_z, values_.word(*only_verdict_));
    code_.vmovdqu(code_.ptr[kVerdicts], Ymm(0));
  } else {
    code_.vmovdqu32(code_.ptr[kVerdicts], kVerdict);
  }
  code_.add(kVerdicts, 4 * kLanes);
  code_.kortestb(kToScalar, kToScalar);
  code_.jnz(scalar_path_, code_.T_NEAR);
  code_.jmp(next_, code_.T_NEAR);
  code_.L(no_verdicts);
  if (!only_verdict_) code_.vptestmd(kAccepted, kVerdict, kVerdict);
  code_.kmovb(code_.ptr[kMatches], kAccepted);
  code_.inc(kMatches);
  code_.kortestb(kToScalar, kToScalar);
  code_.jnz(scalar_path_, code_.T_NEAR);
}

// Out of the way: the lanes of kToScalar. What has been given is behind kVerdicts or kMatches.
void VectorEmitter::run_scalar() {
  using namespace Xbyak::util;  // NOLINT(google-build-using-namespace): names of registers
  if (values_.unchecked_end() > 0) {
    code_.L(patch_);
    code_.lea(kScratch, values_.zeros());
    // Short packets are read as zeros.
    code_.vpmovzxbq(Zmm(2), values_.bytes({0, 2, 4, 6, 8, 10, 12, 14}));
    code_.vmovdqu64(Zmm(3), code_.ptr[kPackets]);
    code_.vpermi2q(Zmm(2), Zmm(3), code_.ptr[kPackets + 64]);
    code_.vpbroadcastq(Zmm(2) | kToScalar, kScratch);
    code_.vmovdqa64(code_.ptr[rsp + kDataSlot], Zmm(2));
    for (int i = 0; i < kLanes; ++i) code_.mov(kData[i], code_.ptr[rsp + kDataSlot + 8 * i]);
    code_.jmp(patched_, code_.T_NEAR);
  }

  Xbyak::Label lane;
  Xbyak::Label bit;
  Xbyak::Label done;
  code_.L(scalar_path_);
  code_.kmovb(eax, kToScalar);
  code_.mov(ptr[rsp + kLanesSlot], rax);
  code_.vzeroupper();
  code_.L(lane);
  code_.tzcnt(rax, ptr[rsp + kLanesSlot]);
  code_.mov(ptr[rsp + kLanesSlot + 8], rax);
  code_.shl(eax, 4);
  static_assert(sizeof(PacketView) == 1 << 4 && offsetof(PacketView, captured) == 8 &&
                offsetof(PacketView, length) == 12);
  code_.mov(rdi, ptr[kPackets + rax]);
  code_.mov(esi, ptr[kPackets + rax + 8]);
  code_.mov(edx, ptr[kPackets + rax + 12]);
  code_.xor_(ecx, ecx);
  code_.mov(rax, reinterpret_cast<std::uintptr_t>(scalar_));
  code_.call(rax);
  code_.mov(rcx, ptr[rsp + kLanesSlot + 8]);
  code_.test(kVerdicts, kVerdicts);
  code_.jz(bit);
  code_.mov(ptr[kVerdicts + rcx * 4 - 4 * kLanes], eax);
  code_.jmp(done);
  code_.L(bit);
  // The lane's bit is 0 so far: no way gives verdicts to lanes of kToScalar.
  code_.cmp(eax, 1);
  code_.sbb(eax, eax);
  code_.inc(eax);
  code_.shl(eax, cl);
  code_.or_(ptr[kMatches - 1], al);
  code_.L(done);
  code_.mov(rax, ptr[rsp + kLanesSlot]);
  code_.lea(rcx, ptr[rax - 1]);
  code_.and_(rax, rcx);
  code_.mov(ptr[rsp + kLanesSlot], rax);
  code_.jnz(lane);
  code_.jmp(next_, code_.T_NEAR);
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
    code_.vpcmpud(kMoment | lanes, values_.in_register(load.left, Ymm(0)),
                  values_.broadcast(kPositionEnd - load.k), kNotLess);
    code_.korb(kToScalar, kToScalar, kMoment);
    code_.kandnb(lanes, kMoment, lanes);
  }
  const Ymm remaining = values_.in_register(check.remaining, Ymm(0));
  code_.vpcmpud(lanes | lanes, remaining, values_.broadcast(end), kNotLess);
  const std::uint32_t window = values_.window_end(check.load);
  if (window == end) return;
  // The load is within the packet, but not the window.
  code_.vpcmpud(kMoment | lanes, remaining, values_.broadcast(window), kLess);
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
  for (const VectorWay::Write& write : way.writes) values_.write(write.merge, write.value, lanes);
  if (constant_verdicts_[way.block]) {
    if (!is_reject(way)) give(program_.blocks[way.block].exit.left, lanes);
    return;
  }
  Lanes& target = lanes_[way.block];
  if (target.kind == Lanes::Kind::kNone) {
    if (free_masks_.empty()) {
      target = {Lanes::Kind::kSlot, static_cast<int>(way.block)};
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
  values_.compute(verdict);
  code_.vmovdqa32(kVerdict | lanes, values_.in_register(verdict, Ymm(0)));
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
  const Ymm left = values_.in_register(exit.left, Ymm(1));
  values_.with_operand(exit.right, [&](const Xbyak::Operand& right) {
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
  const Ymm of = values_.in_register(value, Ymm(4));
  constexpr std::uint32_t kMost = 0xffffffffU;
  for (const VectorExit::Range& range : ranges) {
    const Opmask to = first ? mask : kOther;
    if (range.low == range.high) {
      if (set) continue;
      code_.vpcmpeqd(to | lanes, of, values_.broadcast(range.low));
    } else if (range.low == 0) {
      code_.vpcmpud(to | lanes, of, values_.broadcast(range.high), kLessOrEqual);
    } else if (range.high == kMost) {
      code_.vpcmpud(to | lanes, of, values_.broadcast(range.low), kNotLess);
    } else {
      code_.vpsubd(Ymm(0), of, values_.broadcast(range.low));
      code_.vpcmpud(to | lanes, Ymm(0), values_.broadcast(range.high - range.low), kLessOrEqual);
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
