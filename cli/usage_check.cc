// The command line of `bpfc check`.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/raw_options.h"

namespace bpfc::cli {
namespace {

constexpr const char* kCheckExamples = R"(Examples:
  bpfc check 'tcp port 80' -r trace.pcap      on its packets too, and on copies of them
  bpfc check --program filter.txt             a program in the interpreter and in the kernel
  bpfc check --program filter.txt 'udp'       whether the program is this filter
The kernel's verdicts need no privileges on AF_UNIX sockets; AF_PACKET takes root or user namespaces.)";

// What is wrong with what is given together; empty: nothing.
std::string contradiction(const CheckCommand& command, const CLI::App& app, const RawOptions& raw) {
  if (command.program.empty() && !command.has_filter) {
    return "check takes a filter, or --program FILE, or both";
  }
  for (const char* name : kFilterOptions) {
    if (!command.has_filter && app.count(name) > 0) {
      return fmt::format("{} is for filters, not for --program FILE", name);
    }
  }
  if (!command.has_filter && !raw.warnings.empty()) {
    return "-W is for filters, not for --program FILE";
  }
  const int from_standard_input =
      (raw.file == "-" ? 1 : 0) + (command.program == "-" ? 1 : 0) + (command.input == "-" ? 1 : 0);
  if (from_standard_input > 1) {
    return "standard input holds one of filter, program and packets";
  }
  if (command.packet && (!command.input.empty() || command.random_packets || command.seed)) {
    return "--packet takes the place of -r, --random and --seed";
  }
  if (!command.packet && (command.wire_length || !command.ancillary.empty())) {
    return "--wirelen and --ancillary go with --packet";
  }
  return {};
}

}  // namespace

int run_check_command_line(int argument_count, const char* const* arguments, Terminal& terminal) {
  CLI::App app(
      "Checks that every engine says the same of every packet: the program as lowered and as "
      "optimized, in the interpreter and in the kernel, on packets made for each branch.",
      "bpfc check");
  app.footer(footer(kCheckExamples));
  RawOptions raw;
  CheckCommand command;
  std::uint32_t random_packets = 0;
  std::uint64_t seed = 0;
  std::uint32_t wire_length = 0;
  std::string packet;
  add_filter_options(app, raw);
  app.add_option("--program", command.program,
                 "Check the program in FILE, or whether it is the filter that is given too")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option("-r,--read", command.input, "Check on the packets of a capture file too")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option("--random", random_packets, "How many random packets (default 10000)")
      ->check(number())
      ->type_name("NUMBER");
  app.add_option("--seed", seed, "What they are made from (default: something new)")
      ->check(number())
      ->type_name("NUMBER");
  app.add_option("--packet", packet, "Check on this packet alone")->type_name("HEX");
  app.add_option("--wirelen", wire_length, "Its length on the wire (default: as many bytes)")
      ->check(number())
      ->type_name("BYTES");
  app.add_option("--ancillary", command.ancillary,
                 "What the kernel tells of it, such as vlan_tci=5,vlanp=1")
      ->type_name("NAME=NUMBER,...")
      ->check(not_empty());
  return parse_and_run(app, raw, argument_count, arguments, terminal, [&] {
    auto filter = check(raw, app.count("--snaplen") > 0, terminal);
    if (!filter) return usage_error(terminal, filter.error());
    command.filter = std::move(*filter);
    command.has_filter = !raw.words.empty() || !raw.file.empty();
    if (app.count("--random") > 0) command.random_packets = random_packets;
    if (app.count("--seed") > 0) command.seed = seed;
    if (app.count("--packet") > 0) command.packet = packet;
    if (app.count("--wirelen") > 0) command.wire_length = wire_length;
    if (const std::string wrong = contradiction(command, app, raw); !wrong.empty()) {
      return usage_error(terminal, wrong);
    }
    return run(command, terminal);
  });
}

}  // namespace bpfc::cli
