// What a rule of the peephole is: a short run of instructions, with places for constants and cells,
// and the shorter run that does the same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "vm/opcode.h"

namespace bpfc::peephole {

inline constexpr std::size_t kLongestWindow = 3;
inline constexpr std::size_t kSymbols = 3;  // k, l and m: any constant that the instruction takes
inline constexpr std::size_t kCells = 2;    // M[i] and M[j]: different ones

// A number, or the symbol of that number.
struct Term {
  bool is_symbol = false;
  std::uint32_t value = 0;

  friend bool operator==(const Term&, const Term&) = default;
};

// A term, or two that are computed with; of cells the number, of jumps the way.
struct Operand {
  bool compound = false;
  Arithmetic op{};
  Term left;
  Term right;

  friend bool operator==(const Operand&, const Operand&) = default;
};

// Where a window that ends in a conditional jump leads.
enum class Way : std::uint8_t { kTaken, kNotTaken };

struct PatternInstruction {
  Operation operation{};
  Operand operand;
  Way on_true = Way::kTaken;  // of conditional jumps, and of `ja`; on false the other one

  friend bool operator==(const PatternInstruction&, const PatternInstruction&) = default;
};

struct Pattern {
  std::array<PatternInstruction, kLongestWindow> instructions{};
  std::uint8_t count = 0;

  std::span<const PatternInstruction> view() const { return {instructions.data(), count}; }
  friend bool operator==(const Pattern&, const Pattern&) = default;
};

// Sets of registers, as they stand in Rule::dead.
inline constexpr std::uint8_t kRegisterA = 1;
inline constexpr std::uint8_t kRegisterX = 2;
constexpr std::uint8_t register_of_cell(std::size_t cell) {
  return static_cast<std::uint8_t>(4U << cell);
}
inline constexpr std::size_t kRegisters = 2 + kCells;

// `left + left_plus <= right + right_plus`, of symbols, without wrapping.
struct Condition {
  std::uint8_t left = 0;
  std::uint8_t left_plus = 0;
  std::uint8_t right = 0;
  std::uint8_t right_plus = 0;

  friend bool operator==(const Condition&, const Condition&) = default;
};

// The replacement does what the window does, by the kernel's rules and by libpcap's, wherever
//   - nothing reads the dead registers behind the window,
//   - the condition holds, if there is one,
//   - absolute offsets lie in the packet (below 2^31), in the window and in the replacement, and
//   - the replacement's constants are allowed.
struct Rule {
  Pattern window;
  Pattern replacement;
  std::uint8_t dead = 0;
  std::optional<Condition> condition;
};

// Rules, those that start with the same operation together.
class RuleTable {
 public:
  constexpr explicit RuleTable(std::span<const Rule> rules) : rules_(rules) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      Range& range =
          of_operation_[static_cast<std::size_t>(rules[i].window.instructions[0].operation)];
      if (range.count == 0) range.first = static_cast<std::uint32_t>(i);
      if (range.first + range.count != i) throw "the rules are not in order";
      ++range.count;
    }
  }

  constexpr std::span<const Rule> all() const { return rules_; }
  constexpr std::span<const Rule> starting_with(Operation operation) const {
    const Range& range = of_operation_[static_cast<std::size_t>(operation)];
    return rules_.subspan(range.first, range.count);
  }

 private:
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };

  std::span<const Rule> rules_;
  std::array<Range, kOperations.size()> of_operation_{};
};

// The table of rules.def.
const RuleTable& rules();

}  // namespace bpfc::peephole
