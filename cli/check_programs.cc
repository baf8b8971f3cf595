#include "cli/check_programs.h"

#include <fmt/format.h>

#include "bpfc/listing.h"
#include "cli/packet_source.h"
#include "cli/profile_file.h"

namespace bpfc::cli {

std::optional<CheckPrograms> CheckPrograms::read(const CheckCommand& command, Terminal& terminal) {
  CheckPrograms programs(command);
  if (command.has_filter) {
    auto text = filter_text(command.filter);
    if (!text) {
      terminal.error(text.error());
      return std::nullopt;
    }
    programs.text_ = std::move(*text);
  }
  if (command.program.empty()) return programs;
  const auto text = read_file(command.program);
  if (!text) {
    terminal.error(text.error());
    return std::nullopt;
  }
  auto program = parse_program(*text);
  if (!program) {
    terminal.diagnostic(program.error(), *text, capture_name(command.program), "error");
    return std::nullopt;
  }
  programs.from_file_ = std::move(*program);
  return programs;
}

std::optional<ProgramSet> CheckPrograms::compile_for(const FilterOptions& filter,
                                                     Terminal& terminal) {
  ProgramSet set;
  set.filter = filter;
  set.has_filter = command_->has_filter;
  std::vector<Program> programs;
  const auto profile = read_profile(filter.profile, *compile_options(filter).link_type);
  if (!profile) {
    terminal.error(profile.error());
    return std::nullopt;
  }
  const bool both = filter.optimization != Optimization::kNone;
  for (const bool optimize : {false, true}) {
    if (!command_->has_filter || (optimize && !both)) continue;
    CompileOptions options = compile_options(filter);
    options.profile = profile->get();
    if (!optimize) options.optimization = Optimization::kNone;
    // Of the program that would be used.
    if (warned_ || optimize != both) options.warnings = {};
    auto compilation = compile(text_.text, options);
    if (!compilation) {
      terminal.diagnostic(compilation.error(), text_.text, text_.origin, "error");
      return std::nullopt;
    }
    terminal.warnings(compilation->warnings, text_.text, text_.origin);
    set.names.emplace_back(optimize ? "optimized" : "unoptimized");
    programs.push_back(std::move(compilation->program));
  }
  warned_ = true;
  if (!command_->program.empty()) {
    set.names.push_back(capture_name(command_->program));
    programs.push_back(from_file_);
  }
  for (std::size_t i = 0; i < programs.size(); ++i) {
    const auto verified = verify(programs[i], Rules::kKernel);
    if (verified || !set.kernel_refusal.empty()) continue;
    const bool of_file = i + 1 == programs.size() && !command_->program.empty();
    set.kernel_refusal =
        fmt::format("the kernel does not take {}: {}",
                    of_file ? set.names[i] : fmt::format("the {} program", set.names[i]),
                    verified.error().message);
  }
  const Rules rules = set.kernel_refusal.empty() ? Rules::kKernel : Rules::kLibpcap;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    auto verified = verify(programs[i], rules);
    if (!verified) {
      terminal.error(
          fmt::format("{}: the program breaks a rule: {}", set.names[i], verified.error().message));
      return std::nullopt;
    }
    set.programs.push_back(std::move(*verified));
  }
  return set;
}

}  // namespace bpfc::cli
