// bpfc bench: how fast each engine runs a filter.
#include <fmt/format.h>

#include <chrono>

#include "bpfc/capture_reader.h"
#include "bpfc/program_cost.h"
#include "cli/command.h"
#include "cli/compile_filter.h"
#include "cli/filter_programs.h"
#include "cli/packet_source.h"
#include "measure/interleaved.h"
#include "measure/native_program.h"
#include "measure/own_engines.h"
#include "measure/packet_set.h"
#include "measure/traffic_mix.h"

namespace bpfc::cli {
namespace {

constexpr std::size_t kMostPackets = 250'000;
constexpr std::size_t kMostBytes = std::size_t{512} << 20U;
constexpr std::size_t kPacketsInCache = 1'000;
constexpr std::uint16_t kEthernet = 1;

struct Subject {
  VerifiedProgram program;
  measure::PacketSet packets;
  std::string origin;  // of the packets
};

struct BenchRow {
  measure::Contender contender;
  double microseconds = 0;  // to prepare it
};

// An error has been said.
std::optional<Subject> read_packets(const BenchCommand& command, FilterText text,
                                    Terminal& terminal) {
  const std::string name = capture_name(command.input);
  auto reader = open_capture(command.input);
  if (!reader) {
    terminal.error(render(reader.error(), name));
    return std::nullopt;
  }
  FilterPrograms programs(command.filter, std::move(text), Rules::kLibpcap, terminal);
  const bool swapped = reader->sections().front().swapped;
  const VerifiedProgram* program =
      programs.find(reader->interfaces().front().link_type, swapped, kDefaultSnaplen);
  if (program == nullptr) return std::nullopt;
  Subject subject{*program, {}, name};
  std::size_t bytes = 0;
  std::size_t others = 0;
  while (subject.packets.size() < kMostPackets && bytes < kMostBytes) {
    const auto next = reader->next();
    if (!next) {
      terminal.error(render(next.error(), name));
      return std::nullopt;
    }
    if (*next == nullptr) break;
    const CapturedPacket& packet = **next;
    if (programs.find(packet.link_type, packet.swapped, kDefaultSnaplen) != program) {
      ++others;
      continue;
    }
    bytes += packet.data.size();
    subject.packets.add(packet.data, packet.wire_length);
  }
  if (others > 0) {
    terminal.note(
        fmt::format("{}: {} packets of other kinds than the first are left out", name, others));
  }
  if (subject.packets.size() == 0) {
    terminal.error(fmt::format("{}: no packets", name));
    return std::nullopt;
  }
  return subject;
}

std::optional<Subject> make_packets(const BenchCommand& command, const FilterText& text,
                                    Terminal& terminal) {
  if (command.filter.link_type != nullptr && command.filter.link_type->number != kEthernet) {
    terminal.error(fmt::format("traffic is made for EN10MB only: for {} give packets with -r FILE",
                               command.filter.link_type->name));
    return std::nullopt;
  }
  const auto compilation = compile_filter(command.filter, text, terminal);
  if (!compilation) return std::nullopt;
  auto verified = verify(compilation->program, Rules::kLibpcap);
  if (!verified) {
    terminal.error(fmt::format("the program breaks a rule: {}", verified.error().message));
    return std::nullopt;
  }
  Subject subject{std::move(*verified), {}, "made, mixed traffic"};
  for (const traffic::Frame& frame : traffic::mixed_traffic()) {
    subject.packets.add(frame, static_cast<std::uint32_t>(frame.size()));
  }
  return subject;
}

double microseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
      .count();
}

// Our engines, and the C compiler's code where there is a compiler.
std::vector<BenchRow> prepare(const Subject& subject, bool native, Terminal& terminal) {
  std::vector<BenchRow> rows;
  for (const measure::OwnEngine& engine : measure::own_engines()) {
    const auto start = std::chrono::steady_clock::now();
    auto made = engine.prepare(subject.program);
    const double taken = microseconds_since(start);
    if (made) {
      rows.push_back({std::move(*made), taken});
    } else {
      terminal.note(fmt::format("no {}: {}", engine.name, made.error()));
    }
  }
  if (!native) return rows;
  const auto start = std::chrono::steady_clock::now();
  const auto compiled = measure::NativePrograms::compile({&subject.program, 1});
  const double taken = microseconds_since(start);
  if (!compiled) {
    terminal.note(fmt::format("no C for comparison: {}", compiled.error()));
    return rows;
  }
  rows.push_back({{"gcc -O3",
                   [compiled = *compiled](std::span<const PacketView> all) {
                     const auto function = compiled.function(0);
                     return measure::sum_of_verdicts(all, [function](const PacketView& packet) {
                       return function(packet.data, packet.captured, packet.length);
                     });
                   }},
                  taken});
  return rows;
}

void print_table(const std::vector<BenchRow>& rows, std::span<const PacketView> packets,
                 std::string_view where, Terminal& terminal) {
  std::vector<measure::Contender> contenders;
  contenders.reserve(rows.size());
  for (const BenchRow& row : rows) contenders.push_back(row.contender);
  const measure::Measurement measured =
      measure::measure(contenders, packets, {.repetitions = 15, .seconds = 2});
  terminal.print(fmt::format("\n{:24}{:>10}{:>12}{:>10}{:>9}{:>12}\n",
                             fmt::format("{} packets{}", packets.size(), where), "ns", "million/s",
                             "speed", "spread", "ready in us"));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const measure::Timing& timing = measured.timings[i];
    terminal.print(fmt::format("  {:22}{:10.2f}{:12.1f}{:9.2f}x{:8.0f}%{:12.1f}\n",
                               rows[i].contender.name, timing.nanoseconds, 1e3 / timing.nanoseconds,
                               measured.timings[0].nanoseconds / timing.nanoseconds,
                               100 * timing.spread, rows[i].microseconds));
  }
  if (measured.disagrees) {
    terminal.error(fmt::format("{} and {} disagree: bpfc check tells more", rows[0].contender.name,
                               rows[*measured.disagrees].contender.name));
  }
}

}  // namespace

int run(const BenchCommand& command, Terminal& terminal) {
  auto text = filter_text(command.filter);
  if (!text) {
    terminal.error(text.error());
    return kBad;
  }
  const auto subject = command.input.empty() ? make_packets(command, *text, terminal)
                                             : read_packets(command, std::move(*text), terminal);
  if (!subject) return kBad;
  const std::vector<PacketView> packets = subject->packets.in_order();
  std::size_t matches = 0;
  std::uint64_t executed = 0;
  for (const PacketView& packet : packets) {
    matches += interpret(subject->program, to_packet(packet), &executed) != 0 ? 1 : 0;
  }
  terminal.print(
      fmt::format("{} instructions, {:.2f} executed a packet; {} packets ({}), {} match\n",
                  subject->program.program().size(),
                  static_cast<double>(executed) / static_cast<double>(packets.size()),
                  packets.size(), subject->origin, matches));
  const std::vector<BenchRow> rows = prepare(*subject, command.native, terminal);
  if (packets.size() > kPacketsInCache) {
    print_table(rows, std::span(packets).first(kPacketsInCache), ", in cache", terminal);
  }
  print_table(rows, packets, "", terminal);
  return terminal.finish() ? kDone : kBad;
}

}  // namespace bpfc::cli
