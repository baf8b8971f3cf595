#include "jit/vector_loop.h"

#include <algorithm>
#include <cstddef>

#include "bpfc/packet.h"
#include "jit/vector_frame.h"

namespace bpfc::jit {
namespace {

using namespace frame;  // NOLINT(google-build-using-namespace): a few names of registers

constexpr int kPacketBytes = static_cast<int>(sizeof(PacketView));
constexpr int kGroupBytes = kLanes * kPacketBytes;
constexpr int kPrefetchGroups = 4;    // ahead
constexpr std::uint8_t kGreater = 6;  // vpcmpud's

// Of two registers: a group's pointers, and its lengths.
constexpr std::initializer_list<std::uint8_t> kEvenQwords = {0, 2, 4, 6, 8, 10, 12, 14};
constexpr std::initializer_list<std::uint8_t> kOddQwords = {1, 3, 5, 7, 9, 11, 13, 15};

}  // namespace

VectorLoop::VectorLoop(const VectorProgram& program, const VectorLoads& loads, Jit::Function scalar,
                       std::optional<std::uint32_t> only_verdict, VectorConstants& constants,
                       Assembler& code)
    : loads_(loads),
      scalar_(scalar),
      only_verdict_(only_verdict),
      constants_(constants),
      code_(code),
      needs_wire_length_(std::any_of(
          program.values.begin(), program.values.end(),
          [](const VectorValue& value) { return value.kind == VectorValueKind::kWireLength; })) {}

void VectorLoop::begin() {
  enter();
  code_.cmp(kPackets, kPacketsEnd);
  code_.je(end_);
  code_.align(32);
  code_.L(group_);
  prefetch();
  take_packets();
}

void VectorLoop::end() {
  give_verdicts();
  code_.L(next_);
  code_.add(kPackets, kGroupBytes);
  code_.cmp(kPackets, kPacketsEnd);
  code_.jne(group_);
  code_.L(end_);
  leave();
  if (loads_.unchecked_end() > 0) replace_short();
  run_scalar();
}

void VectorLoop::enter() {
  using namespace Xbyak::util;  // NOLINT(google-build-using-namespace): names of registers
  for (const auto& saved : {rbp, rbx, r12, r13, r14, r15}) code_.push(saved);
  code_.mov(rbp, rsp);
  code_.sub(rsp, kFrameBytes);
  code_.and_(rsp, -64);
  code_.mov(kPackets, rdi);
  code_.shl(rsi, 7);
  static_assert(kGroupBytes == 1 << 7);
  code_.lea(kPacketsEnd, ptr[rdi + rsi]);
  code_.lea(kLastGroup, ptr[kPacketsEnd - kGroupBytes]);
  code_.mov(kVerdicts, rdx);
  code_.mov(kMatches, rcx);
}

void VectorLoop::leave() {
  using namespace Xbyak::util;  // NOLINT(google-build-using-namespace): names of registers
  code_.vzeroupper();
  code_.mov(rsp, rbp);
  for (const auto& saved : {r15, r14, r13, r12, rbx, rbp}) code_.pop(saved);
  code_.ret();
}

// The last groups fetch the last one's again.
void VectorLoop::prefetch() {
  const Xbyak::Reg64& group = kData[0];
  code_.lea(group, code_.ptr[kPackets + kPrefetchGroups * kGroupBytes]);
  code_.cmp(group, kLastGroup);
  code_.cmova(group, kLastGroup);
  for (int i = 0; i < kLanes; ++i) {
    code_.mov(kScratch, code_.ptr[group + kPacketBytes * i]);
    code_.prefetcht0(code_.ptr[kScratch + loads_.likely_begin()]);
    if (loads_.likely_end() > loads_.likely_begin() + kNarrowTileBytes) {
      code_.prefetcht0(code_.ptr[kScratch + loads_.likely_end() - 1]);
    }
  }
}

// Sets kToScalar to the lanes that are too short, and kMoment to the others.
void VectorLoop::take_packets() {
  const std::uint32_t end = loads_.unchecked_end();
  code_.vmovdqu64(Zmm(0), code_.ptr[kPackets]);
  code_.vmovdqu64(Zmm(1), code_.ptr[kPackets + 64]);
  // The lengths are the odd qwords.
  code_.vpmovzxbq(Zmm(2), constants_.bytes(kOddQwords));
  code_.vpermi2q(Zmm(2), Zmm(0), Zmm(1));
  code_.vpmovqd(kCaptured, Zmm(2));
  if (needs_wire_length_) {
    code_.vpsrlq(Zmm(2), Zmm(2), 32);
    code_.vpmovqd(kWireLength, Zmm(2));
  }
  if (loads_.needs_addresses()) {
    code_.vpmovzxbq(kDataVector, constants_.bytes(kEvenQwords));
    code_.vpermi2q(kDataVector, Zmm(0), Zmm(1));
    code_.lea(kScratch, constants_.zeros());
    code_.vpbroadcastq(kHarmless, kScratch);
  }
  const Ymm beyond(0);
  code_.vpsubd(beyond, kCaptured, constants_.broadcast(end));
  code_.vpcmpud(kToScalar, beyond, constants_.broadcast(kPositionEnd - 1 - end), kGreater);
  if (end > 0) {
    for (int i = 0; i < kLanes; ++i) {
      code_.mov(kData[i], code_.ptr[kPackets + static_cast<int>(sizeof(PacketView)) * i]);
    }
    code_.kortestb(kToScalar, kToScalar);
    code_.jnz(short_);
    code_.L(replaced_);
  }
  code_.knotb(kMoment, kToScalar);
  code_.kxorb(kAccepted, kAccepted, kAccepted);
  if (!only_verdict_)
    code_.vpxord(Xmm(kVerdict.getIdx()), Xmm(kVerdict.getIdx()), Xmm(kVerdict.getIdx()));
}

void VectorLoop::give_verdicts() {
  Xbyak::Label no_verdicts;
  code_.test(kVerdicts, kVerdicts);
  code_.jz(no_verdicts);
  if (only_verdict_) {
    code_.vpbroadcastd(Ymm(0) | kAccepted | code_.T_z, constants_.word(*only_verdict_));
    code_.vmovdqu(code_.ptr[kVerdicts], Ymm(0));
  } else {
    code_.vmovdqu32(code_.ptr[kVerdicts], kVerdict);
  }
  code_.add(kVerdicts, 4 * kLanes);
  code_.kortestb(kToScalar, kToScalar);
  code_.jnz(to_scalar_, code_.T_NEAR);
  code_.jmp(next_, code_.T_NEAR);
  code_.L(no_verdicts);
  if (!only_verdict_) code_.vptestmd(kAccepted, kVerdict, kVerdict);
  code_.kmovb(code_.ptr[kMatches], kAccepted);
  code_.inc(kMatches);
  code_.kortestb(kToScalar, kToScalar);
  code_.jnz(to_scalar_, code_.T_NEAR);
}

// Out of the way, for groups with packets that are too short: their data is zeros.
void VectorLoop::replace_short() {
  using namespace Xbyak::util;  // NOLINT(google-build-using-namespace): names of registers
  code_.L(short_);
  code_.lea(kScratch, constants_.zeros());
  code_.vpmovzxbq(Zmm(2), constants_.bytes(kEvenQwords));
  code_.vmovdqu64(Zmm(3), code_.ptr[kPackets]);
  code_.vpermi2q(Zmm(2), Zmm(3), code_.ptr[kPackets + 64]);
  code_.vpbroadcastq(Zmm(2) | kToScalar, kScratch);
  code_.vmovdqa64(code_.ptr[rsp + kDataSlot], Zmm(2));
  for (int i = 0; i < kLanes; ++i) code_.mov(kData[i], code_.ptr[rsp + kDataSlot + 8 * i]);
  code_.jmp(replaced_, code_.T_NEAR);
}

// Out of the way: the lanes of kToScalar. What has been given is behind kVerdicts or kMatches.
void VectorLoop::run_scalar() {
  using namespace Xbyak::util;  // NOLINT(google-build-using-namespace): names of registers
  Xbyak::Label lane;
  Xbyak::Label bit;
  Xbyak::Label done;
  code_.L(to_scalar_);
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

}  // namespace bpfc::jit
