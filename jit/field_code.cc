// A test is a lane of 32 bits: a permutation brings the bytes of its field there, in the machine's
// order, a mask clears the others, the range's low end is subtracted, and one comparison with all
// spans gives all results as the bits of a number. A table says what they lead to. No branch is
// taken but for packets that are too short, and to the program's own code where it goes on by
// itself, so it does not matter how varied the packets are. For `tcp port 80`:
//
//   cmp esi, 58; jb scalar
//   vmovdqu64 ymm16, [rdi + 12]; vinserti64x4 zmm16, zmm16, [rdi + 26], 1
//   vpermb zmm16, zmm17, zmm16; vpandd, vpsubd, vpcmpleud k1; kmovw eax, k1
//   lea r8, [tables]; mov eax, [r8 + rax * 4]; ...; ret
//
// The windows lie within the captured bytes that the comparison has made sure of.
#include "jit/field_code.h"

#include <xbyak/xbyak_util.h>

#include <algorithm>
#include <bitset>

#include "bpfc/packet.h"

namespace bpfc::jit {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kFewestTests = 3;  // with fewer, branches are as good
constexpr std::uint32_t kVectorSize = 64;
constexpr std::uint32_t kSmallestWindow = 16;
constexpr std::uint8_t kLessOrEqual = 2;  // of vpcmpud
constexpr int kPrefetchAhead = 16;

bool machine_has_vectors() {
  using Xbyak::util::Cpu;
  const Cpu cpu;
  return cpu.has(Cpu::tAVX512F) && cpu.has(Cpu::tAVX512BW) && cpu.has(Cpu::tAVX512VL) &&
         cpu.has(Cpu::tAVX512DQ) && cpu.has(Cpu::tAVX512_VBMI);
}

// Windows of one size that hold all the bytes; none: that takes more than 64 bytes.
std::optional<std::vector<FieldWindow>> cover(const std::bitset<kFarthestField>& bytes,
                                              std::uint32_t end, std::uint32_t size) {
  if (end < size) return std::nullopt;
  std::vector<FieldWindow> windows;
  std::uint32_t covered = 0;  // all before it are
  for (std::uint32_t at = 0; at < end; ++at) {
    if (!bytes[at] || at < covered) continue;
    const std::uint32_t offset = std::min(at, end - size);
    windows.push_back({offset, size});
    covered = offset + size;
  }
  if (windows.size() * size > kVectorSize) return std::nullopt;
  return windows;
}

std::optional<std::vector<FieldWindow>> windows_for(const FieldDecision& decision) {
  std::bitset<kFarthestField> bytes;
  for (const FieldTest& test : decision.tests) {
    for (std::uint32_t i = 0; i < test.size; ++i) bytes.set(test.offset + i);
  }
  for (const std::uint32_t size : {kVectorSize, 32U, kSmallestWindow}) {
    if (auto windows = cover(bytes, decision.least_captured, size)) return windows;
  }
  return std::nullopt;
}

}  // namespace

std::optional<FieldPlan> plan_fields(const VerifiedProgram& program, const Flow& flow,
                                     const NeededLengths& lengths) {
  if (flow.loops() || lengths.needed(0) == kNeverAccepts || !machine_has_vectors()) {
    return std::nullopt;
  }
  FieldPlan plan;
  plan.decision = decide_by_fields(program, flow, lengths, kMostFieldTests, kFarthestField);
  FieldDecision& decision = plan.decision;
  // Shorter packets are rare, and windows are not.
  decision.least_captured = std::max(decision.least_captured, kSmallestWindow);
  if (decision.tests.size() < kFewestTests) return std::nullopt;
  auto windows = windows_for(decision);
  if (!windows) return std::nullopt;
  plan.windows = *std::move(windows);

  std::vector<std::uint32_t> verdicts;
  for (const Outcome& outcome : decision.outcomes) {
    if (!outcome.continuation) verdicts.push_back(outcome.verdict);
  }
  if (verdicts.empty()) return std::nullopt;
  // Some range of numbers that no verdict lies in.
  const auto count = static_cast<std::uint32_t>(decision.continuations.size());
  while (std::any_of(verdicts.begin(), verdicts.end(), [&](std::uint32_t verdict) {
    return verdict - plan.first_continuation < count;
  })) {
    plan.first_continuation += 1U << 20U | 1U;
  }
  std::vector<std::uint32_t> words;
  for (const Outcome& outcome : decision.outcomes) {
    words.push_back(outcome.continuation ? plan.first_continuation + *outcome.continuation
                                         : outcome.verdict);
  }
  auto levels = decision_tables(decision, words);
  if (!levels) return std::nullopt;
  plan.levels = *std::move(levels);
  return plan;
}

FieldEmitter::FieldEmitter(Assembler& out, ConstantPool& pool, const FieldPlan& plan,
                           FieldTargets targets)
    : out_(out),
      pool_(pool),
      plan_(plan),
      targets_(targets),
      groups_((plan.decision.tests.size() + kLanes - 1) / kLanes) {
  // Where each byte of the packet lies in the vector.
  std::vector<std::uint8_t> place(kFarthestField);
  std::uint32_t at = 0;
  for (const FieldWindow& window : plan.windows) {
    for (std::uint32_t i = 0; i < window.size; ++i) {
      place[window.offset + i] = static_cast<std::uint8_t>(at + i);
    }
    at += window.size;
  }
  for (std::size_t group = 0; group < groups_; ++group) {
    std::vector<std::uint8_t> places(kVectorSize);
    std::vector<std::uint32_t> masks(kLanes);
    std::vector<std::uint32_t> lows(kLanes);
    std::vector<std::uint32_t> spans(kLanes);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t index = group * kLanes + lane;
      if (index >= plan.decision.tests.size()) {
        // 0 - 1 > 0: the bit is 0.
        lows[lane] = 1;
        continue;
      }
      const FieldTest& test = plan.decision.tests[index];
      for (std::uint32_t i = 0; i < test.size; ++i) {
        places[lane * 4 + i] = place[test.offset + test.size - 1 - i];
      }
      masks[lane] = test.mask;
      lows[lane] = test.low;
      spans[lane] = test.span;
    }
    constants_.push_back(&pool.add(places, kVectorSize));
    constants_.push_back(&pool.add(masks, kVectorSize));
    constants_.push_back(&pool.add(lows, kVectorSize));
    constants_.push_back(&pool.add(spans, kVectorSize));
  }
  std::vector<std::uint32_t> words;
  for (const TableLevel& level : plan.levels) {
    words.insert(words.end(), level.words.begin(), level.words.end());
  }
  tables_ = &pool.add(words, kVectorSize);
}

void FieldEmitter::load_constants() {
  for (std::size_t i = 0; i < constants_.size(); ++i) {
    out_.vmovdqa64(Xbyak::Zmm(20 + static_cast<int>(i)), out_.zword[out_.rip + *constants_[i]]);
  }
  out_.lea(out_.r8, out_.ptr[out_.rip + *tables_]);
}

void FieldEmitter::outcome(bool constants_in_registers) {
  const Xbyak::Zmm packet(16);
  const Xbyak::Zmm lanes(17);
  for (std::size_t i = 0; i < plan_.windows.size(); ++i) {
    const FieldWindow& window = plan_.windows[i];
    const auto index = static_cast<std::uint8_t>(i);
    const Xbyak::RegExp from = out_.rdi + window.offset;
    if (window.size == 64) {
      out_.vmovdqu64(packet, out_.zword[from]);
    } else if (window.size == 32) {
      if (i == 0) {
        out_.vmovdqu64(Xbyak::Ymm(16), out_.yword[from]);
      } else {
        out_.vinserti64x4(packet, packet, out_.yword[from], index);
      }
    } else if (i == 0) {
      out_.vmovdqu64(Xbyak::Xmm(16), out_.xword[from]);
    } else {
      out_.vinserti32x4(packet, packet, out_.xword[from], index);
    }
  }
  for (std::size_t group = 0; group < groups_; ++group) {
    const std::size_t first = 4 * group;
    if (constants_in_registers) {
      const int base = 20 + static_cast<int>(first);
      out_.vpermb(lanes, Xbyak::Zmm(base), packet);
      out_.vpandd(lanes, lanes, Xbyak::Zmm(base + 1));
      out_.vpsubd(lanes, lanes, Xbyak::Zmm(base + 2));
      out_.vpcmpud(out_.k1, lanes, Xbyak::Zmm(base + 3), kLessOrEqual);
    } else {
      const auto constant = [&](std::size_t i) {
        return out_.zword[out_.rip + *constants_[first + i]];
      };
      out_.vmovdqa64(lanes, constant(0));
      out_.vpermb(lanes, lanes, packet);
      out_.vpandd(lanes, lanes, constant(1));
      out_.vpsubd(lanes, lanes, constant(2));
      out_.vpcmpud(out_.k1, lanes, constant(3), kLessOrEqual);
    }
    if (group == 0) {
      out_.kmovw(out_.eax, out_.k1);
    } else {
      out_.kmovw(out_.r10d, out_.k1);
      out_.shl(out_.r10d, static_cast<int>(kLanes));
      out_.or_(out_.eax, out_.r10d);
    }
  }
  if (!constants_in_registers) out_.lea(out_.r8, out_.ptr[out_.rip + *tables_]);
  // r9: where the row starts.
  std::uint32_t start = 0;
  for (std::size_t i = 0; i < plan_.levels.size(); ++i) {
    const TableLevel& level = plan_.levels[i];
    const bool is_last = i + 1 == plan_.levels.size();
    const Xbyak::Reg64 row = out_.r9;
    if (i > 0) out_.add(row, out_.r8);
    const Xbyak::Reg64 base = i > 0 ? row : out_.r8;
    const auto displacement = static_cast<int>(start);
    if (is_last) {
      out_.mov(out_.eax, out_.dword[base + out_.rax * 4 + displacement]);
    } else {
      out_.mov(out_.r10d, out_.eax);
      out_.and_(out_.r10d, (1U << level.bits) - 1);
      out_.mov(out_.r9d, out_.dword[base + out_.r10 * 4 + displacement]);
      out_.shr(out_.eax, static_cast<int>(level.bits));
    }
    start += static_cast<std::uint32_t>(level.words.size() * sizeof(std::uint32_t));
  }
}

void FieldEmitter::leave_to_go_on(Xbyak::Label& goes_on) {
  const auto count = static_cast<std::uint32_t>(targets_.continuations.size());
  if (count == 0) return;
  out_.lea(out_.r10d, out_.ptr[out_.rax - static_cast<int>(plan_.first_continuation)]);
  out_.cmp(out_.r10d, count);
  out_.jb(goes_on);
}

void FieldEmitter::go_on() {
  std::vector<Xbyak::Label>& continuations = targets_.continuations;
  for (std::uint32_t i = 0; i + 1 < continuations.size(); ++i) {
    out_.cmp(out_.r10d, i);
    out_.je(continuations[i]);
  }
  if (!continuations.empty()) out_.jmp(continuations.back());
}

void FieldEmitter::function() {
  Xbyak::Label goes_on;
  out_.cmp(out_.esi, plan_.decision.least_captured);
  out_.jb(targets_.scalar);
  outcome(false);
  leave_to_go_on(goes_on);
  out_.ret();
  out_.L(goes_on);
  go_on();
}

void FieldEmitter::batch() {
  // rbx the packet, rbp the verdicts, r12 the last packet that has one to be fetched behind it, r13
  // the end. A stack at a multiple of 16 where the program's own code is called.
  Xbyak::Label done;
  Xbyak::Label too_few;
  out_.test(out_.rsi, out_.rsi);
  out_.jz(done, Xbyak::CodeGenerator::T_NEAR);
  out_.push(out_.rbx);
  out_.push(out_.rbp);
  out_.push(out_.r12);
  out_.push(out_.r13);
  out_.sub(out_.rsp, 8);
  out_.mov(out_.rbx, out_.rdi);
  out_.mov(out_.rbp, out_.rdx);
  out_.shl(out_.rsi, 4);
  out_.lea(out_.r13, out_.ptr[out_.rdi + out_.rsi]);
  out_.lea(out_.r12, out_.ptr[out_.r13 - kPrefetchAhead * static_cast<int>(sizeof(PacketView))]);
  out_.cmp(out_.rsi, kPrefetchAhead * static_cast<int>(sizeof(PacketView)));
  out_.jbe(too_few);
  batch_loop(true);
  out_.L(too_few);
  batch_loop(false);
  out_.add(out_.rsp, 8);
  out_.pop(out_.r13);
  out_.pop(out_.r12);
  out_.pop(out_.rbp);
  out_.pop(out_.rbx);
  out_.L(done);
  out_.ret();
}

void FieldEmitter::batch_loop(bool prefetching) {
  const auto size = static_cast<int>(sizeof(PacketView));
  Xbyak::Label start;
  Xbyak::Label store;
  Xbyak::Label scalar;
  Xbyak::Label goes_on;
  Xbyak::Label end;
  Xbyak::Label called;
  const Xbyak::Reg64 last = prefetching ? out_.r12 : out_.r13;
  out_.L(called);
  load_constants();
  out_.L(start);
  if (prefetching) {
    out_.mov(out_.r10, out_.qword[out_.rbx + kPrefetchAhead * size]);
    out_.prefetcht0(out_.byte[out_.r10 + plan_.windows.front().offset]);
    if (plan_.decision.least_captured > 32) {
      out_.prefetcht0(out_.byte[out_.r10 + plan_.decision.least_captured - 1]);
    }
  }
  out_.mov(out_.esi, out_.dword[out_.rbx + 8]);
  out_.mov(out_.rdi, out_.qword[out_.rbx]);
  out_.cmp(out_.esi, plan_.decision.least_captured);
  out_.jb(scalar);
  outcome(true);
  leave_to_go_on(goes_on);
  out_.mov(out_.dword[out_.rbp], out_.eax);
  out_.add(out_.rbp, 4);
  out_.add(out_.rbx, size);
  out_.cmp(out_.rbx, last);
  out_.jb(start);
  out_.jmp(end);

  // The program's own code keeps what the loop needs but for the constants.
  Xbyak::Label call;
  out_.L(goes_on);
  out_.mov(out_.edx, out_.dword[out_.rbx + 12]);
  out_.xor_(out_.ecx, out_.ecx);
  out_.call(call);
  out_.jmp(store);
  out_.L(call);
  go_on();
  out_.L(scalar);
  out_.mov(out_.edx, out_.dword[out_.rbx + 12]);
  out_.xor_(out_.ecx, out_.ecx);
  out_.call(targets_.scalar);
  out_.L(store);
  out_.mov(out_.dword[out_.rbp], out_.eax);
  out_.add(out_.rbp, 4);
  out_.add(out_.rbx, size);
  out_.cmp(out_.rbx, last);
  out_.jb(called);
  out_.L(end);
}

}  // namespace bpfc::jit
