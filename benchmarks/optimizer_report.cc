// The optimizer's results beside those of libpcap's, in one run: length of the program, mean
// executed instructions a packet over the traffic mix, time to compile.
//
// Usage: optimizer_report [--slow] [--level none|default|full|size] [--seed N] [--write-trace FILE]
//        [--profiled]
// Profiled: the compiler is given the mix as a profile, as much as one takes.
#include <fcntl.h>
#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>
#include <optional>
#include <string>

#include "benchmarks/kernel_limits.h"
#include "benchmarks/libpcap_peer.h"
#include "benchmarks/report_rows.h"
#include "bpfc/capture_writer.h"
#include "bpfc/compile.h"
#include "bpfc/interpreter.h"
#include "measure/interleaved.h"
#include "measure/traffic_mix.h"

namespace bpfc::benchmarks {
namespace {

using Seconds = std::chrono::duration<double>;
using Frames = std::vector<traffic::Frame>;

constexpr double kSecondsARow = 0.5;  // for repetitions, of both compilers
constexpr std::size_t kMostRepetitions = 301;
constexpr int kSnaplen = 262144;
constexpr std::size_t kGrowth[] = {100, 200, 500, 1000, 2000, 5000, 10'000};

struct Arguments {
  bool slow = false;
  Optimization level = Optimization::kDefault;
  std::uint64_t seed = traffic::kDefaultSeed;
  std::string trace_file;
  bool profiled = false;
};

struct Result {
  Program program;
  double seconds = 0;   // the median
  double executed = 0;  // a packet
  std::uint64_t accepted = 0;
};

Program compile_ours(const std::string& filter, Optimization level,
                     const Profile* profile = nullptr) {
  CompileOptions options;
  options.optimization = level;
  options.profile = profile;
  auto compiled = compile(filter, options);
  if (!compiled) {
    fmt::print(stderr, "{:.60}: {}\n", filter, compiled.error().message);
    std::exit(1);
  }
  return std::move(compiled->program);
}

double seconds_of(const std::function<Program()>& compile, Program& program) {
  const auto start = std::chrono::steady_clock::now();
  Program made = compile();
  const double taken = Seconds(std::chrono::steady_clock::now() - start).count();
  program = std::move(made);
  return taken;
}

void run_on(const Frames& frames, Result& result) {
  const auto verified = verify(result.program, Rules::kLibpcap);
  if (!verified) {
    fmt::print(stderr, "the program breaks a rule: {}\n", verified.error().message);
    std::exit(1);
  }
  std::uint64_t executed = 0;
  for (const traffic::Frame& frame : frames) {
    const Packet packet{.captured = frame, .wire_length = static_cast<std::uint32_t>(frame.size())};
    result.accepted += interpret(*verified, packet, &executed) != 0 ? 1 : 0;
  }
  result.executed = static_cast<double>(executed) / static_cast<double>(frames.size());
}

// Both by turns, so that what else the machine does meets them alike.
void time_compilers(const std::vector<std::function<Program()>>& compilers,
                    std::vector<Result>& results) {
  std::vector<std::vector<double>> taken(compilers.size());
  double total = 0;
  results.resize(compilers.size());
  while (taken[0].size() < kMostRepetitions && (taken[0].empty() || total < kSecondsARow)) {
    for (std::size_t i = 0; i < compilers.size(); ++i) {
      taken[i].push_back(seconds_of(compilers[i], results[i].program));
      total += taken[i].back();
    }
  }
  for (std::size_t i = 0; i < compilers.size(); ++i)
    results[i].seconds = measure::quantile(taken[i], 0.5);
}

std::string time_text(double seconds) { return fmt::format("{:.3f}", seconds * 1000); }

// The rows; the geometric mean of the ratios of the small ones.
double print_table(const Arguments& arguments, const Frames& frames,
                   const std::vector<std::uint32_t>& addresses) {
  fmt::print("{:42} | {:>6} {:>9} {:>10} | {:>6} {:>9} {:>10} | {:>8} {:>6}\n", "", "bpfc",
             "executed", "ms", "pcap", "executed", "ms", "executed", "length");
  Profile sample;
  for (const traffic::Frame& frame : frames) {
    if (!sample.add(frame, static_cast<std::uint32_t>(frame.size()))) break;
  }
  const Profile* profile = arguments.profiled ? &sample : nullptr;
  double logarithms = 0;
  int small = 0;
  for (const ReportRow& row : report_rows(addresses)) {
    const Optimization level = row.level == Optimization::kDefault ? arguments.level : row.level;
    const bool peer =
        row.peer == PeerCost::kQuick || (row.peer == PeerCost::kSlow && arguments.slow);
    std::vector<std::function<Program()>> compilers = {
        [&] { return compile_ours(row.filter, level, profile); }};
    if (peer) compilers.emplace_back([&] { return compile_with_libpcap(row.filter); });
    std::vector<Result> results;
    time_compilers(compilers, results);
    for (Result& result : results) run_on(frames, result);
    const Result& ours = results[0];
    fmt::print("{:42.42} | {:6} {:9.2f} {:>10} | ", row.name, ours.program.size(), ours.executed,
               time_text(ours.seconds));
    if (!peer) {
      fmt::print("not run ({}{})\n", row.peer_note,
                 row.peer == PeerCost::kSlow ? "; --slow runs it" : "");
      continue;
    }
    const Result& theirs = results[1];
    const double ratio = ours.executed / theirs.executed;
    fmt::print(
        "{:6} {:9.2f} {:>10} | {:8.3f} {:6.3f}{}\n", theirs.program.size(), theirs.executed,
        time_text(theirs.seconds), ratio,
        static_cast<double>(ours.program.size()) / static_cast<double>(theirs.program.size()),
        ours.accepted == theirs.accepted ? "" : "  DISAGREE");
    std::fflush(stdout);
    if (!row.small) continue;
    logarithms += std::log(ratio);
    ++small;
  }
  return std::exp(logarithms / small);
}

void print_growth(Optimization level, const std::vector<std::uint32_t>& addresses) {
  fmt::print("\nGrowth: {:>6} {:>12} {:>10} {:>12}\n", "hosts", "instructions", "ms", "us a host");
  for (const std::size_t count : kGrowth) {
    const std::string filter = scattered_hosts(count, addresses);
    std::vector<Result> results;
    time_compilers({[&] { return compile_ours(filter, level); }}, results);
    fmt::print("        {:6} {:12} {:>10} {:12.2f}\n", count, results[0].program.size(),
               time_text(results[0].seconds),
               results[0].seconds * 1e6 / static_cast<double>(count));
  }
}

bool write_trace(const std::string& path, const Frames& frames) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return false;
  CaptureInterface interface;
  interface.link_type = DLT_EN10MB;
  interface.snaplen = kSnaplen;
  auto writer = CaptureWriter::attach_pcap(file, DescriptorOwnership::kOwned, interface);
  if (!writer) return false;
  for (const traffic::Frame& frame : frames) {
    CapturedPacket packet;
    packet.data = frame;
    packet.wire_length = static_cast<std::uint32_t>(frame.size());
    if (!writer->write(packet)) return false;
  }
  return writer->finish().has_value();
}

std::optional<Optimization> level_named(std::string_view name) {
  if (name == "none") return Optimization::kNone;
  if (name == "default") return Optimization::kDefault;
  if (name == "full") return Optimization::kFull;
  if (name == "size") return Optimization::kSize;
  return std::nullopt;
}

std::optional<Arguments> parse(int count, char** words) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--profiled") {
      arguments.profiled = true;
      continue;
    }
    if (word == "--slow") {
      arguments.slow = true;
      continue;
    }
    if (++i == count) return std::nullopt;
    const std::string_view value = words[i];
    if (word == "--level") {
      const auto level = level_named(value);
      if (!level) return std::nullopt;
      arguments.level = *level;
    } else if (word == "--seed") {
      const auto [end, error] =
          std::from_chars(value.data(), value.data() + value.size(), arguments.seed);
      if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
    } else if (word == "--write-trace") {
      arguments.trace_file = value;
    } else {
      return std::nullopt;
    }
  }
  return arguments;
}

int report(const Arguments& arguments) {
  const Frames frames = traffic::mixed_traffic(traffic::kDefaultFrames, arguments.seed);
  if (!arguments.trace_file.empty()) {
    if (write_trace(arguments.trace_file, frames)) return 0;
    fmt::print(stderr, "{}: cannot be written\n", arguments.trace_file);
    return 1;
  }
  const std::vector<std::uint32_t> addresses = traffic::ip4_addresses(frames);
  fmt::print(
      "{}, beside bpfc. Executed: mean instructions a packet over {} frames of mixed traffic, seed "
      "{}.\nms: median time of interleaved compiles. The last two columns: ours by libpcap's.\n"
      "Hosts and ports are scattered (random, seeded) unless they are called consecutive; every "
      "50th host\nof a list occurs in the traffic, the others do not.\n\n",
      pcap_lib_version(), frames.size(), arguments.seed);
  const double mean = print_table(arguments, frames, addresses);
  fmt::print("\nExecuted by libpcap's, geometric mean over the small filters: {:.3f}\n", mean);
  print_growth(arguments.level, addresses);
  const auto memory = optmem_max();
  fmt::print("\nnet.core.optmem_max: {}\n", memory ? std::to_string(*memory) : "unknown");
  for (const std::size_t count : {500U, 1000U, 1700U}) {
    fmt::print("{} hosts: {}\n", count,
               attach_to_socket(compile_ours(scattered_hosts(count, addresses), arguments.level)));
  }
  fmt::print("1700 hosts, for size: {}\n",
             attach_to_socket(compile_ours(scattered_hosts(1700, addresses), Optimization::kSize)));
  return 0;
}

}  // namespace
}  // namespace bpfc::benchmarks

int main(int argument_count, char** arguments) {
  const auto parsed = bpfc::benchmarks::parse(argument_count, arguments);
  if (!parsed) {
    fmt::print(stderr,
               "usage: optimizer_report [--slow] [--level none|default|full|size] [--seed N] "
               "[--write-trace FILE] [--profiled]\n");
    return 2;
  }
  return bpfc::benchmarks::report(*parsed);
}
