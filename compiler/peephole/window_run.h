// What a pattern does, in a domain: numbers, for the search of rules, or z3's terms, for their
// proofs. A window that ends in a jump may go on in two ways, every load may end the program with
// 0.
//
// A domain has a Word and a Condition, and
//   number(n)                             a constant
//   compute(arithmetic, left, right)      as a machine that does not divide by zero
//   compare(comparison, left, right)
//   always(), opposite(c), both(c, d)
//   length()                              on the wire
//   load(position, size), load_indexed(x, k, size) -> Loaded{value, succeeds}
#pragma once

#include "peephole/rule.h"

namespace bpfc::peephole {

template <typename Domain>
struct Symbols {
  std::array<typename Domain::Word, kSymbols> values;
};

template <typename Domain>
struct WindowState {
  std::array<typename Domain::Word, kRegisters> registers;  // A, X, M[i], M[j]
  typename Domain::Condition goes_on;  // not ended with 0 by a load or a division
  typename Domain::Condition taken;    // if it ends in a jump: goes the way T
  typename Domain::Word verdict;       // if it ends in a return
};

// How a window ends. Only those that end alike can be the same.
enum class Ending : std::uint8_t { kNext, kJump, kReturn };

constexpr Ending ending(const Pattern& pattern) {
  if (pattern.count == 0) return Ending::kNext;
  switch (info(pattern.instructions[pattern.count - 1U].operation).kind) {
    case OperationClass::kJump:
    case OperationClass::kBranch:
      return Ending::kJump;
    case OperationClass::kReturn:
      return Ending::kReturn;
    default:
      return Ending::kNext;
  }
}

template <typename Domain>
class WindowRun {
 public:
  using Word = typename Domain::Word;
  using Condition = typename Domain::Condition;
  using State = WindowState<Domain>;

  WindowRun(Domain& domain, const Symbols<Domain>& symbols) : domain_(domain), symbols_(symbols) {}

  void run(const Pattern& pattern, State& state) const {
    for (const PatternInstruction& instruction : pattern.view()) step(instruction, state);
  }

  // Whether the instruction is one that programs may have, of those that rules are about.
  Condition allowed(const PatternInstruction& instruction) const {
    const OperationInfo& row = info(instruction.operation);
    const auto below = [&](const Word& value, std::uint32_t bound) {
      return domain_.compare(Comparison::kGreater, domain_.number(bound), value);
    };
    const Word value = operand(instruction);
    if (row.format == OperandFormat::kAbsolute || row.format == OperandFormat::kHeaderLength) {
      Condition result = below(value, kMostOffset);
      if (instruction.operand.compound) {
        result = domain_.both(result, below(term(instruction.operand.left), kMostOffset));
        result = domain_.both(result, below(term(instruction.operand.right), kMostOffset));
      }
      return result;
    }
    if (const auto parts = arithmetic_parts(instruction.operation);
        parts && parts->right == RightOperand::kConstant) {
      switch (parts->arithmetic) {
        case Arithmetic::kDivide:
        case Arithmetic::kModulo:
          return domain_.opposite(domain_.compare(Comparison::kEqual, value, domain_.number(0)));
        case Arithmetic::kShiftLeft:
        case Arithmetic::kShiftRight: {
          Condition result = below(value, 32);
          if (instruction.operand.compound) {
            result = domain_.both(result, below(term(instruction.operand.left), 32));
            result = domain_.both(result, below(term(instruction.operand.right), 32));
          }
          return result;
        }
        default:
          break;
      }
    }
    return domain_.always();
  }

  Condition allowed(const Pattern& pattern) const {
    Condition result = domain_.always();
    for (const PatternInstruction& instruction : pattern.view()) {
      result = domain_.both(result, allowed(instruction));
    }
    return result;
  }

  Condition holds(const peephole::Condition& condition) const {
    const auto side = [&](std::uint8_t symbol, std::uint8_t plus) {
      return domain_.compute(Arithmetic::kAdd, symbols_.values[symbol], domain_.number(plus));
    };
    // Conditions are about offsets, which allowed() keeps far below 2^32.
    return domain_.compare(Comparison::kGreaterOrEqual, side(condition.right, condition.right_plus),
                           side(condition.left, condition.left_plus));
  }

  void step(const PatternInstruction& instruction, State& state) const {
    Word& a = state.registers[0];
    Word& x = state.registers[1];
    switch (instruction.operation) {
      case Operation::kLoadWordAbsolute:
        return load(domain_.load(operand(instruction), 4), a, state);
      case Operation::kLoadHalfAbsolute:
        return load(domain_.load(operand(instruction), 2), a, state);
      case Operation::kLoadByteAbsolute:
        return load(domain_.load(operand(instruction), 1), a, state);
      case Operation::kLoadWordIndexed:
        return load(domain_.load_indexed(x, operand(instruction), 4), a, state);
      case Operation::kLoadHalfIndexed:
        return load(domain_.load_indexed(x, operand(instruction), 2), a, state);
      case Operation::kLoadByteIndexed:
        return load(domain_.load_indexed(x, operand(instruction), 1), a, state);
      case Operation::kLoadXHeaderLength: {
        load(domain_.load(operand(instruction), 1), x, state);
        const Word low = domain_.compute(Arithmetic::kAnd, x, domain_.number(0xf));
        x = domain_.compute(Arithmetic::kShiftLeft, low, domain_.number(2));
        return;
      }
      case Operation::kLoadConstant:
        a = operand(instruction);
        return;
      case Operation::kLoadXConstant:
        x = operand(instruction);
        return;
      case Operation::kLoadPacketLength:
        a = domain_.length();
        return;
      case Operation::kLoadXPacketLength:
        x = domain_.length();
        return;
      case Operation::kLoadCell:
        a = cell(instruction, state);
        return;
      case Operation::kLoadXCell:
        x = cell(instruction, state);
        return;
      case Operation::kStoreCell:
        cell(instruction, state) = a;
        return;
      case Operation::kStoreXCell:
        cell(instruction, state) = x;
        return;
      case Operation::kTransferAToX:
        x = a;
        return;
      case Operation::kTransferXToA:
        a = x;
        return;
      case Operation::kJump:
        state.taken = instruction.on_true == Way::kTaken ? domain_.always()
                                                         : domain_.opposite(domain_.always());
        return;
      case Operation::kReturnConstant:
        state.verdict = operand(instruction);
        return;
      case Operation::kReturnA:
        state.verdict = a;
        return;
      default:
        break;
    }
    if (const auto parts = branch_parts(instruction.operation)) {
      const Word right = parts->right == RightOperand::kX ? x : operand(instruction);
      const Condition holds = domain_.compare(parts->comparison, a, right);
      state.taken = instruction.on_true == Way::kTaken ? holds : domain_.opposite(holds);
      return;
    }
    const auto parts = *arithmetic_parts(instruction.operation);
    const Word right = parts.right == RightOperand::kX ? x : operand(instruction);
    const bool divides =
        parts.arithmetic == Arithmetic::kDivide || parts.arithmetic == Arithmetic::kModulo;
    if (divides && parts.right == RightOperand::kX) {
      const Condition zero = domain_.compare(Comparison::kEqual, x, domain_.number(0));
      state.goes_on = domain_.both(state.goes_on, domain_.opposite(zero));
    }
    a = domain_.compute(parts.arithmetic, a, right);
  }

 private:
  // Offsets of rules; what is loaded there still lies below 2^31.
  static constexpr std::uint32_t kMostOffset = 0x7ffffffcU;

  Word term(const Term& term) const {
    return term.is_symbol ? symbols_.values[term.value] : domain_.number(term.value);
  }
  Word operand(const PatternInstruction& instruction) const {
    const Operand& operand = instruction.operand;
    if (!operand.compound) return term(operand.left);
    return domain_.compute(operand.op, term(operand.left), term(operand.right));
  }
  static Word& cell(const PatternInstruction& instruction, State& state) {
    return state.registers[2 + instruction.operand.left.value];
  }
  template <typename Loaded>
  void load(const Loaded& loaded, Word& into, State& state) const {
    into = loaded.value;
    state.goes_on = domain_.both(state.goes_on, loaded.succeeds);
  }

  Domain& domain_;
  const Symbols<Domain>& symbols_;
};

}  // namespace bpfc::peephole
