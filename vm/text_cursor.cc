#include "vm/text_cursor.h"

#include <fmt/format.h>

#include <charconv>
#include <system_error>
#include <utility>

namespace bpfc {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

}  // namespace

void TextCursor::skip_blanks() {
  while (!at_end() && is_blank(text_[position_])) ++position_;
}

void TextCursor::skip_white_space() {
  while (!at_end() && (is_blank(text_[position_]) || text_[position_] == '\n')) ++position_;
}

bool TextCursor::take(std::string_view literal) {
  skip_blanks();
  if (!text_.substr(position_).starts_with(literal)) return false;
  position_ += literal.size();
  return true;
}

std::string_view TextCursor::take_word() {
  skip_blanks();
  const std::size_t begin = position_;
  while (!at_end() && is_word(text_[position_])) ++position_;
  return text_.substr(begin, position_ - begin);
}

Expected<std::int64_t, Diagnostic> TextCursor::take_number(std::string_view what,
                                                           std::int64_t minimum,
                                                           std::int64_t maximum) {
  skip_blanks();
  const std::uint32_t begin = position();
  std::string_view rest = text_.substr(position_);
  const bool negative = minimum < 0 && rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  if (rest.empty() || !is_digit(rest.front())) return tl::unexpected(expected(what));
  const bool hexadecimal = rest.starts_with("0x");
  if (hexadecimal) rest.remove_prefix(2);
  std::int64_t magnitude = 0;
  const auto [end, error] =
      std::from_chars(rest.data(), rest.data() + rest.size(), magnitude, hexadecimal ? 16 : 10);
  // from_chars takes a sign of its own.
  if (error == std::errc::invalid_argument || rest.front() == '-') {
    return tl::unexpected(expected("hexadecimal digits after 0x"));
  }
  position_ = static_cast<std::size_t>(end - text_.data());
  const std::int64_t value = negative ? -magnitude : magnitude;
  if (error != std::errc{} || value < minimum || value > maximum) {
    return tl::unexpected(wrong_since(
        begin, fmt::format("{} is not a number between {} and {}", what, minimum, maximum)));
  }
  return value;
}

Expected<void, Diagnostic> TextCursor::take_line_end() {
  skip_blanks();
  if (!at_line_end()) return tl::unexpected(expected("the end of the line"));
  if (!at_end()) ++position_;
  return {};
}

Diagnostic TextCursor::expected(std::string_view what) const {
  std::size_t end = position_;
  while (end < text_.size() && text_[end] != '\n' && !is_blank(text_[end])) ++end;
  return {DiagnosticCode::kBadProgram,
          {position(), static_cast<std::uint32_t>(end)},
          fmt::format("expected {}", what),
          {}};
}

Diagnostic TextCursor::wrong_since(std::uint32_t begin, std::string message) const {
  return {DiagnosticCode::kBadProgram, {begin, position()}, std::move(message), {}};
}

}  // namespace bpfc
