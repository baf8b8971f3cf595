// bpfc check: a filter's or a program's verdicts in every engine, on real, made and random packets.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <random>

#include "cli/check_judges.h"
#include "cli/check_programs.h"
#include "cli/check_report.h"
#include "cli/hex_text.h"
#include "cli/packet_source.h"
#include "judge/packet_generator.h"

namespace bpfc::cli {
namespace {

using judge::TestPacket;

constexpr std::uint32_t kUsualRandomPackets = 10'000;
constexpr std::size_t kMostRealPackets = 100'000;
constexpr std::size_t kMostRealBytes = std::size_t{256} << 20U;
constexpr std::size_t kPacketsAtATime = 1024;

// The packets of a capture that one compilation of the filter is for.
struct PacketGroup {
  std::uint16_t link_type = 0;
  bool swapped = false;
  std::uint32_t snaplen = 0;
  FilterOptions filter;
  std::vector<TestPacket> packets;
};

// The smallest packet found on which engines differ.
struct Finding {
  std::size_t set = 0;
  TestPacket packet;
  std::vector<judge::EngineTally> tallies;
  std::vector<std::optional<judge::Opinion>> opinions;
};

class Check {
 public:
  Check(const CheckCommand& command, Terminal& terminal) : command_(command), terminal_(terminal) {}

  int run();

 private:
  // These say what is wrong; the first returns an exit code.
  int gather_groups();
  bool read_capture();
  bool add_real_packet(const CapturedPacket& packet, std::uint32_t snaplen);
  bool take_given_packet();

  void check_group(std::size_t index);
  void judge(judge::EngineComparison& comparison, std::span<const TestPacket> packets);
  void look_closer(std::size_t index, judge::EngineComparison& comparison);
  int report();

  const CheckCommand& command_;
  Terminal& terminal_;
  std::vector<PacketGroup> groups_;
  std::optional<CheckPrograms> programs_;
  std::vector<ProgramSet> sets_;
  std::unique_ptr<CheckJudges> judges_;
  std::uint64_t seed_ = 0;
  std::uint32_t random_packets_ = 0;

  CheckTable table_;
  std::string coverage_;
  std::string cut_short_;  // why not all of the capture was read, or empty
  std::optional<Finding> finding_;
  std::uint64_t real_ = 0;
  std::uint64_t made_ = 0;
};

bool Check::add_real_packet(const CapturedPacket& packet, std::uint32_t snaplen) {
  FilterOptions filter = command_.filter;
  PacketGroup wanted;
  if (command_.has_filter) {
    wanted = {packet.link_type, packet.swapped, snaplen, {}, {}};
    if (filter.link_type == nullptr) filter.link_type = find_link_type_of_file(packet.link_type);
    if (filter.link_type == nullptr) {
      terminal_.error(fmt::format(
          "packets of link type {} are in this file, which bpfc does not know", packet.link_type));
      return false;
    }
    if (filter.target == Target::kPlain) {
      filter.target = packet.swapped ? Target::kSwappedSavefile : Target::kNativeSavefile;
    }
    if (!filter.snaplen) filter.snaplen = snaplen;
  }
  auto group = std::find_if(groups_.begin(), groups_.end(), [&](const PacketGroup& known) {
    return known.link_type == wanted.link_type && known.swapped == wanted.swapped &&
           known.snaplen == wanted.snaplen;
  });
  if (group == groups_.end()) {
    wanted.filter = std::move(filter);
    group = groups_.insert(group, std::move(wanted));
  }
  group->packets.push_back({.bytes = {packet.data.begin(), packet.data.end()},
                            .wire_length = packet.wire_length,
                            .ancillary = std::nullopt});
  return true;
}

bool Check::read_capture() {
  auto reader = open_capture(command_.input);
  if (!reader) {
    terminal_.error(render(reader.error(), capture_name(command_.input)));
    return false;
  }
  std::size_t bytes = 0;
  for (std::size_t count = 0;; ++count) {
    const auto next = reader->next();
    if (!next) {
      terminal_.error(render(next.error(), capture_name(command_.input)));
      return false;
    }
    if (*next == nullptr) return true;
    if (count == kMostRealPackets || bytes > kMostRealBytes) {
      cut_short_ =
          fmt::format("of {}: the first {} packets\n", capture_name(command_.input), count);
      return true;
    }
    const CapturedPacket& packet = **next;
    bytes += packet.data.size();
    if (!add_real_packet(packet, reader->interfaces()[packet.interface].snaplen)) return false;
  }
}

bool Check::take_given_packet() {
  auto bytes = parse_hex(*command_.packet);
  if (!bytes) {
    terminal_.error("--packet takes hexadecimal digits in pairs");
    return false;
  }
  TestPacket packet{.bytes = std::move(*bytes), .wire_length = 0, .ancillary = std::nullopt};
  packet.wire_length =
      command_.wire_length.value_or(static_cast<std::uint32_t>(packet.bytes.size()));
  if (!command_.ancillary.empty()) {
    const auto ancillary = parse_ancillary(command_.ancillary);
    if (!ancillary) {
      terminal_.error(ancillary.error());
      return false;
    }
    packet.ancillary = *ancillary;
  }
  groups_.back().packets.push_back(std::move(packet));
  return true;
}

int Check::gather_groups() {
  if (!command_.input.empty() && !read_capture()) return kBad;
  if (groups_.empty()) groups_.emplace_back().filter = command_.filter;
  return command_.packet && !take_given_packet() ? kUsage : kDone;
}

void Check::judge(judge::EngineComparison& comparison, std::span<const TestPacket> packets) {
  for (std::size_t next = 0; next < packets.size(); next += kPacketsAtATime) {
    const auto some = packets.subspan(next, std::min(kPacketsAtATime, packets.size() - next));
    if (const auto judged = comparison.judge(some); !judged) {
      judges_->add_note(fmt::format("a judge has stopped: {}", judged.error()));
    }
  }
}

void Check::check_group(std::size_t index) {
  const ProgramSet& set = sets_[index];
  const PacketGroup& group = groups_[index];
  std::vector<const VerifiedProgram*> programs;
  for (const VerifiedProgram& program : set.programs) programs.push_back(&program);
  const std::vector<judge::Court*> courts = judges_->courts_for(set);
  judge::EngineComparison comparison(programs, courts);
  judge::PacketGenerator generator(programs, seed_);
  for (const TestPacket& packet : group.packets) generator.learn(packet);
  real_ += group.packets.size();
  if (!command_.packet) {
    const std::vector<TestPacket> made = generator.branch_packets();
    made_ += made.size();
    // Those that tell programs apart best come first.
    judge(comparison, made);
  }
  judge(comparison, group.packets);
  // Each kind of packet has its share.
  const auto groups = static_cast<std::uint32_t>(groups_.size());
  std::uint32_t left = random_packets_ / groups + (index < random_packets_ % groups ? 1 : 0);
  std::vector<TestPacket> some;
  while (left > 0) {
    some.clear();
    for (; left > 0 && some.size() < kPacketsAtATime; --left) {
      some.push_back(generator.random_packet());
    }
    judge(comparison, some);
  }
  for (const judge::EngineTally& tally : comparison.tallies()) {
    table_.add(tally, set.names[tally.program]);
  }
  for (const std::string& refusal : comparison.refusals()) {
    judges_->add_note(fmt::format("the kernel has not taken a program: {}", refusal));
  }
  for (std::size_t i = 0; i < programs.size() && !command_.packet; ++i) {
    const std::string kind = groups_.size() > 1 && set.has_filter
                                 ? fmt::format("{}, {}", set.filter.link_type->name, set.names[i])
                                 : set.names[i];
    coverage_ += coverage_line(kind, generator.coverage(i));
  }
  if (!finding_) look_closer(index, comparison);
}

void Check::look_closer(std::size_t index, judge::EngineComparison& comparison) {
  const auto& disagreement = comparison.disagreement();
  if (!disagreement && !command_.packet) return;
  Finding finding;
  finding.set = index;
  finding.packet =
      command_.packet ? groups_[index].packets.front() : comparison.smallest(*disagreement);
  finding.tallies = comparison.tallies();
  finding.opinions = comparison.opinions(finding.packet);
  finding_ = std::move(finding);
}

int Check::report() {
  terminal_.print(table_.text());
  if (!command_.packet) {
    terminal_.print(fmt::format("packets: {} real, {} made for the branches, {} random; seed {}\n",
                                real_, made_, random_packets_, seed_));
  }
  terminal_.print(coverage_);
  terminal_.print(cut_short_);
  terminal_.print(judges_->notes());
  const std::uint64_t disagreements = table_.disagreements();
  terminal_.print(fmt::format("{} disagreements\n", disagreements));
  if (finding_) {
    const ProgramSet& set = sets_[finding_->set];
    if (!command_.packet) {
      terminal_.print(fmt::format("the smallest packet found has {} bytes: {}\n",
                                  finding_->packet.bytes.size(), to_hex(finding_->packet.bytes)));
    }
    terminal_.print(opinion_lines(finding_->tallies, set.names, finding_->opinions));
    if (!command_.packet) {
      terminal_.print(fmt::format(
          "to see it again{}: {}\n",
          command_.program == "-" ? ", with the program on standard input" : "",
          reproducing_command(command_, programs_->text(), set.filter, finding_->packet)));
    }
  }
  if (!terminal_.finish()) return kBad;
  return disagreements == 0 ? kDone : kBad;
}

int Check::run() {
  programs_ = CheckPrograms::read(command_, terminal_);
  if (!programs_) return kBad;
  if (const int gathered = gather_groups(); gathered != kDone) return gathered;
  for (const PacketGroup& group : groups_) {
    auto set = programs_->compile_for(group.filter, terminal_);
    if (!set) return kBad;
    sets_.push_back(std::move(*set));
  }
  seed_ = command_.seed ? *command_.seed : std::random_device()();
  if (!command_.packet) random_packets_ = command_.random_packets.value_or(kUsualRandomPackets);
  judges_ = std::make_unique<CheckJudges>(sets_);
  for (std::size_t i = 0; i < sets_.size(); ++i) check_group(i);
  return report();
}

}  // namespace

int run(const CheckCommand& command, Terminal& terminal) { return Check(command, terminal).run(); }

}  // namespace bpfc::cli
