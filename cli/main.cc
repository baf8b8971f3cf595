#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "cli/command.h"

namespace {

// Gives each standard stream that is closed a descriptor on which every use fails, so that no file
// opened later gets its number, and with it what was meant for the stream.
void occupy_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) != -1) continue;
    const int unusable = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    // The lowest free number is the stream's.
    (void)open("/dev/null", unusable);
  }
}

}  // namespace

int main(int argument_count, char** arguments) {
  occupy_standard_streams();
  // A reader that goes away is an error to report, not a reason to vanish.
  std::signal(SIGPIPE, SIG_IGN);
  // So is a file that may not grow any more (ulimit -f).
  std::signal(SIGXFSZ, SIG_IGN);
  bpfc::cli::Terminal terminal;
  return bpfc::cli::run_command_line(argument_count, arguments, terminal);
}
