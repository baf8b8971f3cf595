// The command line of `bpfc bench`.
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/raw_options.h"

namespace bpfc::cli {
namespace {

constexpr const char* kBenchExamples = R"(Examples:
  bpfc bench 'tcp port 80'                    on traffic that is made
  bpfc bench 'tcp port 80' -r trace.pcap      on packets of one's own
Times are medians of repetitions by turns; the spread is from the first quartile to the third.)";

}  // namespace

int run_bench_command_line(int argument_count, const char* const* arguments, Terminal& terminal) {
  CLI::App app(
      "Measures how fast each engine runs a filter: nanoseconds a packet, on packets that stay in "
      "the processor's cache and on more, beside the code of the C compiler where there is one.",
      "bpfc bench");
  app.footer(footer(kBenchExamples));
  RawOptions raw;
  BenchCommand command;
  bool no_compiler = false;
  add_filter_options(app, raw);
  app.add_option("-r,--read", command.input, "Measure on the packets of a capture file")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_flag("--no-compiler", no_compiler, "Leave the C compiler out");
  return parse_and_run(app, raw, argument_count, arguments, terminal, [&] {
    auto filter = check(raw, app.count("--snaplen") > 0, terminal);
    if (!filter) return usage_error(terminal, filter.error());
    if (raw.words.empty() && raw.file.empty()) return usage_error(terminal, "bench takes a filter");
    if (raw.linux_extensions) {
      return usage_error(terminal,
                         "--linux-ext is for live sockets: no packet here has their data");
    }
    if (command.input == "-" && raw.file == "-") {
      return usage_error(terminal, "standard input holds the filter or the packets, not both");
    }
    command.filter = std::move(*filter);
    command.native = !no_compiler;
    return run(command, terminal);
  });
}

}  // namespace bpfc::cli
