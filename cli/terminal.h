// Standard output and standard error of a command.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bpfc/diagnostic.h"

namespace bpfc::cli {

// Gathers standard output, and says of it what failed. Not thread-safe.
class Terminal {
 public:
  // Colours diagnostics if standard error is a terminal and NO_COLOR is not set, or empty
  // (no-color.org).
  Terminal();

  // To standard output: in blocks, or at once where it is a terminal.
  void print(std::string_view text);
  // Writes what is gathered. False, having said why on standard error, if this or an earlier write
  // failed: then the output is not complete.
  bool finish();
  // Whether a write has failed: going on is pointless.
  bool broken() const { return error_ != 0; }

  // `bpfc: MESSAGE` on standard error.
  void error(std::string_view message);
  void note(std::string_view message);
  // The text as it is, on standard error.
  void say(std::string_view text);
  // With its source line; `origin` names the text.
  void diagnostic(const Diagnostic& diagnostic, std::string_view source, std::string_view origin,
                  std::string_view severity);
  // Each with the option that chooses its kind.
  void warnings(const std::vector<Diagnostic>& warnings, std::string_view source,
                std::string_view origin);

  // Whether a person is likely to read standard error.
  bool stderr_is_terminal() const { return stderr_is_terminal_; }

  // Whether a line on standard error that changes in place disturbs nobody. `prints_lines`: to
  // standard output meanwhile.
  bool may_show_progress(bool prints_lines) const {
    return stderr_is_terminal_ && !(prints_lines && stdout_is_terminal_);
  }

 private:
  void flush();

  std::string pending_;
  int error_ = 0;
  bool reported_ = false;
  bool stdout_is_terminal_ = false;
  bool stderr_is_terminal_ = false;
  bool colour_ = false;
};

}  // namespace bpfc::cli
