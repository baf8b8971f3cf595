// From the end to the start each instruction gets a number: instructions that are the same, and
// lead to instructions with the same numbers, have the same. A jump to one of them may go to
// another one.
//
//   16: ld [20]; jeq 6 -> yes; 18: jeq 17 -> yes, no       what A is there does not matter:
//   19: ldb [20]; jeq 6 -> yes; 21: jeq 17 -> yes, no      20 may go to 18
//
// A jump between is a difference too, or a way might become longer.
//
// Where an instruction stands behind one that is no jump, it has to stay, so that is where the
// others lead; else, the last.
#include "peephole/cross_jump.h"

#include <bit>
#include <vector>

#include "vm/opcode.h"

namespace bpfc::peephole {
namespace {

constexpr std::uint32_t kNone = ~std::uint32_t{0};
constexpr std::uint32_t kReach = 255;

bool is(const DecodedInstruction& step, OperationClass kind) {
  return info(step.operation).kind == kind;
}

bool goes_on(const DecodedInstruction& step) {
  return !is(step, OperationClass::kJump) && !is(step, OperationClass::kBranch) &&
         !is(step, OperationClass::kReturn);
}

class CrossJumper {
 public:
  explicit CrossJumper(std::span<const DecodedInstruction> program)
      : program_(program),
        number_(program.size()),
        jumps_(program.size(), 0),
        slots_(std::bit_ceil(2 * program.size() + 1), kNone) {}

  std::optional<Program> run() {
    if (!find_numbers()) return std::nullopt;
    find_places();
    return redirected();
  }

 private:
  // Whether some are the same, or jumps that others may lead past.
  bool find_numbers() {
    bool same = false;
    for (auto i = static_cast<std::uint32_t>(program_.size()); i-- > 0;) {
      const DecodedInstruction& step = program_[i];
      if (is(step, OperationClass::kJump)) {
        number_[i] = number_[step.on_true];
        jumps_[i] = jumps_[step.on_true] + 1;
        same = true;
        continue;
      }
      std::size_t slot = hash(i) & (slots_.size() - 1);
      while (slots_[slot] != kNone && !equal(slots_[slot], i)) {
        slot = (slot + 1) & (slots_.size() - 1);
      }
      same = same || slots_[slot] != kNone;
      if (slots_[slot] == kNone) slots_[slot] = i;
      number_[i] = slots_[slot];
    }
    return same;
  }

  std::uint64_t hash(std::uint32_t i) const {
    constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15U;
    const DecodedInstruction& step = program_[i];
    std::uint64_t hash = static_cast<std::uint64_t>(step.operation) << 32U | step.k;
    hash *= kMultiplier;
    if (!is(step, OperationClass::kReturn)) {
      hash = (hash ^ number_[step.on_true] ^ jumps_[step.on_true] << 16U) * kMultiplier;
      hash = (hash ^ number_[step.on_false] ^ jumps_[step.on_false] << 16U) * kMultiplier;
    }
    return hash >> 32U;
  }

  bool equal(std::uint32_t first, std::uint32_t second) const {
    const DecodedInstruction& a = program_[first];
    const DecodedInstruction& b = program_[second];
    if (a.operation != b.operation || a.k != b.k) return false;
    const auto alike = [&](std::uint32_t way, std::uint32_t other) {
      return number_[way] == number_[other] && jumps_[way] == jumps_[other];
    };
    return is(a, OperationClass::kReturn) ||
           (alike(a.on_true, b.on_true) && alike(a.on_false, b.on_false));
  }

  // For each number, where jumps are to go.
  void find_places() {
    std::vector<bool> reached(program_.size(), false);
    reached[0] = true;
    place_.assign(program_.size(), kNone);
    std::vector<bool> stays(program_.size(), false);
    for (std::uint32_t i = 0; i < program_.size(); ++i) {
      const DecodedInstruction& step = program_[i];
      if (!reached[i] || is(step, OperationClass::kReturn)) continue;
      reached[step.on_true] = reached[step.on_false] = true;
      if (goes_on(step)) stays[i + 1] = true;
    }
    for (std::uint32_t i = 0; i < program_.size(); ++i) {
      if (!reached[i] || is(program_[i], OperationClass::kJump)) continue;
      std::uint32_t& place = place_[number_[i]];
      if (place == kNone || stays[i] || !stays[place]) place = i;
    }
  }

  std::optional<Program> redirected() const {
    Program result;
    result.reserve(program_.size());
    bool changed = false;
    for (std::uint32_t i = 0; i < program_.size(); ++i) {
      const DecodedInstruction& step = program_[i];
      Instruction instruction{encode(step.operation), 0, 0, step.k};
      const auto distance = [&](std::uint32_t target, std::uint32_t reach) {
        const std::uint32_t place = place_[number_[target]];
        const bool moves = place != kNone && place > i && place - i - 1 <= reach;
        changed = changed || (moves && place != target);
        return (moves ? place : target) - i - 1;
      };
      if (is(step, OperationClass::kJump)) instruction.k = distance(step.on_true, kNone);
      if (is(step, OperationClass::kBranch)) {
        instruction.jt = static_cast<std::uint8_t>(distance(step.on_true, kReach));
        instruction.jf = static_cast<std::uint8_t>(distance(step.on_false, kReach));
      }
      result.push_back(instruction);
    }
    if (!changed) return std::nullopt;
    return result;
  }

  std::span<const DecodedInstruction> program_;
  std::vector<std::uint32_t> number_;  // the last instruction that is the same
  std::vector<std::uint32_t> jumps_;   // that lead there, one behind the other, from here
  std::vector<std::uint32_t> slots_;   // a hash table of numbers
  std::vector<std::uint32_t> place_;   // by number
};

}  // namespace

std::optional<Program> cross_jumped(std::span<const DecodedInstruction> program) {
  return CrossJumper(program).run();
}

}  // namespace bpfc::peephole
