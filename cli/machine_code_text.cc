#include "cli/machine_code_text.h"

#include <Zydis/Zydis.h>
#include <fmt/format.h>

#include <iterator>
#include <optional>
#include <vector>

#include "bpfc/jit.h"
#include "bpfc/listing.h"

namespace bpfc::cli {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    lines.push_back(text.substr(start, end - start));
    if (end == std::string::npos) break;
    start = end + 1;
  }
  return lines;
}

}  // namespace

Expected<std::string, std::string> to_machine_code_text(const VerifiedProgram& program,
                                                        std::string_view filter) {
  const auto compiled = Jit::compile(program, {.locations = true});
  if (!compiled) return tl::unexpected(compiled.error());
  const std::vector<std::string> listing = lines_of(to_listing(program.program()));
  const std::span<const std::uint8_t> code = compiled->code();
  const std::span<const CodeLocation> locations = compiled->locations();

  std::string text;
  const auto out = std::back_inserter(text);
  if (!filter.empty()) fmt::format_to(out, "; {}\n", filter);
  if (locations.empty() || locations.front().offset != 0) {
    fmt::format_to(out, "; what tests of fields at fixed places decide, all at once\n");
  }
  auto location = locations.begin();
  std::optional<std::uint32_t> shown;
  for (std::size_t offset = 0; offset < code.size();) {
    for (; location != locations.end() && location->offset <= offset; ++location) {
      if (shown == location->instruction) continue;
      shown = location->instruction;
      fmt::format_to(out, "; {}\n", listing[*shown]);
    }
    ZydisDisassembledInstruction instruction;
    if (ZYAN_FAILED(ZydisDisassembleIntel(ZYDIS_MACHINE_MODE_LONG_64, offset, code.data() + offset,
                                          code.size() - offset, &instruction))) {
      return tl::unexpected(fmt::format("cannot read the machine code at {:#x}", offset));
    }
    fmt::format_to(out, "{:6x}  {}\n", offset, instruction.text);
    offset += instruction.info.length;
  }
  return text;
}

}  // namespace bpfc::cli
