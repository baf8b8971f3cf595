#include "peephole/derive/alphabet.h"

namespace bpfc::peephole {
namespace {

constexpr std::uint32_t kOnes = 0xffffffffU;

std::vector<std::uint32_t> numbers_for(Operation operation) {
  if (const auto parts = arithmetic_parts(operation)) {
    switch (parts->arithmetic) {
      case Arithmetic::kAdd:
      case Arithmetic::kSubtract:
        return {0};
      case Arithmetic::kMultiply:
        return {0, 1, 2, 4};
      case Arithmetic::kDivide:
      case Arithmetic::kModulo:
        return {1};
      case Arithmetic::kAnd:
        return {0, 0xf, 0xff, 0xffff, kOnes};
      case Arithmetic::kOr:
      case Arithmetic::kXor:
        return {0, kOnes};
      case Arithmetic::kShiftLeft:
      case Arithmetic::kShiftRight:
        return {0, 1, 2, 8, 16, 24};
      case Arithmetic::kNegate:
        return {};
    }
  }
  if (const auto parts = branch_parts(operation)) {
    switch (parts->comparison) {
      case Comparison::kEqual:
        return {0};
      case Comparison::kGreater:
        return {0, 0xff, 0xffff, kOnes};
      case Comparison::kGreaterOrEqual:
        return {0, 1};
      case Comparison::kAnyBit:
        return {0, 0xff, 0xffff, kOnes};
    }
  }
  return {0};
}

bool is_constant(OperandFormat format) {
  return format == OperandFormat::kHexConstant || format == OperandFormat::kDecimalConstant;
}

Operand number(std::uint32_t value) { return {false, {}, {false, value}, {}}; }
Operand symbol(std::uint32_t index) { return {false, {}, {true, index}, {}}; }

std::vector<Operand> window_operands(const OperationInfo& row) {
  std::vector<Operand> operands;
  switch (row.format) {
    case OperandFormat::kCell:
      for (std::uint32_t cell = 0; cell < kCells; ++cell) operands.push_back(symbol(cell));
      return operands;
    case OperandFormat::kAbsolute:
    case OperandFormat::kIndexed:
    case OperandFormat::kHeaderLength:
    case OperandFormat::kHexConstant:
    case OperandFormat::kDecimalConstant:
      for (std::uint32_t index = 0; index < kSymbols; ++index) operands.push_back(symbol(index));
      break;
    default:
      return {Operand{}};
  }
  if (is_constant(row.format)) {
    for (const std::uint32_t value : numbers_for(row.operation)) operands.push_back(number(value));
  }
  return operands;
}

// What is computed of two symbols, in either order where that matters, and of one.
std::vector<Operand> compound_operands(const OperationInfo& row) {
  std::vector<Operand> operands;
  const bool offset = row.format == OperandFormat::kAbsolute ||
                      row.format == OperandFormat::kIndexed ||
                      row.format == OperandFormat::kHeaderLength;
  if (!offset && !is_constant(row.format)) return operands;
  const auto parts = arithmetic_parts(row.operation);
  const bool shifts = parts && (parts->arithmetic == Arithmetic::kShiftLeft ||
                                parts->arithmetic == Arithmetic::kShiftRight);
  const bool loads = row.kind == OperationClass::kValueLoad || row.kind == OperationClass::kReturn;
  for (std::uint32_t left = 0; left < kSymbols; ++left) {
    for (std::uint32_t right = 0; right < kSymbols; ++right) {
      const auto add = [&](Arithmetic op) {
        operands.push_back({true, op, {true, left}, {true, right}});
      };
      if (left < right) add(Arithmetic::kAdd);
      if (offset || shifts || left == right) continue;
      add(Arithmetic::kSubtract);
      if (loads) {
        add(Arithmetic::kDivide);
        add(Arithmetic::kModulo);
        add(Arithmetic::kShiftLeft);
        add(Arithmetic::kShiftRight);
      }
      if (left > right) continue;
      for (const Arithmetic op :
           {Arithmetic::kMultiply, Arithmetic::kAnd, Arithmetic::kOr, Arithmetic::kXor}) {
        add(op);
      }
    }
    if (offset || shifts) continue;
    operands.push_back({true, Arithmetic::kSubtract, {false, 0}, {true, left}});
    operands.push_back({true, Arithmetic::kXor, {true, left}, {false, kOnes}});
    operands.push_back({true, Arithmetic::kSubtract, {true, left}, {false, 1}});
  }
  return operands;
}

}  // namespace

bool ends_window(const PatternInstruction& instruction) {
  const OperationClass kind = info(instruction.operation).kind;
  return kind == OperationClass::kBranch || kind == OperationClass::kJump ||
         kind == OperationClass::kReturn;
}

std::vector<PatternInstruction> window_alphabet() {
  std::vector<PatternInstruction> alphabet;
  for (const OperationInfo& row : kOperations) {
    if (row.kind == OperationClass::kJump) continue;
    for (const Operand& operand : window_operands(row))
      alphabet.push_back({row.operation, operand});
  }
  return alphabet;
}

std::vector<PatternInstruction> replacement_alphabet() {
  std::vector<PatternInstruction> alphabet = window_alphabet();
  for (const OperationInfo& row : kOperations) {
    for (const Operand& operand : compound_operands(row)) {
      alphabet.push_back({row.operation, operand});
    }
    if (row.kind == OperationClass::kJump) {
      alphabet.push_back({row.operation, {}, Way::kTaken});
      alphabet.push_back({row.operation, {}, Way::kNotTaken});
    }
  }
  const std::size_t count = alphabet.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (info(alphabet[i].operation).kind != OperationClass::kBranch) continue;
    alphabet.push_back(alphabet[i]);
    alphabet.back().on_true = Way::kNotTaken;
  }
  return alphabet;
}

Names names_in(const PatternInstruction& instruction) {
  Names names;
  const bool cell = info(instruction.operation).format == OperandFormat::kCell;
  std::uint8_t& used = cell ? names.cells : names.symbols;
  for (const Term& term : {instruction.operand.left, instruction.operand.right}) {
    if (term.is_symbol) used = static_cast<std::uint8_t>(used | 1U << term.value);
  }
  return names;
}

Names names_in(const Pattern& pattern) {
  Names names;
  for (const PatternInstruction& instruction : pattern.view()) {
    const Names used = names_in(instruction);
    names.symbols |= used.symbols;
    names.cells |= used.cells;
  }
  return names;
}

}  // namespace bpfc::peephole
