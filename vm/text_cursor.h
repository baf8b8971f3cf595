// A position in a text that is being read, and the diagnostics about what stands there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bpfc/diagnostic.h"
#include "bpfc/expected.h"

namespace bpfc {

// Non-owning: the text outlives the cursor. At most 2^32-1 bytes, so that offsets fit a
// SourceRange.
class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : text_(text) {}

  std::uint32_t position() const { return static_cast<std::uint32_t>(position_); }
  bool at_end() const { return position_ == text_.size(); }
  // At the end of the text or of a line.
  bool at_line_end() const { return at_end() || text_[position_] == '\n'; }
  // '\0' at the end.
  char peek() const { return at_end() ? '\0' : text_[position_]; }

  // Spaces, tabs and carriage returns; with the second, line breaks too.
  void skip_blanks();
  void skip_white_space();
  // Blanks, then `literal` if it comes next; else nothing is read but the blanks.
  bool take(std::string_view literal);
  // Blanks, then the longest run of lower-case letters and `_`; may be empty.
  std::string_view take_word();
  // Blanks, then a decimal number, or after 0x a hexadecimal one, with a `-` before it where
  // `minimum` is negative. `what` names it in the message. Nothing is read but the blanks where no
  // number is.
  Expected<std::int64_t, Diagnostic> take_number(std::string_view what, std::int64_t minimum,
                                                 std::int64_t maximum);
  // Blanks, then the end of the line, which is read.
  Expected<void, Diagnostic> take_line_end();

  // `expected WHAT`, at what comes next on the line.
  Diagnostic expected(std::string_view what) const;
  // About what has been read from `begin` on.
  Diagnostic wrong_since(std::uint32_t begin, std::string message) const;

 private:
  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace bpfc
