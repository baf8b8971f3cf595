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
constexpr std::size_t kMostComparedAtOnce = 3 * kLanes;
constexpr std::uint32_t kVectorSize = 64;
constexpr std::uint32_t kSmallestWindow = 16;
constexpr std::uint8_t kLessOrEqual = 2;  // of vpcmpud

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

// Constants of up to 16 tests.
struct Lanes {
  std::vector<std::uint8_t> places = std::vector<std::uint8_t>(kVectorSize);
  std::vector<std::uint32_t> masks = std::vector<std::uint32_t>(kLanes);
  std::vector<std::uint32_t> lows = std::vector<std::uint32_t>(kLanes);
  std::vector<std::uint32_t> spans = std::vector<std::uint32_t>(kLanes);
};

class FieldEmitter {
 public:
  FieldEmitter(Assembler& out, ConstantPool& pool, const FieldPlan& plan,
               const FieldTargets& targets)
      : out_(out), pool_(pool), plan_(plan), targets_(targets) {}

  void run();

 private:
  std::vector<Lanes> lanes() const;
  // Into zmm16.
  void load_windows();
  // Their results into eax.
  void make_tests();
  // Above those.
  void search_sets();
  // Into r11, as they do. False: the set is not one for this.
  bool compare_all(const SetTest& test);
  // What they lead to into eax.
  void look_up();

  Assembler& out_;
  ConstantPool& pool_;
  const FieldPlan& plan_;
  const FieldTargets& targets_;
};

std::vector<Lanes> FieldEmitter::lanes() const {
  // Where each byte of the packet lies in the vector.
  std::vector<std::uint8_t> place(kFarthestField);
  std::uint32_t at = 0;
  for (const FieldWindow& window : plan_.windows) {
    for (std::uint32_t i = 0; i < window.size; ++i) {
      place[window.offset + i] = static_cast<std::uint8_t>(at + i);
    }
    at += window.size;
  }
  const std::vector<FieldTest>& tests = plan_.decision.tests;
  std::vector<Lanes> groups((tests.size() + kLanes - 1) / kLanes);
  for (std::size_t index = 0; index < groups.size() * kLanes; ++index) {
    Lanes& lanes = groups[index / kLanes];
    const std::size_t lane = index % kLanes;
    if (index >= tests.size()) {
      lanes.lows[lane] = 1;  // 0 - 1 > 0: the bit is 0
      continue;
    }
    const FieldTest& test = tests[index];
    for (std::uint32_t i = 0; i < test.size; ++i) {
      lanes.places[lane * 4 + i] = place[test.offset + test.size - 1 - i];
    }
    lanes.masks[lane] = test.mask;
    lanes.lows[lane] = test.low;
    lanes.spans[lane] = test.span;
  }
  return groups;
}

void FieldEmitter::load_windows() {
  const Xbyak::Zmm packet(16);
  for (std::size_t i = 0; i < plan_.windows.size(); ++i) {
    const FieldWindow& window = plan_.windows[i];
    const auto index = static_cast<std::uint8_t>(i);
    const Xbyak::RegExp from = out_.rdi + window.offset;
    if (window.size == kVectorSize) {
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
}

void FieldEmitter::make_tests() {
  const Xbyak::Zmm packet(16);
  const Xbyak::Zmm values(17);
  bool is_first = true;
  for (const Lanes& lanes : lanes()) {
    const auto constant = [&](const std::vector<std::uint32_t>& words) {
      return out_.zword[out_.rip + pool_.add(words, kVectorSize)];
    };
    out_.vmovdqa64(values, out_.zword[out_.rip + pool_.add(lanes.places, kVectorSize)]);
    out_.vpermb(values, values, packet);
    out_.vpandd(values, values, constant(lanes.masks));
    const bool are_equalities =
        std::all_of(lanes.spans.begin(), lanes.spans.end(), [](auto span) { return span == 0; });
    if (are_equalities) {
      out_.vpcmpeqd(out_.k1, values, constant(lanes.lows));
    } else {
      out_.vpsubd(values, values, constant(lanes.lows));
      out_.vpcmpud(out_.k1, values, constant(lanes.spans), kLessOrEqual);
    }
    if (is_first) {
      out_.kmovw(out_.eax, out_.k1);
    } else {
      out_.kmovw(out_.r10d, out_.k1);
      out_.shl(out_.r10d, static_cast<int>(kLanes));
      out_.or_(out_.eax, out_.r10d);
    }
    is_first = false;
  }
  if (is_first) out_.xor_(out_.eax, out_.eax);
}

// Some words are compared with the field's all at once.
bool FieldEmitter::compare_all(const SetTest& test) {
  const std::vector<PartitionPiece>& members = test.set.members;
  if (test.size != 4 || members.size() > kMostComparedAtOnce ||
      std::any_of(members.begin(), members.end(),
                  [](const PartitionPiece& member) { return member.low != member.high; })) {
    return false;
  }
  // In the packet's order. The last vector is filled up with one of them.
  std::vector<std::uint32_t> words;
  for (const PartitionPiece& member : members) words.push_back(__builtin_bswap32(member.low));
  words.resize((words.size() + kLanes - 1) / kLanes * kLanes, words.back());
  const Xbyak::Zmm value(17);
  out_.vpbroadcastd(value, out_.dword[out_.rdi + test.offset]);
  for (std::size_t i = 0; i < words.size(); i += kLanes) {
    const std::span<const std::uint32_t> some(words.data() + i, kLanes);
    out_.vpcmpeqd(i == 0 ? out_.k1 : out_.k2, value,
                  out_.zword[out_.rip + pool_.add(some, kVectorSize)]);
    if (i != 0 && i + kLanes < words.size()) out_.korw(out_.k1, out_.k1, out_.k2);
  }
  out_.xor_(out_.r10d, out_.r10d);
  out_.kortestw(out_.k1, words.size() > kLanes ? out_.k2 : out_.k1);
  out_.setnz(out_.r10b);
  out_.lea(out_.r11d, out_.ptr[out_.r10 + out_.r11 * 2]);
  return true;
}

void FieldEmitter::search_sets() {
  const std::vector<SetTest>& sets = plan_.decision.sets;
  if (sets.empty()) return;
  // Each result is shifted in at the right end of r11, the last one first.
  out_.xor_(out_.r11d, out_.r11d);
  for (std::size_t i = sets.size(); i-- > 0;) {
    const SetTest& test = sets[i];
    if (compare_all(test)) continue;
    const Xbyak::RegExp from = out_.rdi + test.offset;
    if (test.size == 1) {
      out_.movzx(out_.r8d, out_.byte[from]);
    } else if (test.size == 2) {
      out_.movzx(out_.r8d, out_.word[from]);
      out_.rol(out_.r8w, 8);
    } else {
      out_.mov(out_.r8d, out_.dword[from]);
      out_.bswap(out_.r8d);
    }
    emit_set_search(out_, pool_, test.set, {out_.r8d, out_.r9, out_.r10});
    out_.neg(out_.r10d);
    out_.adc(out_.r11d, out_.r11d);
  }
  out_.shl(out_.r11d, static_cast<int>(plan_.decision.tests.size()));
  out_.or_(out_.eax, out_.r11d);
}

void FieldEmitter::look_up() {
  std::vector<std::uint32_t> words;
  for (const TableLevel& level : plan_.levels) {
    words.insert(words.end(), level.words.begin(), level.words.end());
  }
  out_.lea(out_.r8, out_.ptr[out_.rip + pool_.add(words, kVectorSize)]);
  // r8 plus `start`: where the row starts.
  int start = 0;
  for (std::size_t i = 0; i < plan_.levels.size(); ++i) {
    const TableLevel& level = plan_.levels[i];
    if (i + 1 == plan_.levels.size()) {
      out_.mov(out_.eax, out_.dword[out_.r8 + out_.rax * 4 + start]);
      return;
    }
    out_.mov(out_.r10d, out_.eax);
    out_.and_(out_.r10d, (1U << level.bits) - 1);
    out_.shr(out_.eax, static_cast<int>(level.bits));
    if (i == 0) {
      out_.mov(out_.r9d, out_.dword[out_.r8 + out_.r10 * 4 + start]);
    } else {
      out_.mov(out_.r9d, out_.dword[out_.r11 + out_.r10 * 4 + start]);
    }
    start += static_cast<int>(level.words.size() * sizeof(std::uint32_t));
    out_.lea(out_.r11, out_.ptr[out_.r8 + out_.r9]);
    if (i + 2 == plan_.levels.size()) out_.mov(out_.r8, out_.r11);
  }
}

void FieldEmitter::run() {
  out_.cmp(out_.esi, plan_.decision.least_captured);
  out_.jb(targets_.scalar);
  load_windows();
  make_tests();
  search_sets();
  look_up();
  const std::vector<Xbyak::Label>& continuations = targets_.continuations;
  if (continuations.empty()) {
    out_.ret();
    return;
  }
  Xbyak::Label goes_on;
  out_.lea(out_.r10d, out_.ptr[out_.rax - static_cast<int>(plan_.first_continuation)]);
  out_.cmp(out_.r10d, static_cast<std::uint32_t>(continuations.size()));
  out_.jb(goes_on);
  out_.ret();
  out_.L(goes_on);
  for (std::uint32_t i = 0; i + 1 < continuations.size(); ++i) {
    out_.cmp(out_.r10d, i);
    out_.je(targets_.continuations[i]);
  }
  out_.jmp(targets_.continuations.back());
}

}  // namespace

void emit_field_code(Assembler& out, ConstantPool& pool, const FieldPlan& plan,
                     const FieldTargets& targets) {
  FieldEmitter(out, pool, plan, targets).run();
}

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
  if (decision.tests.size() + 2 * decision.sets.size() < kFewestTests) return std::nullopt;
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

}  // namespace bpfc::jit
