#include "cli/program_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bpfc/c_source.h"
#include "bpfc/listing.h"
#include "cli/machine_code_text.h"

namespace bpfc::cli {
namespace {

using Text = Expected<std::string, std::string>;

Text one_line(const PrintedProgram& printed) { return to_one_line(printed.program) + "\n"; }

Text c_source(const PrintedProgram& printed) {
  const auto verified = verify(printed.program, printed.rules);
  if (!verified) return tl::unexpected(verified.error().message);
  return to_c_source(*verified, {.about = printed.filter});
}

Text machine_code(const PrintedProgram& printed) {
  const auto verified = verify(printed.program, printed.rules);
  if (!verified) return tl::unexpected(verified.error().message);
  return to_machine_code_text(*verified, printed.filter);
}

constexpr auto kFormats = std::to_array<ProgramFormat>({
    {"listing", 1, "as tcpdump -d",
     [](const PrintedProgram& p) -> Text { return to_listing(p.program); }},
    {"c-array", 2, "a C array",
     [](const PrintedProgram& p) -> Text { return to_c_array(p.program); }},
    {"decimal", 3, "numbers",
     [](const PrintedProgram& p) -> Text { return to_decimal(p.program); }},
    {"one-line", 0, "numbers on one line, for xt_bpf", one_line},
    {"c", 0, "a function in C", c_source},
    {"x86", 0, "this machine's code for it", machine_code},
});

}  // namespace

std::span<const ProgramFormat> program_formats() { return kFormats; }

const ProgramFormat* find_program_format(std::string_view name) {
  const auto row = std::find_if(kFormats.begin(), kFormats.end(),
                                [&](const ProgramFormat& format) { return format.name == name; });
  return row == kFormats.end() ? nullptr : &*row;
}

const ProgramFormat* find_program_format(int flags) {
  const auto row = std::find_if(kFormats.begin(), kFormats.end(),
                                [&](const ProgramFormat& format) { return format.flags == flags; });
  return flags == 0 || row == kFormats.end() ? nullptr : &*row;
}

}  // namespace bpfc::cli
