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
// Fields that are looked up in a set are lanes too: a product chooses a row for each, two tables of
// the set's members are permuted by the rows, and what stands there is compared with the fields
// (LaneSet). Larger sets are searched one field after the other.
//
// The windows lie within the captured bytes that the comparison has made sure of.
#include "jit/field_code.h"

#include <algorithm>
#include <array>

namespace bpfc::jit {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::uint8_t kLessOrEqual = 2;  // of vpcmpud

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
               const FieldTargets& targets);

  void run();

 private:
  std::vector<Lanes> lanes() const;
  // Has the lane hold the field, which lies in a window.
  template <typename Field>
  void place(const Field& field, std::uint8_t* lane) const;
  // Into zmm16.
  void load_windows();
  // Their results into eax.
  void make_tests();
  // Above those.
  void search_sets();
  // Into r10, each at the bit of its number.
  void search_lanes(const LaneSearch& search);
  // What they lead to into eax.
  void look_up();

  Assembler& out_;
  ConstantPool& pool_;
  const FieldPlan& plan_;
  const FieldTargets& targets_;
  // Where each byte of the packet lies in zmm16.
  std::array<std::uint8_t, kFarthestField> places_{};
};

FieldEmitter::FieldEmitter(Assembler& out, ConstantPool& pool, const FieldPlan& plan,
                           const FieldTargets& targets)
    : out_(out), pool_(pool), plan_(plan), targets_(targets) {
  std::uint32_t at = 0;
  for (const FieldWindow& window : plan_.windows) {
    for (std::uint32_t i = 0; i < window.size; ++i) {
      places_[window.offset + i] = static_cast<std::uint8_t>(at + i);
    }
    at += window.size;
  }
}

template <typename Field>
void FieldEmitter::place(const Field& field, std::uint8_t* lane) const {
  for (std::uint32_t i = 0; i < field.size; ++i) {
    lane[i] = places_[field.offset + field.size - 1 - i];
  }
}

std::vector<Lanes> FieldEmitter::lanes() const {
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
    place(test, &lanes.places[lane * 4]);
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

void FieldEmitter::search_lanes(const LaneSearch& search) {
  const Xbyak::Zmm packet(16);
  const Xbyak::Zmm values(18);
  const Xbyak::Zmm rows(19);
  const Xbyak::Zmm column(20);
  Lanes lanes;
  bool whole = true;
  std::uint32_t results = 0;
  for (const std::uint32_t index : search.tests) {
    const SetTest& test = plan_.decision.sets[index];
    place(test, &lanes.places[index * 4]);
    lanes.masks[index] = test.size == 4 ? ~std::uint32_t{0} : (1U << 8 * test.size) - 1;
    whole &= test.size == 4;
    results |= 1U << index;
  }
  out_.vmovdqa64(values, out_.zword[out_.rip + pool_.add(lanes.places, kVectorSize)]);
  out_.vpermb(values, values, packet);
  if (!whole) {
    out_.vpandd(values, values, out_.zword[out_.rip + pool_.add(lanes.masks, kVectorSize)]);
  }
  out_.vpmulld(rows, values, out_.ptr_b[out_.rip + pool_.add({&search.set.multiplier, 1}, 4)]);
  out_.vpsrld(rows, rows, LaneSet::kShift);
  for (std::size_t i = 0; i < search.set.columns.size(); ++i) {
    const std::span<const std::uint32_t> words(search.set.columns[i]);
    out_.vmovdqa64(column, out_.zword[out_.rip + pool_.add(words.first(kLanes), kVectorSize)]);
    out_.vpermt2d(column, rows, out_.zword[out_.rip + pool_.add(words.last(kLanes), kVectorSize)]);
    out_.vpcmpeqd(i == 0 ? out_.k1 : out_.k2, column, values);
    if (i != 0) out_.korw(out_.k1, out_.k1, out_.k2);
  }
  out_.kmovw(out_.r10d, out_.k1);
  out_.and_(out_.r10d, results);
}

void FieldEmitter::search_sets() {
  const std::vector<SetTest>& sets = plan_.decision.sets;
  if (sets.empty()) return;
  std::uint32_t in_lanes = 0;
  for (const LaneSearch& search : plan_.searches) {
    for (const std::uint32_t index : search.tests) in_lanes |= 1U << index;
  }
  // Each result is shifted in at the right end of r11, the last one first.
  out_.xor_(out_.r11d, out_.r11d);
  bool is_zero = true;
  for (std::size_t i = sets.size(); i-- > 0;) {
    if ((in_lanes >> i & 1U) != 0) {
      if (!is_zero) out_.add(out_.r11d, out_.r11d);
      continue;
    }
    const SetTest& test = sets[i];
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
    is_zero = false;
  }
  for (const LaneSearch& search : plan_.searches) {
    search_lanes(search);
    out_.or_(out_.r11d, out_.r10d);
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

}  // namespace bpfc::jit
