// The command line of `bpfc fuzz`.
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/raw_options.h"

namespace bpfc::cli {
namespace {

constexpr const char* kFuzzFooter = R"(Examples:
  bpfc fuzz --seconds 600
  bpfc fuzz --seed 7       the same filters, programs and packets again
Exit codes: 0 all engines agreed; 1 some did not: the command that shows it again is printed.)";

}  // namespace

int run_fuzz_command_line(int argument_count, const char* const* arguments, Terminal& terminal) {
  CLI::App app(
      "Runs random filters, optimized and not, and random programs in every engine and in the "
      "kernel, on packets made for each branch, until the time is up or verdicts differ.",
      "bpfc fuzz");
  app.footer(kFuzzFooter);
  RawOptions raw;
  FuzzCommand command;
  std::uint64_t seed = 0;
  app.add_option("--seconds", command.seconds, "For how long (default 10)")
      ->check(number())
      ->type_name("NUMBER");
  app.add_option("--seed", seed, "What all is made from (default: something new)")
      ->check(number())
      ->type_name("NUMBER");
  return parse_and_run(app, raw, argument_count, arguments, terminal, [&] {
    if (!raw.words.empty()) return usage_error(terminal, "fuzz takes no filter");
    if (!raw.warnings.empty()) return usage_error(terminal, "fuzz takes no -W");
    if (app.count("--seed") > 0) command.seed = seed;
    return run(command, terminal);
  });
}

}  // namespace bpfc::cli
