#include <csignal>

#include "cli/command.h"

int main(int argument_count, char** arguments) {
  // A reader that goes away is an error to report, not a reason to vanish.
  std::signal(SIGPIPE, SIG_IGN);
  bpfc::cli::Terminal terminal;
  return bpfc::cli::run_command_line(argument_count, arguments, terminal);
}
