// The command line: options as tcpdump spells them, anywhere, and the rest of the words as the
// filter.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/capture_options.h"
#include "cli/command.h"
#include "cli/raw_options.h"

namespace bpfc::cli {
namespace {

using namespace std::string_literals;

constexpr const char* kExamples = R"(Examples:
  bpfc 'tcp port 80'                         the program, as tcpdump -d prints it
  bpfc -ddd -y LINUX_SLL2 'port 53'          decimal, for xt_bpf and other loaders
  bpfc -r trace.pcap 'host 10.0.0.1'         one line for each packet that matches
  bpfc -r trace.pcap -w dns.pcap 'port 53'   those packets to another file
  bpfc -i eth0 'udp port 53'                 one line for each that comes by
  bpfc -i any -w all.pcap                    everything, to a file, until Ctrl-C
  bpfc run 'icmp' -r trace.pcap              the verdict on each packet
  bpfc sockets                               who captures on this machine, and what
  bpfc check 'icmp'                          whether every engine says the same
  bpfc fuzz --seconds 60                     whether they do, whatever the filter and program
  bpfc bench 'icmp'                          how fast each engine is
  bpfc optimize --program filter.txt         a program, shortened
  bpfc equiv 'tcp port 80' 'tcp and port 80' proves it; also implies, overlap, satisfy

Exit codes: 0 done; 1 the filter, program or file is bad; 2 wrong usage; 3 what
--verify-optimization cannot tell.
The language: bpfc-filter(7).)";

constexpr std::string_view kTwoInputs =
    "standard input holds the filter or program, or the packets, not both";

constexpr const char* kRunExamples = R"(Examples:
  bpfc run 'tcp port 80' --packet 0001...     the verdict on one packet
  bpfc run --program filter.txt -r trace.pcap
A program file holds what bpfc -d, -dd or -ddd prints, or a line 'N,code jt jf k,...'.)";

int run_run_command(int argument_count, const char* const* arguments, Terminal& terminal) {
  CLI::App app(
      "Prints the verdict of a filter or a program on packets, in decimal: the number of "
      "bytes to keep, 0 to reject.",
      "bpfc run");
  app.footer(footer(kRunExamples));
  RawOptions raw;
  RunCommand command;
  std::uint32_t wire_length = 0;
  std::string engine;
  std::string rules;
  add_filter_options(app, raw);
  app.add_option("--program", command.program, "Run the program in FILE instead of a filter")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option("--packet", command.packet, "The packet, in hexadecimal")->type_name("HEX");
  app.add_option("--wirelen", wire_length, "Its length on the wire (default: as many bytes)")
      ->check(number())
      ->type_name("BYTES");
  app.add_option("-r,--read", command.input, "Run on each packet of a capture file")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option("--engine", engine, "What runs it (default interp)")
      ->check(CLI::IsMember({"interp"}));
  app.add_option("--rules", rules, "Whose arithmetic and limits (default kernel)")
      ->check(CLI::IsMember({"kernel", "libpcap"}));
  app.add_flag("--stats", command.statistics, "Say how many instructions were executed");
  return parse_and_run(app, raw, argument_count, arguments, terminal, [&] {
    auto filter = check(raw, app.count("--snaplen") > 0, terminal);
    if (!filter) return usage_error(terminal, filter.error());
    command.filter = std::move(*filter);
    if (app.count("--wirelen") > 0) command.wire_length = wire_length;
    command.libpcap_rules = rules == "libpcap";
    const bool has_filter = !raw.words.empty() || !raw.file.empty();
    if (command.program.empty() == !has_filter) {
      return usage_error(terminal, "run takes a filter, or --program FILE");
    }
    if (!command.program.empty()) {
      for (const char* name : kFilterOptions) {
        if (app.count(name) > 0) {
          return usage_error(terminal,
                             fmt::format("{} is for filters, not for --program FILE", name));
        }
      }
      if (!raw.warnings.empty()) {
        return usage_error(terminal, "-W is for filters, not for --program FILE");
      }
    }
    if (command.input == "-" && (raw.file == "-" || command.program == "-")) {
      return usage_error(terminal, kTwoInputs);
    }
    if ((app.count("--packet") > 0) == !command.input.empty()) {
      return usage_error(terminal, "run takes --packet HEX, or -r FILE");
    }
    if (!command.input.empty() && command.wire_length) {
      return usage_error(terminal, "--wirelen goes with --packet");
    }
    return run(command, terminal);
  });
}

int run_sockets_command(int argument_count, const char* const* arguments, Terminal& terminal) {
  CLI::App app(
      "Lists the packet sockets of this network namespace: who captures what, with which filter. "
      "The kernel shows filters to CAP_NET_ADMIN only.",
      "bpfc sockets");
  RawOptions raw;
  SocketsCommand command;
  app.add_option("-i,--interface", command.interface, "Only those that hear this interface")
      ->type_name("NAME")
      ->check(not_empty());
  return parse_and_run(app, raw, argument_count, arguments, terminal, [&] {
    if (!raw.words.empty() || !raw.warnings.empty()) {
      return usage_error(terminal, "sockets takes no filter: -i NAME is all there is to choose");
    }
    return run(command, terminal);
  });
}

int run_main_command(int argument_count, const char* const* arguments, Terminal& terminal) {
  CLI::App app("Compiles packet filters to classic BPF, and runs them on capture files.", "bpfc");
  app.footer(footer(kExamples));
  app.set_version_flag("--version", "bpfc " BPFC_VERSION);
  RawOptions raw;
  RawCaptureOptions raw_capture;
  ReadCommand read;
  int listings = 0;
  bool list = false;
  bool show_interfaces = false;
  bool explain = false;
  bool time_passes = false;
  bool verify_optimization = false;
  std::string format_name;
  std::string dump;
  std::uint64_t limit = 0;
  add_filter_options(app, raw);
  app.add_flag("-d", listings, "Print the program; -dd as a C array, -ddd as decimal numbers");
  std::vector<std::string> formats;
  for (const ProgramFormat& row : program_formats()) formats.emplace_back(row.name);
  app.add_option("--format", format_name, "Print the program as that; c is a function in C")
      ->check(CLI::IsMember(formats))
      ->type_name("FORMAT");
  app.add_option("--dump", dump, "Print the filter after a stage of the compiler instead")
      ->check(CLI::IsMember(dump_stages()))
      ->type_name("STAGE");
  app.add_option("-r,--read", read.input, "Filter a capture file (- is standard input)")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option("-w,--write", read.output, "Write what matches to FILE (- is standard output)")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_flag("--count", read.count_only, "Print only how many packets match");
  app.add_option("-c", limit, "Stop after NUMBER matches")->check(number())->type_name("NUMBER");
  app.add_flag("--stats", read.statistics, "Say how long the program is, or how many ran");
  app.add_flag("--explain-cost", explain,
               "Print the program with how many packets of -r execute each instruction");
  app.add_flag("--time-passes", time_passes, "Say how long each stage of the compiler took");
  app.add_flag("--verify-optimization", verify_optimization,
               "Prove that the program printed is the unoptimized one");
  app.add_flag("-L,--list-linktypes", list, "List the link types");
  app.add_flag("-D,--list-interfaces", show_interfaces, "List the network interfaces");
  add_capture_options(app, raw_capture);
  return parse_and_run(app, raw, argument_count, arguments, terminal, [&] {
    if (list) return list_link_types(terminal);
    if (show_interfaces) return list_interfaces(terminal);
    if (argument_count < 2) {
      return usage_error(terminal, "what filter? (bpfc --help tells more)");
    }
    const std::string capture_option = capture_option_given(app);
    const bool delivers = !read.output.empty() || read.count_only || app.count("-c") > 0;
    const bool captures = read.input.empty() && (delivers || !capture_option.empty());
    const bool prints_listing = listings > 0 || !format_name.empty();
    const bool prints_program = prints_listing || !dump.empty();
    if (explain && (prints_program || captures || delivers || !capture_option.empty())) {
      return usage_error(terminal, "--explain-cost goes with a filter and -r FILE, nothing else");
    }
    if (time_passes && (captures || explain || (!read.input.empty() && !prints_program))) {
      return usage_error(terminal, "--time-passes goes with the printing of a program");
    }
    std::vector<std::string> file_counts;
    if (captures) file_counts = take_file_counts(raw.warnings);
    auto filter = check(raw, app.count("--snaplen") > 0, terminal);
    if (!filter) return usage_error(terminal, filter.error());
    if (listings > 3) return usage_error(terminal, "-d, -dd and -ddd is all there is");
    if (listings > 0 && !format_name.empty()) {
      return usage_error(terminal,
                         "-d and --format say what the program is printed as: choose one");
    }
    if (!format_name.empty() && !dump.empty()) {
      return usage_error(terminal, "--format prints the program, --dump a stage of the compiler");
    }
    const ProgramFormat* format = format_name.empty() ? find_program_format(std::max(listings, 1))
                                                      : find_program_format(format_name);
    if (app.count("-c") > 0) {
      if (limit == 0) return usage_error(terminal, "-c takes a number above 0");
      read.limit = limit;
    }
    if (!read.output.empty() && read.count_only) {
      return usage_error(terminal, "-w and --count do not go together");
    }
    if (verify_optimization && (captures || !read.input.empty() || !dump.empty())) {
      return usage_error(terminal,
                         "--verify-optimization goes with printing the program, without --dump");
    }
    if (captures) {
      auto capture = check(app, raw_capture, read.output, file_counts);
      if (!capture) return usage_error(terminal, capture.error());
      if (!raw.savefile.empty() || !dump.empty()) {
        return usage_error(terminal, "--savefile and --dump do not go with a capture");
      }
      // As tcpdump has it: all of each packet.
      if (filter->snaplen == 0U) filter->snaplen.reset();
      capture->filter = std::move(*filter);
      capture->limit = read.limit;
      capture->count_only = read.count_only;
      capture->statistics = read.statistics;
      if (prints_listing) capture->print_program = format;
      return run(*capture, terminal);
    }
    if (read.input.empty() && explain) {
      return run(ExplainCommand{std::move(*filter), {}}, terminal);
    }
    if (read.input.empty()) {
      return run(CompileCommand{std::move(*filter), format, dump, read.statistics, time_passes,
                                verify_optimization},
                 terminal);
    }
    if (!capture_option.empty()) {
      return usage_error(terminal,
                         fmt::format("{} is for a capture, and -r reads a file", capture_option));
    }
    if (read.input == "-" && raw.file == "-") return usage_error(terminal, kTwoInputs);
    if (raw.linux_extensions) {
      return usage_error(terminal,
                         "--linux-ext is for live sockets: no capture file has their data");
    }
    if (explain) return run(ExplainCommand{std::move(*filter), read.input}, terminal);
    if (prints_program && delivers) {
      return usage_error(
          terminal, "-d, --format and --dump print the program: -w, --count and -c do not apply");
    }
    read.filter = std::move(*filter);
    read.dump = dump;
    read.time_passes = time_passes;
    if (prints_listing) read.print_program = format;
    return run(read, terminal);
  });
}

}  // namespace

int run_command_line(int argument_count, const char* const* arguments, Terminal& terminal) {
  constexpr std::string_view kRun = "run";
  constexpr std::string_view kCheck = "check";
  if (argument_count > 1 && arguments[1] == kRun) {
    return run_run_command(argument_count - 1, arguments + 1, terminal);
  }
  constexpr std::string_view kSockets = "sockets";
  if (argument_count > 1 && arguments[1] == kSockets) {
    return run_sockets_command(argument_count - 1, arguments + 1, terminal);
  }
  if (argument_count > 1 && arguments[1] == kCheck) {
    return run_check_command_line(argument_count - 1, arguments + 1, terminal);
  }
  constexpr std::string_view kBench = "bench";
  if (argument_count > 1 && arguments[1] == kBench) {
    return run_bench_command_line(argument_count - 1, arguments + 1, terminal);
  }
  constexpr std::string_view kFuzz = "fuzz";
  if (argument_count > 1 && arguments[1] == kFuzz) {
    return run_fuzz_command_line(argument_count - 1, arguments + 1, terminal);
  }
  constexpr std::string_view kOptimize = "optimize";
  if (argument_count > 1 && arguments[1] == kOptimize) {
    return run_optimize_command_line(argument_count - 1, arguments + 1, terminal);
  }
  if (argument_count > 1 && is_proof_word(arguments[1])) {
    return run_prove_command_line(argument_count - 1, arguments + 1, terminal);
  }
  return run_main_command(argument_count, arguments, terminal);
}

}  // namespace bpfc::cli
