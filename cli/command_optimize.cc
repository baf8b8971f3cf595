// bpfc optimize: a program that is there already, shortened.
#include <fmt/format.h>

#include "bpfc/listing.h"
#include "cli/command.h"
#include "cli/packet_source.h"
#include "cli/program_format.h"
#include "compiler/reduction/reduce.h"
#include "peephole/peephole.h"

namespace bpfc::cli {

int run(const OptimizeCommand& command, Terminal& terminal) {
  const auto text = read_file(command.program);
  if (!text) {
    terminal.error(text.error());
    return kBad;
  }
  const std::string origin = capture_name(command.program);
  const auto program = parse_program(*text);
  if (!program) {
    terminal.diagnostic(program.error(), *text, origin, "error");
    return kBad;
  }
  Rules rules = Rules::kKernel;
  if (!verify(*program, rules)) {
    rules = Rules::kLibpcap;
    const auto verified = verify(*program, rules);
    if (!verified) {
      terminal.error(fmt::format("{}: the program breaks a rule of the kernel and of libpcap: {}",
                                 origin, verified.error().message));
      return kBad;
    }
  }
  Program shorter = peephole::shortened(*program);
  if (command.full) shorter = reduction::reduced(shorter);
  const auto printed = command.format->print({.program = shorter, .filter = {}, .rules = rules});
  if (!printed) {
    terminal.error(printed.error());
    return kBad;
  }
  terminal.print(*printed);
  if (command.statistics) {
    terminal.note(fmt::format("{} instructions, {} before", shorter.size(), program->size()));
  }
  return terminal.finish() ? kDone : kBad;
}

}  // namespace bpfc::cli
