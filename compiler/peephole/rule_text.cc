#include "peephole/rule_text.h"

#include <fmt/format.h>

namespace bpfc::peephole {
namespace {

std::string to_text(const Term& term) {
  if (term.is_symbol) return std::string(1, rule_text::kSymbolNames[term.value]);
  return term.value < 0xf ? fmt::format("{}", term.value) : fmt::format("{:#x}", term.value);
}

std::string to_text(const Operand& operand) {
  if (!operand.compound) return to_text(operand.left);
  for (const auto& name : rule_text::kOperatorNames) {
    if (name.op != operand.op) continue;
    return fmt::format("{} {} {}", to_text(operand.left), name.text, to_text(operand.right));
  }
  return {};
}

std::string operand_text(const PatternInstruction& instruction) {
  switch (info(instruction.operation).format) {
    case OperandFormat::kNone:
      return {};
    case OperandFormat::kAbsolute:
      return fmt::format(" [{}]", to_text(instruction.operand));
    case OperandFormat::kIndexed:
      return fmt::format(" [x + {}]", to_text(instruction.operand));
    case OperandFormat::kHeaderLength:
      return fmt::format(" 4*([{}]&0xf)", to_text(instruction.operand));
    case OperandFormat::kPacketLength:
      return " #pktlen";
    case OperandFormat::kHexConstant:
    case OperandFormat::kDecimalConstant:
      return fmt::format(" #{}", to_text(instruction.operand));
    case OperandFormat::kCell:
      return fmt::format(" M[{}]", rule_text::kCellNames[instruction.operand.left.value]);
    case OperandFormat::kIndexRegister:
      return " x";
    case OperandFormat::kTarget:
      break;
  }
  return instruction.on_true == Way::kTaken ? " T" : " F";
}

std::string to_text(const PatternInstruction& instruction) {
  const OperationInfo& row = info(instruction.operation);
  std::string ways;
  if (row.kind == OperationClass::kBranch) {
    ways = instruction.on_true == Way::kTaken ? ", T, F" : ", F, T";
  }
  return fmt::format("{}{}{}", row.mnemonic, operand_text(instruction), ways);
}

std::string registers_text(std::uint8_t registers) {
  std::string text;
  const auto add = [&](std::string_view name) {
    if (!text.empty()) text += ' ';
    text += name;
  };
  if ((registers & kRegisterA) != 0) add("A");
  if ((registers & kRegisterX) != 0) add("X");
  for (std::size_t cell = 0; cell < kCells; ++cell) {
    if ((registers & register_of_cell(cell)) != 0) {
      add(fmt::format("M[{}]", rule_text::kCellNames[cell]));
    }
  }
  return text;
}

std::string condition_text(const std::optional<Condition>& condition) {
  if (!condition) return {};
  return fmt::format("{} + {} <= {} + {}", rule_text::kSymbolNames[condition->left],
                     condition->left_plus, rule_text::kSymbolNames[condition->right],
                     condition->right_plus);
}

}  // namespace

std::string to_text(const Pattern& pattern) {
  std::string text;
  for (const PatternInstruction& instruction : pattern.view()) {
    if (!text.empty()) text += "; ";
    text += to_text(instruction);
  }
  return text;
}

std::string to_row(const Rule& rule) {
  return fmt::format("BPFC_RULE(\"{}\", \"{}\", \"{}\", \"{}\")", to_text(rule.window),
                     to_text(rule.replacement), registers_text(rule.dead),
                     condition_text(rule.condition));
}

}  // namespace bpfc::peephole
