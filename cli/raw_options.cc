#include "cli/raw_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "cli/argument_split.h"
#include "cli/command.h"

namespace bpfc::cli {
namespace {

using namespace std::string_literals;

int unknown_option(const std::string& option, Terminal& terminal) {
  terminal.error(fmt::format(
      "no option is called '{}' (bpfc --help tells more; a filter that begins with - follows --)",
      option));
  return kUsage;
}

}  // namespace

std::string footer(std::string_view examples) {
  std::string text = "Warnings (* by -W, and where standard error is a terminal; + always):\n";
  for (const WarningKind& kind : warning_kinds()) {
    const char mark = kind.level == WarningLevel::kAlways  ? '+'
                      : kind.level == WarningLevel::kUsual ? '*'
                                                           : ' ';
    text += fmt::format("  {} {:<17} {}\n", mark, name(kind.code), kind.about);
  }
  return fmt::format("{}\n{}", text, examples);
}

const CLI::Validator& not_empty() {
  static const CLI::Validator kValidator(
      [](const std::string& value) { return value.empty() ? "the value is empty"s : ""s; }, "");
  return kValidator;
}

// CLI11 leaves numbers to strtoull(), for which -1 is one of 64 bits and too many digits are none
// too many.
const CLI::Validator& number() {
  static const CLI::Validator kValidator(
      [](const std::string& value) {
        const bool hexadecimal = value.starts_with("0x") || value.starts_with("0X");
        const char* digits = value.data() + (hexadecimal ? 2 : 0);
        const char* end = value.data() + value.size();
        std::uint64_t ignored = 0;
        const auto result = std::from_chars(digits, end, ignored, hexadecimal ? 16 : 10);
        const bool whole = result.ec == std::errc() && result.ptr == end;
        return whole ? ""s : fmt::format("'{}' is not a number, or too large", value);
      },
      "");
  return kValidator;
}

void add_filter_options(CLI::App& app, RawOptions& raw) {
  // For the help only: split_arguments() keeps the words from CLI11.
  app.add_option("expression", raw.words, "The filter; several words make one expression");
  app.add_option("-F,--file", raw.file, "Read the expression from FILE (- is standard input)")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option("-y,--linktype", raw.link_type, "Link type, by name or number (default EN10MB)")
      ->type_name("LINKTYPE")
      ->check(not_empty());
  app.add_option("-s,--snaplen", raw.snaplen, "What an accepting program returns (default 262144)")
      ->check(number())
      ->type_name("BYTES");
  app.add_option("-m,--netmask", raw.netmask, "IPv4 netmask, for 'ip broadcast'")
      ->type_name("MASK")
      ->check(not_empty());
  app.add_flag("--linux-ext", raw.linux_extensions,
               "For a live socket on Linux: VLAN tag, direction, interface from the kernel");
  app.add_option("--savefile", raw.savefile, "For a capture file of this or the other byte order")
      ->check(CLI::IsMember({"native", "swapped"}));
  app.add_flag("-O,--no-optimize", raw.no_optimization, "Do not optimize the program");
  std::vector<std::string> levels;
  levels.reserve(std::size(kOptimizationNames));
  for (const OptimizationName& entry : kOptimizationNames) levels.emplace_back(entry.name);
  app.add_option("--optimize", raw.optimization,
                 "How hard to try; full may search for seconds, size wants a short program")
      ->check(CLI::IsMember(levels))
      ->type_name("LEVEL");
  app.add_option("--profile", raw.profile,
                 "Ask first what settles most packets of this capture file")
      ->type_name("FILE")
      ->check(not_empty());
  // For the help, and for clusters such as -dW: the others do not come here.
  app.add_flag("-W", raw.usual_warnings,
               "Warn of what is probably not meant; -Wall of all, -WNAME, -Wno-NAME (below)");
}

Expected<FilterOptions, std::string> check(const RawOptions& raw, bool snaplen_given,
                                           const Terminal& terminal) {
  FilterOptions options;
  const auto warnings = parse_warnings(raw.warnings, terminal.stderr_is_terminal());
  if (!warnings) return tl::unexpected(warnings.error());
  options.warnings = *warnings;
  options.words = raw.words;
  options.file = raw.file;
  if (raw.no_optimization) options.optimization = Optimization::kNone;
  for (const OptimizationName& entry : kOptimizationNames) {
    if (entry.name == raw.optimization) options.optimization = entry.level;
  }
  if (raw.no_optimization && options.optimization != Optimization::kNone) {
    return tl::unexpected(fmt::format(
        "-O is --optimize=none, and here is --optimize={}: choose one", raw.optimization));
  }
  options.profile = raw.profile;
  if (!raw.profile.empty() && options.optimization == Optimization::kNone) {
    return tl::unexpected("--profile is for the optimizer, which -O and --optimize=none turn off"s);
  }
  if (raw.profile == "-") {
    return tl::unexpected("--profile takes a file, not standard input"s);
  }
  if (!raw.file.empty() && !raw.words.empty()) {
    return tl::unexpected("the filter is given twice: as words and by -F"s);
  }
  if (!raw.link_type.empty()) {
    options.link_type = find_link_type(raw.link_type);
    if (options.link_type == nullptr) {
      return tl::unexpected(
          fmt::format("unknown link type '{}': bpfc -L lists them", raw.link_type));
    }
  }
  // 0 is the default, as tcpdump has it.
  if (snaplen_given) options.snaplen = raw.snaplen;
  if (!raw.netmask.empty()) {
    options.netmask = parse_netmask(raw.netmask);
    if (!options.netmask) {
      return tl::unexpected(
          fmt::format("'{}' is no netmask: write 255.255.255.0, 0xffffff00 or /24", raw.netmask));
    }
  }
  if (raw.linux_extensions && !raw.savefile.empty()) {
    return tl::unexpected("--linux-ext is for live sockets, --savefile for files: choose one"s);
  }
  if (raw.linux_extensions) options.target = Target::kLiveLinux;
  if (raw.savefile == "native") options.target = Target::kNativeSavefile;
  if (raw.savefile == "swapped") options.target = Target::kSwappedSavefile;
  return options;
}

int parse_and_run(CLI::App& app, RawOptions& raw, int argument_count, const char* const* arguments,
                  Terminal& terminal, const std::function<int()>& run) {
  SplitArguments split = split_arguments(app, argument_count - 1, arguments + 1);
  // --count=no would be read as one more way to say --count, or as its contrary.
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() == 0) option->disable_flag_override();
  }
  try {
    // CLI11 wants the last argument first.
    std::reverse(split.options.begin(), split.options.end());
    app.parse(std::move(split.options));
  } catch (const CLI::CallForHelp&) {
    terminal.print(app.help());
    return terminal.finish() ? kDone : kBad;
  } catch (const CLI::CallForVersion& version) {
    terminal.print(fmt::format("{}\n", version.what()));
    return terminal.finish() ? kDone : kBad;
  } catch (const CLI::ExtrasError&) {
    return unknown_option(app.remaining().front(), terminal);
  } catch (const CLI::ParseError& error) {
    terminal.error(fmt::format("{} (bpfc --help tells more)", error.what()));
    return kUsage;
  }
  // Such as `---`, which is an option for split_arguments() and none for CLI11.
  if (!raw.words.empty()) return unknown_option(raw.words.front(), terminal);
  raw.words = std::move(split.words);
  raw.warnings = std::move(split.warnings);
  if (raw.usual_warnings) raw.warnings.insert(raw.warnings.begin(), ""s);
  return run();
}

int usage_error(Terminal& terminal, std::string_view message) {
  terminal.error(message);
  return kUsage;
}

}  // namespace bpfc::cli
