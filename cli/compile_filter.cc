#include "cli/compile_filter.h"

#include "cli/profile_file.h"

namespace bpfc::cli {

std::optional<Compilation> compile_filter(const FilterOptions& options, const FilterText& text,
                                          Terminal& terminal) {
  CompileOptions how = compile_options(options);
  const auto profile = read_profile(options.profile, *how.link_type);
  if (!profile) {
    terminal.error(profile.error());
    return std::nullopt;
  }
  how.profile = profile->get();
  auto compilation = compile(text.text, how);
  if (!compilation) {
    terminal.diagnostic(compilation.error(), text.text, text.origin, "error");
    return std::nullopt;
  }
  terminal.warnings(compilation->warnings, text.text, text.origin);
  return std::move(*compilation);
}

}  // namespace bpfc::cli
