#include <fmt/format.h>

#include <chrono>

#include "bpfc/program_cost.h"
#include "cli/command.h"
#include "cli/hex_text.h"
#include "cli/likely_packets.h"
#include "cli/profile_file.h"
#include "cli/prove_programs.h"
#include "cli/solver_module.h"
#include "cli/stage_times.h"

namespace bpfc::cli {
namespace {

// Without the ends that loads out of bounds make.
std::string length_text(const Program& program) {
  std::string count = fmt::format("{} instructions", program.size());
  const auto verified = verify(program, Rules::kLibpcap);
  const auto paths = verified ? measure_paths(*verified) : std::nullopt;
  if (!paths) return count;
  const auto [shortest, longest] = paths->whole;
  if (shortest == longest) return fmt::format("{}, {} executed", count, longest);
  return fmt::format("{}, {} to {} executed", count, shortest, longest);
}

// Whether the program is the unoptimized one, for every packet.
int verify_optimization(const Program& program, const std::string& text, CompileOptions options,
                        Terminal& terminal) {
  options.optimization = Optimization::kNone;
  options.warnings = {};
  options.dump.clear();
  const auto unoptimized = compile(text, options);
  if (!unoptimized) {
    terminal.error("the filter does not compile without optimization");
    return kUsage;
  }
  const auto verified =
      verify_all({unoptimized->program, program}, {"the unoptimized program", "the program"},
                 Rules::kKernel, terminal);
  if (!verified) return kUsage;
  ProofOptions wanted;
  wanted.likely = likely_packets(*options.link_type);
  const auto start = std::chrono::steady_clock::now();
  const auto proof = prove_with_module(
      [&](const ProofOptions& given) {
        return equivalence(verified->programs[0], verified->programs[1], given);
      },
      wanted);
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
  if (!proof) {
    terminal.error(proof.error().message);
    return kUsage;
  }
  const std::string time = fmt::format("{:.1f} ms", spent.count());
  if (proof->witness) {
    terminal.error(fmt::format(
        "the optimization is wrong: the unoptimized program returns {}, this one {}, of packet {} "
        "with wire length {} ({})",
        proof->witness->first, proof->witness->second, to_hex(proof->witness->captured),
        proof->witness->wire_length, time));
  } else if (proof->answer == Answer::kYes) {
    terminal.note(fmt::format("the optimization is proved ({})", time));
  } else {
    terminal.note(
        fmt::format("whether the optimization is right is unknown: {} ({})", proof->reason, time));
  }
  return exit_code(proof->answer);
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
  const auto profile = read_profile(command.filter.profile, *options.link_type);
  if (!profile) {
    terminal.error(profile.error());
    return kBad;
  }
  options.profile = profile->get();
  const auto compilation = compile(text->text, options);
  if (!compilation) {
    terminal.diagnostic(compilation.error(), text->text, text->origin, "error");
    return kBad;
  }
  terminal.warnings(compilation->warnings, text->text, text->origin);
  if (command.dump.empty()) {
    // Only a socket can tell what --linux-ext asks for.
    const bool in_kernel = command.filter.target == Target::kLiveLinux;
    const auto printed = command.format->print(
        {compilation->program, text->text, in_kernel ? Rules::kKernel : Rules::kLibpcap});
    if (!printed) {
      terminal.error(printed.error());
      return kBad;
    }
    terminal.print(*printed);
  } else {
    terminal.print(compilation->dump);
  }
  if (!terminal.finish()) return kBad;
  if (command.statistics) terminal.note(length_text(compilation->program));
  if (command.time_passes) terminal.say(stage_table(measure_stages(text->text, options)));
  if (command.verify_optimization) {
    return verify_optimization(compilation->program, text->text, options, terminal);
  }
  return kDone;
}

}  // namespace bpfc::cli
