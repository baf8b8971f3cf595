// The options that say what a filter is and what it is compiled for.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bpfc/compile.h"
#include "bpfc/expected.h"

namespace bpfc::cli {

struct OptimizationName {
  std::string_view name;
  Optimization level;
};

inline constexpr std::array kOptimizationNames = {
    OptimizationName{"none", Optimization::kNone},
    OptimizationName{"default", Optimization::kDefault},
    OptimizationName{"full", Optimization::kFull}, OptimizationName{"size", Optimization::kSize}};

struct FilterOptions {
  std::vector<std::string> words;       // of the expression, on the command line
  std::string file;                     // that holds it instead; - is standard input
  const LinkType* link_type = nullptr;  // none: EN10MB, or what the capture file says
  std::optional<std::uint32_t> snaplen;
  std::optional<std::uint32_t> netmask;
  Target target = Target::kPlain;
  Optimization optimization = Optimization::kDefault;
  std::string profile;  // a capture file; empty: none
  WarningSet warnings = kFreeWarnings;
};

// A filter's text and what to call it in messages.
struct FilterText {
  std::string text;
  std::string origin;
};

// The words with spaces between, or the file, in which a `#` and what follows on its line is a
// comment. An error: what is wrong with the file.
Expected<FilterText, std::string> filter_text(const FilterOptions& options);

// What is warned of, given the words behind each -W in their order: none is the usual set, `all`
// everything, a name that kind, `no-NAME` all but that. Where standard error is a terminal the
// usual set is there from the start. An error: what is wrong.
Expected<WarningSet, std::string> parse_warnings(const std::vector<std::string>& words,
                                                 bool on_terminal);

// For the compiler, with the system's names.
CompileOptions compile_options(const FilterOptions& options);

// A file, whole; - is standard input. An error: what is wrong, with the file's name.
Expected<std::string, std::string> read_file(const std::string& path);

// A dotted quad, 0x and eight digits, or /LENGTH. None: neither.
std::optional<std::uint32_t> parse_netmask(std::string_view text);

}  // namespace bpfc::cli
