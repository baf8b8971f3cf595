#include "cli/filter_programs.h"

#include <fmt/format.h>

#include "cli/compile_filter.h"

namespace bpfc::cli {

const VerifiedProgram* FilterPrograms::find(std::uint16_t link_type, bool swapped,
                                            std::uint32_t snaplen) {
  for (const Entry& entry : entries_) {
    if (entry.link_type == link_type && entry.swapped == swapped && entry.snaplen == snaplen) {
      return entry.program.get();
    }
  }
  FilterOptions options = options_;
  if (options.link_type == nullptr) options.link_type = find_link_type_of_file(link_type);
  if (options.link_type == nullptr) {
    terminal_.error(fmt::format(
        "packets of link type {} are in this file, which bpfc does not know", link_type));
    return nullptr;
  }
  if (options.target == Target::kPlain) {
    options.target = swapped ? Target::kSwappedSavefile : Target::kNativeSavefile;
  }
  if (!options.snaplen) options.snaplen = snaplen;
  // Once is enough, whatever other kinds of packet come.
  const bool first = entries_.empty();
  if (!first) options.warnings = {};
  const auto compilation = compile_filter(options, text_, terminal_);
  if (!compilation) return nullptr;
  auto verified = verify(compilation->program, rules_);
  if (!verified) {
    terminal_.error(fmt::format("the program breaks a rule: {}", verified.error().message));
    return nullptr;
  }
  entries_.push_back(
      {link_type, swapped, snaplen, std::make_unique<VerifiedProgram>(std::move(*verified))});
  return entries_.back().program.get();
}

}  // namespace bpfc::cli
