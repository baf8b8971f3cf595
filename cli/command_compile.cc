#include <fmt/format.h>

#include "bpfc/listing.h"
#include "bpfc/program_cost.h"
#include "cli/command.h"
#include "cli/filter_programs.h"
#include "cli/stage_times.h"

namespace bpfc::cli {
namespace {

// Without the ends that loads out of bounds make.
std::string length_text(const Program& program) {
  const std::string count = fmt::format("{} instructions", program.size());
  const auto verified = verify(program, Rules::kLibpcap);
  const auto paths = verified ? measure_paths(*verified) : std::nullopt;
  if (!paths) return count;
  const auto [shortest, longest] = paths->whole;
  if (shortest == longest) return fmt::format("{}, {} executed", count, longest);
  return fmt::format("{}, {} to {} executed", count, shortest, longest);
}

}  // namespace

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
  if (command.statistics) terminal.note(length_text(compilation->program));
  if (command.time_passes) terminal.say(stage_table(measure_stages(text->text, options)));
  return kDone;
}

}  // namespace bpfc::cli
