// Rules as text, the way rules.def has them: listings with symbols for constants, separated by
// semicolons.
//
//   "ld #k; tax"   "ldx #k"   dead "A"                     condition ""
//   "ldb [k]; ld [l]"   "ld [l]"   dead ""                 condition "k + 1 <= l + 4"
//   "ldx #pktlen; ld #k; jge x, T, F"   "ld #pktlen; jgt #k, F, T"   dead "A X"   condition ""
//
// Parsing runs at compile time; what is wrong in a row does not compile.
#pragma once

#include <string>
#include <string_view>

#include "peephole/rule.h"

namespace bpfc::peephole {

namespace rule_text {

class Cursor {
 public:
  constexpr explicit Cursor(std::string_view text) : text_(text) { skip(); }

  constexpr bool at_end() const { return text_.empty(); }
  constexpr char peek() const { return text_.empty() ? '\0' : text_.front(); }
  constexpr bool take(std::string_view token) {
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    skip();
    return true;
  }
  constexpr void expect(std::string_view token) {
    if (!take(token)) throw "something else was expected in a rule";
  }
  constexpr std::string_view take_word() {
    std::size_t length = 0;
    while (length < text_.size() && text_[length] >= 'a' && text_[length] <= 'z') ++length;
    const std::string_view word = text_.substr(0, length);
    text_.remove_prefix(length);
    skip();
    return word;
  }
  constexpr bool at_digit() const { return peek() >= '0' && peek() <= '9'; }
  constexpr std::uint32_t take_number() {
    if (!at_digit()) throw "a number was expected in a rule";
    const bool hexadecimal = text_.starts_with("0x");
    if (hexadecimal) text_.remove_prefix(2);
    std::uint32_t value = 0;
    for (;; text_.remove_prefix(1)) {
      const char c = peek();
      if (c >= '0' && c <= '9') {
        value = value * (hexadecimal ? 16 : 10) + static_cast<std::uint32_t>(c - '0');
      } else if (hexadecimal && c >= 'a' && c <= 'f') {
        value = value * 16 + static_cast<std::uint32_t>(c - 'a' + 10);
      } else {
        break;
      }
    }
    skip();
    return value;
  }

 private:
  constexpr void skip() {
    while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
  }

  std::string_view text_;
};

inline constexpr std::string_view kSymbolNames = "klm";
inline constexpr std::string_view kCellNames = "ij";
struct OperatorName {
  Arithmetic op;
  std::string_view text;
};
inline constexpr auto kOperatorNames = std::to_array<OperatorName>({
    {Arithmetic::kShiftLeft, "<<"},
    {Arithmetic::kShiftRight, ">>"},
    {Arithmetic::kAdd, "+"},
    {Arithmetic::kSubtract, "-"},
    {Arithmetic::kMultiply, "*"},
    {Arithmetic::kDivide, "/"},
    {Arithmetic::kModulo, "%"},
    {Arithmetic::kAnd, "&"},
    {Arithmetic::kOr, "|"},
    {Arithmetic::kXor, "^"},
});

constexpr std::uint8_t take_name(Cursor& cursor, std::string_view names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (cursor.take(names.substr(i, 1))) return static_cast<std::uint8_t>(i);
  }
  throw "a symbol was expected in a rule";
}

constexpr Term take_term(Cursor& cursor) {
  if (cursor.at_digit()) return {false, cursor.take_number()};
  return {true, take_name(cursor, kSymbolNames)};
}

constexpr Operand take_expression(Cursor& cursor) {
  Operand operand;
  operand.left = take_term(cursor);
  for (const OperatorName& name : kOperatorNames) {
    if (!cursor.take(name.text)) continue;
    operand.compound = true;
    operand.op = name.op;
    operand.right = take_term(cursor);
    break;
  }
  return operand;
}

constexpr Way take_way(Cursor& cursor) {
  if (cursor.take("T")) return Way::kTaken;
  cursor.expect("F");
  return Way::kNotTaken;
}

// The operand of an operation of this format, if it looks like one.
constexpr std::optional<Operand> take_operand(Cursor& cursor, OperandFormat format) {
  switch (format) {
    case OperandFormat::kNone:
      return cursor.at_end() || cursor.peek() == ';' ? std::optional(Operand{}) : std::nullopt;
    case OperandFormat::kPacketLength:
      return cursor.take("#pktlen") ? std::optional(Operand{}) : std::nullopt;
    case OperandFormat::kIndexRegister:
      return cursor.take("x") ? std::optional(Operand{}) : std::nullopt;
    case OperandFormat::kTarget:
      return cursor.peek() == 'T' || cursor.peek() == 'F' ? std::optional(Operand{}) : std::nullopt;
    case OperandFormat::kHexConstant:
    case OperandFormat::kDecimalConstant: {
      Cursor ahead = cursor;
      if (ahead.take("#pktlen") || !cursor.take("#")) return std::nullopt;
      return take_expression(cursor);
    }
    case OperandFormat::kAbsolute:
    case OperandFormat::kIndexed: {
      Cursor ahead = cursor;
      if (!ahead.take("[")) return std::nullopt;
      if (ahead.take("x +") != (format == OperandFormat::kIndexed)) return std::nullopt;
      const Operand operand = take_expression(ahead);
      ahead.expect("]");
      cursor = ahead;
      return operand;
    }
    case OperandFormat::kHeaderLength: {
      if (!cursor.take("4*([")) return std::nullopt;
      const Operand operand = take_expression(cursor);
      cursor.expect("]&0xf)");
      return operand;
    }
    case OperandFormat::kCell: {
      if (!cursor.take("M[")) return std::nullopt;
      Operand operand;
      operand.left = {true, take_name(cursor, kCellNames)};
      cursor.expect("]");
      return operand;
    }
  }
  return std::nullopt;
}

constexpr PatternInstruction take_instruction(Cursor& cursor) {
  const std::string_view mnemonic = cursor.take_word();
  for (const OperationInfo& row : kOperations) {
    if (row.mnemonic != mnemonic) continue;
    const auto operand = take_operand(cursor, row.format);
    if (!operand) continue;
    PatternInstruction result{row.operation, *operand, Way::kTaken};
    if (row.kind == OperationClass::kJump) result.on_true = take_way(cursor);
    if (row.kind == OperationClass::kBranch) {
      cursor.expect(",");
      result.on_true = take_way(cursor);
      cursor.expect(",");
      if (take_way(cursor) == result.on_true) throw "a jump of a rule leads one way only";
    }
    return result;
  }
  throw "a rule has an instruction that there is not";
}

}  // namespace rule_text

constexpr Pattern parse_pattern(std::string_view text) {
  rule_text::Cursor cursor(text);
  Pattern pattern;
  while (!cursor.at_end()) {
    if (pattern.count == kLongestWindow) throw "a rule is too long";
    pattern.instructions[pattern.count++] = rule_text::take_instruction(cursor);
    if (!cursor.at_end()) cursor.expect(";");
  }
  return pattern;
}

constexpr Rule parse_rule(std::string_view window, std::string_view replacement,
                          std::string_view dead, std::string_view condition) {
  Rule rule;
  rule.window = parse_pattern(window);
  rule.replacement = parse_pattern(replacement);
  rule_text::Cursor registers(dead);
  while (!registers.at_end()) {
    if (registers.take("A")) {
      rule.dead |= kRegisterA;
    } else if (registers.take("X")) {
      rule.dead |= kRegisterX;
    } else {
      registers.expect("M[");
      rule.dead = static_cast<std::uint8_t>(
          rule.dead | register_of_cell(take_name(registers, rule_text::kCellNames)));
      registers.expect("]");
    }
  }
  rule_text::Cursor cursor(condition);
  if (!cursor.at_end()) {
    Condition parsed;
    parsed.left = take_name(cursor, rule_text::kSymbolNames);
    cursor.expect("+");
    parsed.left_plus = static_cast<std::uint8_t>(cursor.take_number());
    cursor.expect("<=");
    parsed.right = take_name(cursor, rule_text::kSymbolNames);
    cursor.expect("+");
    parsed.right_plus = static_cast<std::uint8_t>(cursor.take_number());
    rule.condition = parsed;
  }
  return rule;
}

std::string to_text(const Pattern& pattern);
// A row of rules.def.
std::string to_row(const Rule& rule);

}  // namespace bpfc::peephole
