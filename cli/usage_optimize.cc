// The command line of `bpfc optimize`.
#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/command.h"
#include "cli/raw_options.h"

namespace bpfc::cli {

int run_optimize_command_line(int argument_count, const char* const* arguments,
                              Terminal& terminal) {
  CLI::App app(
      "Prints a program as a shorter one with the same verdict on every packet: short runs of "
      "instructions are replaced by rules, each of which is proved.",
      "bpfc optimize");
  RawOptions raw;
  OptimizeCommand command;
  int listings = 0;
  app.add_option("--program", command.program, "The program (- is standard input)")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_flag("-d", listings, "Print a listing; -dd a C array, -ddd decimal numbers");
  app.add_flag("--full", command.full, "Leave out too what a proof shows no packet needs: seconds");
  app.add_flag("--stats", command.statistics, "Say how long the program was and is");
  return parse_and_run(app, raw, argument_count, arguments, terminal, [&] {
    if (!raw.words.empty() || !raw.warnings.empty() || command.program.empty()) {
      return usage_error(terminal, "optimize takes --program FILE, and no filter");
    }
    command.format = find_program_format(std::clamp(listings, 1, 3));
    return run(command, terminal);
  });
}

}  // namespace bpfc::cli
