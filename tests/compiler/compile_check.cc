#include "tests/compiler/compile_check.h"

#include <optional>

#include "bpfc/verify.h"
#include "compiler/unasked_hosts.h"

namespace bpfc::testing {
namespace {

std::optional<std::string> check_diagnostic(const Diagnostic& diagnostic, std::string_view text) {
  if (diagnostic.message.empty()) return "a message without words";
  if (diagnostic.message.find_first_of("\r\n") != std::string::npos)
    return "a message of two lines";
  if (diagnostic.range.begin > diagnostic.range.end || diagnostic.range.end > text.size()) {
    return "a place outside of the text";
  }
  if (render(diagnostic, text, "filter").empty()) return "nothing rendered";
  return std::nullopt;
}

std::optional<std::string> check_program(const Compilation& compiled) {
  const bool too_long = compiled.program.size() > kKernelMaxInstructions;
  const auto verified = verify(compiled.program, too_long ? Rules::kLibpcap : Rules::kKernel);
  if (!verified) return verified.error().message;
  bool warned = false;
  for (const Diagnostic& warning : compiled.warnings) {
    warned = warned || warning.code == DiagnosticCode::kWarnProgramTooLong;
  }
  if (warned != too_long) return "a program's length and its warning disagree";
  return std::nullopt;
}

}  // namespace

CompileCheck check_compile(std::string_view text, const CompileOptions& options) {
  const auto compiled = compile(text, options);
  if (!compiled) {
    const Diagnostic& error = compiled.error();
    // Nobody asks whether a host in a hint exists.
    const UnaskedHosts names(options.resolver, text);
    CompileOptions unasked = options;
    unasked.resolver = &names;
    if (!error.hint.empty() && !compile(error.hint, unasked)) {
      return {false, "a hint that does not compile: " + error.hint};
    }
    return {false, check_diagnostic(error, text).value_or("")};
  }
  for (const Diagnostic& warning : compiled->warnings) {
    if (const auto wrong = check_diagnostic(warning, text)) return {true, *wrong};
  }
  return {true, check_program(*compiled).value_or("")};
}

}  // namespace bpfc::testing
