// The command lines of `bpfc equiv`, `implies`, `overlap` and `satisfy`.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/command.h"
#include "cli/raw_options.h"

namespace bpfc::cli {
namespace {

struct ProofWord {
  std::string_view word;
  ProofQuestion question;
  const char* about;
};

constexpr std::array kProofWords = {
    ProofWord{"equiv", ProofQuestion::kEquivalence,
              "Proves that two filters return the same for every packet, or finds one that tells "
              "them apart."},
    ProofWord{"implies", ProofQuestion::kImplication,
              "Proves that the second filter matches whatever the first one matches, or finds a "
              "packet that only the first one matches."},
    ProofWord{"overlap", ProofQuestion::kOverlap,
              "Finds a packet that both filters match, or proves that there is none."},
    ProofWord{"satisfy", ProofQuestion::kSatisfaction,
              "Finds a packet that the filter matches, a shortest one, or proves that there is "
              "none."},
};

constexpr const char* kProveExamples = R"(Examples:
  bpfc equiv 'tcp port 80' 'tcp and port 80'
  bpfc implies 'host 10.0.0.1 and udp' 'ip'   whether a rule covers another
  bpfc equiv @program.txt 'tcp port 80'       a program file, as bpfc -d, -dd or -ddd prints it
Exit codes: 0 yes; 1 no; 3 unknown; 2 wrong usage, or a bad filter, program or file.)";

}  // namespace

bool is_proof_word(std::string_view word) {
  return std::any_of(kProofWords.begin(), kProofWords.end(),
                     [=](const ProofWord& row) { return row.word == word; });
}

int run_prove_command_line(int argument_count, const char* const* arguments, Terminal& terminal) {
  const std::string_view word = arguments[0];
  const auto* row = std::find_if(kProofWords.begin(), kProofWords.end(),
                                 [=](const ProofWord& known) { return known.word == word; });
  CLI::App app(row->about, fmt::format("bpfc {}", word));
  app.footer(footer(kProveExamples));
  RawOptions raw;
  ProveCommand command;
  command.question = row->question;
  std::string rules;
  std::uint32_t timeout = 0;
  add_filter_options(app, raw);
  app.remove_option(app.get_option("--file"));
  app.remove_option(app.get_option("--profile"));
  app.add_option("-w,--write", command.output, "Write the packet to a capture file")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option("--timeout", timeout, "Give up after so many seconds (default 10)")
      ->check(number())
      ->type_name("SECONDS");
  app.add_option("--rules", rules, "Whose arithmetic and limits (default kernel)")
      ->check(CLI::IsMember({"kernel", "libpcap"}));
  if (row->question == ProofQuestion::kEquivalence) {
    app.add_flag("--match", command.matches_only,
                 "Compare whether they match only, not what they return");
  }
  return parse_and_run(app, raw, argument_count, arguments, terminal, [&] {
    auto filter = check(raw, app.count("--snaplen") > 0, terminal);
    if (!filter) return usage_error(terminal, filter.error());
    const std::size_t wanted = row->question == ProofQuestion::kSatisfaction ? 1 : 2;
    if (filter->words.size() != wanted) {
      return usage_error(
          terminal, fmt::format("{} takes {}, each in quotes: {} words are there", word,
                                wanted == 1 ? "one filter" : "two filters", filter->words.size()));
    }
    if (std::count(filter->words.begin(), filter->words.end(), "@-") > 1) {
      return usage_error(terminal, "standard input holds one program");
    }
    command.texts = std::move(filter->words);
    command.filter = std::move(*filter);
    command.libpcap_rules = rules == "libpcap";
    if (app.count("--timeout") > 0) command.timeout_seconds = timeout;
    return run(command, terminal);
  });
}

}  // namespace bpfc::cli
