// Tells the formats of programs apart and reads those that are numbers.
#include <fmt/format.h>

#include <iterator>
#include <limits>

#include "bpfc/listing.h"
#include "vm/listing_parser.h"
#include "vm/text_cursor.h"

namespace bpfc {
namespace {

// The four numbers of an instruction; between them blanks and `separator`.
Expected<Instruction, Diagnostic> take_fields(TextCursor& cursor, std::string_view separator) {
  struct Field {
    std::string_view what;
    std::int64_t maximum;
  };
  static constexpr Field kFields[] = {
      {"an opcode", std::numeric_limits<std::uint16_t>::max()},
      {"a jump distance (jt)", std::numeric_limits<std::uint8_t>::max()},
      {"a jump distance (jf)", std::numeric_limits<std::uint8_t>::max()},
      {"an operand (k)", std::numeric_limits<std::uint32_t>::max()},
  };
  std::int64_t values[std::size(kFields)] = {};
  for (std::size_t i = 0; i < std::size(kFields); ++i) {
    if (i > 0 && !cursor.take(separator)) {
      return tl::unexpected(cursor.expected(fmt::format("'{}'", separator)));
    }
    const auto value = cursor.take_number(kFields[i].what, 0, kFields[i].maximum);
    if (!value) return tl::unexpected(value.error());
    values[i] = *value;
  }
  return Instruction{static_cast<std::uint16_t>(values[0]), static_cast<std::uint8_t>(values[1]),
                     static_cast<std::uint8_t>(values[2]), static_cast<std::uint32_t>(values[3])};
}

// `{ 0x28, 0, 0, 0x0000000c },` with any white space between; the last comma may be missing.
Expected<Program, Diagnostic> parse_c_array(TextCursor cursor) {
  Program program;
  for (cursor.skip_white_space(); !cursor.at_end(); cursor.skip_white_space()) {
    if (!cursor.take("{")) return tl::unexpected(cursor.expected("'{'"));
    const auto instruction = take_fields(cursor, ",");
    if (!instruction) return tl::unexpected(instruction.error());
    if (!cursor.take("}")) return tl::unexpected(cursor.expected("'}'"));
    program.push_back(*instruction);
    if (cursor.take(",")) continue;
    cursor.skip_white_space();
    if (!cursor.at_end()) return tl::unexpected(cursor.expected("',' between two instructions"));
  }
  return program;
}

// `40 0 0 12,21 0 1 2048` to the end of the text, after the count and a comma. bpf_asm ends the
// line with another comma.
Expected<Program, Diagnostic> parse_comma_separated(TextCursor& cursor) {
  Program program;
  do {
    cursor.skip_white_space();
    if (cursor.at_end()) return program;
    const auto instruction = take_fields(cursor, "");
    if (!instruction) return tl::unexpected(instruction.error());
    program.push_back(*instruction);
  } while (cursor.take(","));
  cursor.skip_white_space();
  if (!cursor.at_end()) return tl::unexpected(cursor.expected("',' or the end of the text"));
  return program;
}

// `40 0 0 12` a line, after the line of the count.
Expected<Program, Diagnostic> parse_lines(TextCursor& cursor) {
  Program program;
  for (;;) {
    if (auto end = cursor.take_line_end(); !end) return tl::unexpected(end.error());
    cursor.skip_white_space();
    if (cursor.at_end()) return program;
    const auto instruction = take_fields(cursor, "");
    if (!instruction) return tl::unexpected(instruction.error());
    program.push_back(*instruction);
  }
}

Expected<Program, Diagnostic> parse_counted(TextCursor cursor) {
  cursor.skip_white_space();
  const std::uint32_t begin = cursor.position();
  const auto count =
      cursor.take_number("the number of instructions", 0, std::numeric_limits<std::int32_t>::max());
  if (!count) return tl::unexpected(count.error());
  const SourceRange count_range{begin, cursor.position()};
  auto program = cursor.take(",") ? parse_comma_separated(cursor) : parse_lines(cursor);
  if (program && program->size() != static_cast<std::uint64_t>(*count)) {
    return tl::unexpected(Diagnostic{
        DiagnosticCode::kBadProgram,
        count_range,
        fmt::format("the count is {}, the number of instructions {}", *count, program->size()),
        {}});
  }
  return program;
}

}  // namespace

Expected<Program, Diagnostic> parse_program(std::string_view text) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
    return tl::unexpected(
        Diagnostic{DiagnosticCode::kTooLarge, {}, "the program's text is longer than 4 GiB", {}});
  }
  TextCursor cursor(text);
  cursor.skip_white_space();
  const char first = cursor.peek();
  if (first == '(') return parse_listing(cursor);
  if (first == '{') return parse_c_array(cursor);
  if (first >= '0' && first <= '9') return parse_counted(cursor);
  return tl::unexpected(cursor.expected("a program: '(000)', '{' or a number of instructions"));
}

}  // namespace bpfc
