// The engines beside libpcap's interpreter and gcc, in one run: nanoseconds a packet for each
// filter, its program by libpcap and by us, each kind of traffic; then the goals.
//
// Usage: engine_report [--quick] [--kernel] [--filter TEXT] [--seed N]
// --filter: only the filters whose name holds TEXT.
#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <limits>
#include <string_view>

#include "benchmarks/engine_results.h"
#include "benchmarks/kernel_peer.h"
#include "benchmarks/libpcap_peer.h"
#include "bpfc/compile.h"
#include "measure/native_program.h"
#include "measure/own_engines.h"
#include "measure/packet_set.h"
#include "measure/traffic_mix.h"

namespace bpfc::benchmarks {
namespace {

using measure::Contender;
using Packets = std::span<const PacketView>;

struct Arguments {
  bool quick = false;
  bool kernel = false;
  std::string_view filter;
  std::uint64_t seed = traffic::kDefaultSeed;
};

constexpr const char* kNative = "gcc";
// The same once more: how much two measurements of one thing differ.
constexpr const char* kNativeAgain = "gcc again";

struct AuthorName {
  Author author;
  const char* name;
};
constexpr std::uint16_t kReturnConstant = 0x06;  // `ret #k`
constexpr AuthorName kAuthors[] = {{Author::kLibpcap, "libpcap"}, {Author::kBpfc, "bpfc"}};

[[noreturn]] void fail(const std::string& what) {
  fmt::print(stderr, "engine_report: {}\n", what);
  std::exit(1);
}

VerifiedProgram verified(const Program& program) {
  auto checked = verify(program, Rules::kLibpcap);
  if (!checked) fail(checked.error().message);
  return std::move(*checked);
}

Program compile_with_bpfc(const std::string& filter) {
  auto compiled = compile(filter, {});
  if (!compiled) fail(compiled.error().message);
  return std::move(compiled->program);
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

measure::PacketSet make_packets(std::size_t count, std::uint64_t seed) {
  measure::PacketSet set;
  for (const traffic::Frame& frame : traffic::mixed_traffic(count, seed)) {
    set.add(frame, static_cast<std::uint32_t>(frame.size()));
  }
  return set;
}

class Report {
 public:
  explicit Report(const Arguments& arguments)
      : arguments_(arguments),
        packets_(make_packets(kTrafficSizes[3].packets, arguments.seed)),
        in_order_(packets_.in_order()),
        shuffled_(packets_.shuffled(arguments.seed)),
        results_(filters()) {}

  int run() {
    compile_programs();
    for (const TrafficSize& size : kTrafficSizes) measure_traffic(size);
    print_compile_times();
    if (arguments_.kernel) print_kernel();
    fmt::print("\n{}", goals_table(results_));
    print_call();
    print_noise();
    return disagreed_ ? 1 : 0;
  }

 private:
  std::vector<EngineFilter> filters() const {
    const auto frames = traffic::mixed_traffic(traffic::kDefaultFrames, arguments_.seed);
    std::vector<EngineFilter> chosen;
    for (EngineFilter& filter : engine_filters(traffic::ip4_addresses(frames))) {
      if (filter.name.find(arguments_.filter) != std::string::npos) {
        chosen.push_back(std::move(filter));
      }
    }
    if (chosen.empty()) fail("no filter is called so");
    return chosen;
  }

  const VerifiedProgram& program(std::size_t filter, Author author) const {
    return programs_[2 * filter + static_cast<std::size_t>(author)];
  }

  // Those of each filter: libpcap's, then ours.
  void compile_programs() {
    for (const EngineFilter& filter : results_.filters()) {
      programs_.push_back(verified(compile_with_libpcap(filter.text)));
      programs_.push_back(verified(compile_with_bpfc(filter.text)));
    }
    auto native = measure::NativePrograms::compile(programs_);
    if (!native) fail(native.error());
    native_.emplace(std::move(*native));
  }

  Contender native(std::size_t index, const char* name) const {
    return {name, [function = native_->function(index)](Packets packets) {
              return measure::sum_of_verdicts(packets, [function](const PacketView& packet) {
                return function(packet.data, packet.captured, packet.length);
              });
            }};
  }

  std::vector<Contender> contenders(std::size_t filter, Author author) const {
    const VerifiedProgram& code = program(filter, author);
    const std::size_t index = 2 * filter + static_cast<std::size_t>(author);
    std::vector<Contender> all = {libpcap_interpreter(code.program()), native(index, kNative),
                                  native(index, kNativeAgain)};
    for (const measure::OwnEngine& engine : measure::own_engines()) {
      // Left out: it is there to be right, and slower than all.
      if (engine.name == std::string_view("plain")) continue;
      auto made = engine.prepare(code);
      if (made) all.push_back(std::move(*made));
    }
    return all;
  }

  void measure_traffic(const TrafficSize& size) {
    const std::vector<PacketView>& all = size.traffic == Traffic::kShuffled ? shuffled_ : in_order_;
    const Packets packets = Packets(all).first(size.packets);
    const measure::MeasureOptions options = {.repetitions = arguments_.quick ? 5U : 21U,
                                             .seconds = arguments_.quick ? 0.4 : 4};
    bool first = true;
    for (std::size_t filter = 0; filter < results_.filters().size(); ++filter) {
      std::vector<Contender> beside;
      std::vector<Author> authors;
      for (const AuthorName& author : kAuthors) {
        for (Contender& one : contenders(filter, author.author)) {
          beside.push_back(std::move(one));
          authors.push_back(author.author);
        }
      }
      const measure::Measurement measured = measure::measure(beside, packets, options);
      for (std::size_t i = 0; i < beside.size(); ++i) {
        results_.put({beside[i].name.c_str(), authors[i], size.traffic}, filter,
                     measured.timings[i]);
      }
      if (std::exchange(first, false)) print_head(size, beside);
      print_rows(size, filter);
      if (measured.disagrees) {
        disagreed_ = true;
        fmt::print("  DISAGREES: {}\n", beside[*measured.disagrees].name);
      }
      std::fflush(stdout);
    }
    print_means(size);
  }

  // Names are those of the contenders of both programs.
  void print_head(const TrafficSize& size, const std::vector<Contender>& beside) {
    columns_.clear();
    for (std::size_t i = 0; i < beside.size() / 2; ++i) {
      if (beside[i].name != kNativeAgain) columns_.push_back(beside[i].name);
    }
    fmt::print("\n{:34}", size.name);
    for (const std::string& column : columns_) fmt::print("{:>17}", column);
    fmt::print("\n");
  }

  void print_rows(const TrafficSize& size, std::size_t filter) {
    for (const AuthorName& author : kAuthors) {
      fmt::print("{:25.25} {:8}",
                 author.author == Author::kLibpcap ? results_.filters()[filter].name : "",
                 author.name);
      const auto native = results_.find({kNative, author.author, size.traffic}, filter);
      for (const std::string& column : columns_) {
        const auto timing = results_.find({column.c_str(), author.author, size.traffic}, filter);
        fmt::print("{:>17}", fmt::format("{:.2f} ({:.2f})", timing->nanoseconds,
                                         timing->nanoseconds / native->nanoseconds));
      }
      fmt::print("\n");
    }
  }

  void print_means(const TrafficSize& size) {
    for (const AuthorName& author : kAuthors) {
      fmt::print("{:25} {:8}", author.author == Author::kLibpcap ? "geometric mean of the 8" : "",
                 author.name);
      for (const std::string& column : columns_) {
        const auto mean = results_.mean_ratio({column.c_str(), author.author, size.traffic},
                                              {kNative, author.author, size.traffic});
        fmt::print("{:>17}", mean ? fmt::format("({:.2f})", *mean) : "");
      }
      fmt::print("\n");
    }
  }

  void print_compile_times() const {
    fmt::print("\nTime to prepare a program, microseconds{:>10}", "length");
    for (const measure::OwnEngine& engine : measure::own_engines())
      fmt::print("{:>13}", engine.name);
    fmt::print("\n");
    for (std::size_t filter = 0; filter < results_.filters().size(); ++filter) {
      for (const AuthorName& author : kAuthors) {
        const VerifiedProgram& code = program(filter, author.author);
        fmt::print("{:25.25} {:13}{:10}", results_.filters()[filter].name, author.name,
                   code.program().size());
        for (const measure::OwnEngine& engine : measure::own_engines()) {
          fmt::print("{:13.1f}", preparing_time(engine, code));
        }
        fmt::print("\n");
      }
    }
  }

  static double preparing_time(const measure::OwnEngine& engine, const VerifiedProgram& code) {
    constexpr int kRepetitions = 31;
    std::vector<double> taken;
    for (int i = 0; i < kRepetitions; ++i) {
      const auto start = std::chrono::steady_clock::now();
      const auto made = engine.prepare(code);
      taken.push_back(
          std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
              .count());
    }
    return measure::quantile(taken, 0.5);
  }

  void print_kernel() const {
    fmt::print("\nThe kernel: nanoseconds that a filter on an AF_UNIX socket adds to a send\n");
    for (std::size_t filter = 0; filter < results_.filters().size(); ++filter) {
      for (const AuthorName& author : kAuthors) {
        const auto time = kernel_time(program(filter, author.author).program(),
                                      Packets(in_order_).first(kTrafficSizes[0].packets));
        fmt::print("{:25.25} {:8}{}\n", results_.filters()[filter].name, author.name,
                   time ? fmt::format("{:17.1f}", *time) : " not measured: " + time.error());
      }
    }
  }

  // What a packet costs that is not filtered: the least of several places, since where such a short
  // function lies makes half a nanosecond.
  void print_call() const {
    constexpr int kPlaces = 8;
    const VerifiedProgram nothing = verified({{kReturnConstant, 0, 0, 0}});
    const auto jit = std::ranges::find(measure::own_engines(), std::string_view("jit"),
                                       &measure::OwnEngine::name);
    const Packets packets = Packets(in_order_).first(kTrafficSizes[0].packets);
    std::vector<Contender> places;
    double taken = std::numeric_limits<double>::max();
    for (int i = 0; i < kPlaces; ++i) {
      auto call = jit->prepare(nothing);
      if (!call) return;
      // Kept, so that the next one lies elsewhere.
      places.push_back(*std::move(call));
      taken = std::min(
          taken,
          measure::measure({&places.back(), 1}, packets, {.seconds = 0.3}).timings[0].nanoseconds);
    }
    std::vector<double> parts;
    for (std::size_t filter = 0; filter < results_.filters().size(); ++filter) {
      if (results_.filters()[filter].name == kManyHosts) continue;
      const auto native = results_.find({kNative, Author::kBpfc, Traffic::kInCache}, filter);
      parts.push_back(taken / native->nanoseconds);
    }
    fmt::print("\nTo call a function that returns at once takes {:.2f} ns a packet, in cache",
               taken);
    if (!parts.empty()) {
      fmt::print(
          ": {:.2f} of gcc's time for our\nprograms (geometric mean of the 8). What is called "
          "for each packet hardly takes less",
          measure::geometric_mean(parts));
    }
    fmt::print(".\n");
  }

  void print_noise() const {
    std::vector<double> apart;
    std::vector<double> spreads;
    for (const TrafficSize& size : kTrafficSizes) {
      for (const AuthorName& author : kAuthors) {
        for (std::size_t filter = 0; filter < results_.filters().size(); ++filter) {
          const auto one = results_.find({kNative, author.author, size.traffic}, filter);
          const auto other = results_.find({kNativeAgain, author.author, size.traffic}, filter);
          apart.push_back(std::abs(one->nanoseconds / other->nanoseconds - 1));
          spreads.push_back(one->spread);
        }
      }
    }
    fmt::print(
        "\nNoise: gcc's code measured twice differs by {:.1f}% (median), {:.1f}% (nine of ten), "
        "{:.1f}% (at most);\nfrom the first quartile to the third its repetitions span {:.1f}% "
        "(median), {:.1f}% (nine of ten).\n",
        100 * measure::quantile(apart, 0.5), 100 * measure::quantile(apart, 0.9),
        100 * measure::quantile(apart, 1), 100 * measure::quantile(spreads, 0.5),
        100 * measure::quantile(spreads, 0.9));
  }

  Arguments arguments_;
  measure::PacketSet packets_;
  std::vector<PacketView> in_order_;
  std::vector<PacketView> shuffled_;
  EngineResults results_;
  std::vector<VerifiedProgram> programs_;
  std::optional<measure::NativePrograms> native_;
  std::vector<std::string> columns_;
  bool disagreed_ = false;
};

std::optional<Arguments> parse(int count, char** words) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const bool has_value = i + 1 < count;
    if (word == "--quick") {
      arguments.quick = true;
    } else if (word == "--kernel") {
      arguments.kernel = true;
    } else if (word == "--filter" && has_value) {
      arguments.filter = words[++i];
    } else if (word == "--seed" && has_value) {
      const std::string_view value = words[++i];
      const auto [end, error] =
          std::from_chars(value.data(), value.data() + value.size(), arguments.seed);
      if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return arguments;
}

int report(const Arguments& arguments) {
  fmt::print(
      "{}; {}.\nNanoseconds a packet, and in brackets the part of gcc's time (-O3 -march=native, "
      "the same program).\nMedians of interleaved repetitions over mixed traffic, seed {}. Each "
      "filter's program by libpcap's optimizer, then by bpfc's.\n",
      processor(), pcap_lib_version(), arguments.seed);
  return Report(arguments).run();
}

}  // namespace
}  // namespace bpfc::benchmarks

int main(int argument_count, char** arguments) {
  const auto parsed = bpfc::benchmarks::parse(argument_count, arguments);
  if (!parsed) {
    fmt::print(stderr, "usage: engine_report [--quick] [--kernel] [--filter TEXT] [--seed N]\n");
    return 2;
  }
  return bpfc::benchmarks::report(*parsed);
}
