#include "vm/c_text.h"

#include <fmt/format.h>

#include <limits>

namespace bpfc {

std::string_view symbol(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::kAdd:
      return "+";
    case Arithmetic::kSubtract:
      return "-";
    case Arithmetic::kMultiply:
      return "*";
    case Arithmetic::kDivide:
      return "/";
    case Arithmetic::kModulo:
      return "%";
    case Arithmetic::kAnd:
      return "&";
    case Arithmetic::kOr:
      return "|";
    case Arithmetic::kXor:
      return "^";
    case Arithmetic::kShiftLeft:
      return "<<";
    case Arithmetic::kShiftRight:
      return ">>";
    case Arithmetic::kNegate:
      break;
  }
  return {};
}

std::string condition_text(Comparison comparison, std::string_view left, std::string_view right,
                           bool holds) {
  switch (comparison) {
    case Comparison::kEqual:
      return fmt::format("{} {} {}", left, holds ? "==" : "!=", right);
    case Comparison::kGreater:
      return fmt::format("{} {} {}", left, holds ? ">" : "<=", right);
    case Comparison::kGreaterOrEqual:
      return fmt::format("{} {} {}", left, holds ? ">=" : "<", right);
    case Comparison::kAnyBit:
      return fmt::format("({} & {}) {} 0", left, right, holds ? "!=" : "==");
  }
  return {};
}

std::optional<bool> decided(Comparison comparison, std::uint32_t right) {
  if (comparison == Comparison::kGreaterOrEqual && right == 0) return true;
  if (comparison == Comparison::kAnyBit && right == 0) return false;
  if (comparison == Comparison::kGreater && right == std::numeric_limits<std::uint32_t>::max()) {
    return false;
  }
  return std::nullopt;
}

std::string comment_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    const bool opens_or_closes =
        !safe.empty() && ((safe.back() == '/' && c == '*') || (safe.back() == '*' && c == '/'));
    if (opens_or_closes) safe += ' ';
    // A backslash at a line's end would join it with the next one.
    safe += static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? ' ' : c;
  }
  return safe;
}

std::string bytes_text(std::string_view first, std::uint32_t offset, unsigned size) {
  const auto byte = [&](std::uint32_t i) {
    if (first.empty()) return fmt::format("packet[{}]", offset + i);
    return i == 0 ? fmt::format("packet[{}]", first) : fmt::format("packet[{} + {}]", first, i);
  };
  std::string text;
  for (std::uint32_t i = 0; i < size; ++i) {
    const unsigned shift = 8 * (size - 1 - i);
    // Four are too many for a line.
    if (i > 0) text += i == 2 ? "\n    | " : " | ";
    text += shift == 0 ? byte(i) : fmt::format("(uint32_t){} << {}", byte(i), shift);
  }
  return text;
}

}  // namespace bpfc
