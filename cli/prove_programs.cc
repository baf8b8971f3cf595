#include "cli/prove_programs.h"

#include <fmt/format.h>

#include "bpfc/listing.h"
#include "cli/command.h"
#include "cli/packet_source.h"

namespace bpfc::cli {
namespace {

std::optional<Program> read_program_file(const std::string& path, Terminal& terminal) {
  const auto text = read_file(path);
  if (!text) {
    terminal.error(text.error());
    return std::nullopt;
  }
  auto program = parse_program(*text);
  if (program) return std::move(*program);
  terminal.diagnostic(program.error(), *text, capture_name(path), "error");
  return std::nullopt;
}

std::optional<Program> compile_text(const std::string& text, const std::string& name,
                                    const FilterOptions& options, Terminal& terminal) {
  auto compilation = compile(text, compile_options(options));
  if (!compilation) {
    terminal.diagnostic(compilation.error(), text, name, "error");
    return std::nullopt;
  }
  terminal.warnings(compilation->warnings, text, name);
  return std::move(compilation->program);
}

}  // namespace

int exit_code(Answer answer) {
  switch (answer) {
    case Answer::kYes:
      return kDone;
    case Answer::kNo:
      return kBad;
    case Answer::kUnknown:
      break;
  }
  return kUnknown;
}

std::optional<ProvePrograms> verify_all(const std::vector<Program>& programs,
                                        const std::vector<std::string>& names, Rules rules,
                                        Terminal& terminal) {
  ProvePrograms result{{}, rules};
  for (std::size_t i = 0; i < programs.size(); ++i) {
    auto verified = verify(programs[i], result.rules);
    if (!verified && result.rules == Rules::kKernel &&
        verified.error().rule == VerifyRule::kTooLong) {
      terminal.note(
          fmt::format("{}: {}: libpcap's rules are used", names[i], verified.error().message));
      return verify_all(programs, names, Rules::kLibpcap, terminal);
    }
    if (!verified) {
      terminal.error(fmt::format("{}: the program breaks a rule of {}: {}", names[i],
                                 result.rules == Rules::kLibpcap ? "libpcap" : "the kernel",
                                 verified.error().message));
      return std::nullopt;
    }
    result.programs.push_back(std::move(*verified));
  }
  return result;
}

std::optional<ProvePrograms> read_programs(const std::vector<std::string>& texts,
                                           const FilterOptions& options, Rules rules,
                                           Terminal& terminal) {
  std::vector<Program> programs;
  std::vector<std::string> names;
  for (const std::string& text : texts) {
    const bool of_file = text.starts_with('@');
    if (of_file) {
      names.push_back(capture_name(text.substr(1)));
    } else if (texts.size() == 1) {
      names.emplace_back("filter");
    } else {
      names.emplace_back(names.empty() ? "first filter" : "second filter");
    }
    auto program = of_file ? read_program_file(text.substr(1), terminal)
                           : compile_text(text, names.back(), options, terminal);
    if (!program) return std::nullopt;
    programs.push_back(std::move(*program));
  }
  return verify_all(programs, names, rules, terminal);
}

}  // namespace bpfc::cli
