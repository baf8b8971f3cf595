#include <fmt/format.h>

#include "bpfc/listing.h"
#include "cli/command.h"
#include "cli/filter_programs.h"

namespace bpfc::cli {

int run(const CompileCommand& command, Terminal& terminal) {
  const auto text = filter_text(command.filter);
  if (!text) {
    terminal.error(text.error());
    return kBad;
  }
  CompileOptions options = compile_options(command.filter);
  options.dump = command.dump;
  const auto compilation = compile(text->text, options);
  if (!compilation) {
    terminal.diagnostic(compilation.error(), text->text, text->origin, "error");
    return kBad;
  }
  terminal.warnings(compilation->warnings, text->text, text->origin);
  terminal.print(command.dump.empty() ? listing(compilation->program, command.format)
                                      : compilation->dump);
  if (!terminal.finish()) return kBad;
  if (command.statistics) {
    terminal.note(fmt::format("{} instructions", compilation->program.size()));
  }
  return kDone;
}

}  // namespace bpfc::cli
