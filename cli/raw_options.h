// The part of the command line that the commands share: the filter, and how CLI11 is asked.
#pragma once

#include <CLI/App.hpp>
#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/filter_options.h"
#include "cli/terminal.h"

namespace bpfc::cli {

// The words of the options before they are checked.
struct RawOptions {
  std::vector<std::string> words;
  std::vector<std::string> warnings;  // what follows each -W
  std::string file;
  std::string link_type;
  std::string netmask;
  std::string savefile;
  std::string optimization;
  std::string profile;
  std::uint32_t snaplen = 0;
  bool linux_extensions = false;
  bool no_optimization = false;
  bool usual_warnings = false;
};

// An empty value, such as that of an unset shell variable, is no file and no link type.
const CLI::Validator& not_empty();
// Decimal, or hexadecimal behind 0x.
const CLI::Validator& number();

void add_filter_options(CLI::App& app, RawOptions& raw);

// How to compile a filter: meaningless for a program that is there already.
inline constexpr std::array kFilterOptions = {"--linktype",  "--snaplen",  "--netmask",
                                              "--linux-ext", "--savefile", "--no-optimize",
                                              "--optimize",  "--profile"};

// An error: what is wrong.
Expected<FilterOptions, std::string> check(const RawOptions& raw, bool snaplen_given,
                                           const Terminal& terminal);

// What is below the options in the help: the kinds of warning and the examples.
std::string footer(std::string_view examples);

// Parses, prints help, reports; then what `run` returns, or the exit code of what was wrong.
int parse_and_run(CLI::App& app, RawOptions& raw, int argument_count, const char* const* arguments,
                  Terminal& terminal, const std::function<int()>& run);

// Says it, and returns the exit code.
int usage_error(Terminal& terminal, std::string_view message);

}  // namespace bpfc::cli
