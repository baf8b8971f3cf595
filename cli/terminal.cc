#include "cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace bpfc::cli {
namespace {

constexpr std::size_t kBlock = 65536;
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kRed = "\x1b[1;31m";
constexpr std::string_view kMagenta = "\x1b[1;35m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kReset = "\x1b[0m";

// Writes all of it; the error number, or 0.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// The severity and the caret line of a rendered diagnostic.
std::string coloured(std::string text, std::string_view severity) {
  const std::string mark = fmt::format(" {}: ", severity);
  if (const std::size_t at = text.find(mark); at != std::string::npos) {
    const std::string_view colour = severity == "error" ? kRed : kMagenta;
    const std::size_t line = text.find('\n', at);
    if (line != std::string::npos) {
      const std::size_t caret = text.find('\n', line + 1);
      if (caret != std::string::npos) {
        const std::size_t end = std::min(text.find('\n', caret + 1), text.size());
        text.insert(end, kReset);
        text.insert(caret + 1, kGreen);
      }
      text.insert(line, kReset);
    }
    text.replace(at, mark.size(), fmt::format(" {}{}:{}{} ", colour, severity, kReset, kBold));
  }
  return text;
}

}  // namespace

Terminal::Terminal()
    : stdout_is_terminal_(isatty(STDOUT_FILENO) == 1),
      stderr_is_terminal_(isatty(STDERR_FILENO) == 1) {
  const char* no_colour = std::getenv("NO_COLOR");
  colour_ = stderr_is_terminal_ && (no_colour == nullptr || *no_colour == '\0');
}

void Terminal::print(std::string_view text) {
  pending_ += text;
  if (stdout_is_terminal_ || pending_.size() >= kBlock) flush();
}

void Terminal::flush() {
  if (error_ == 0) error_ = write_all(STDOUT_FILENO, pending_);
  pending_.clear();
}

bool Terminal::finish() {
  flush();
  if (error_ != 0 && !reported_) {
    reported_ = true;
    error(fmt::format("standard output: {}", std::generic_category().message(error_)));
  }
  return error_ == 0;
}

void Terminal::error(std::string_view message) { note(message); }

void Terminal::note(std::string_view message) { say(fmt::format("bpfc: {}\n", message)); }

void Terminal::say(std::string_view text) {
  // What cannot be said on standard error cannot be said anywhere.
  (void)write_all(STDERR_FILENO, text);
}

void Terminal::diagnostic(const Diagnostic& diagnostic, std::string_view source,
                          std::string_view origin, std::string_view severity) {
  std::string text = render(diagnostic, source, origin, severity);
  if (colour_) text = coloured(std::move(text), severity);
  (void)write_all(STDERR_FILENO, text + "\n");
}

void Terminal::warnings(const std::vector<Diagnostic>& warnings, std::string_view source,
                        std::string_view origin) {
  for (Diagnostic warning : warnings) {
    warning.message += fmt::format(" [-W{}]", name(warning.code));
    diagnostic(warning, source, origin, "warning");
  }
}

}  // namespace bpfc::cli
