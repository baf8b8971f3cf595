// bpfc fuzz: random filters and programs in every engine, on packets made for their branches.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <random>

#include "bpfc/listing.h"
#include "cli/check_report.h"
#include "cli/command.h"
#include "judge/packet_generator.h"
#include "judge/program_generator.h"
#include "judge/random_filter.h"
#include "judge/unix_judge.h"

namespace bpfc::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kFewLinkTypes = 4;   // one filter in so many is for any link type
constexpr std::size_t kProgramsAmong = 3;  // one subject in so many is a random program
constexpr std::size_t kLongestProgram = 40;
constexpr std::uint32_t kLongestPacket = 120;
constexpr std::uint64_t kEffort = 100'000;
constexpr std::size_t kMadePackets = 448;
constexpr std::size_t kRandomPackets = 64;

// What should be one and the same filter.
struct Subject {
  FilterText text;  // of a filter
  FilterOptions filter;
  bool has_filter = false;
  std::vector<std::string> names;
  std::vector<VerifiedProgram> programs;  // all of the same rules
};

class Fuzz {
 public:
  Fuzz(const FuzzCommand& command, Terminal& terminal)
      : terminal_(terminal),
        seed_(command.seed ? *command.seed : std::random_device()()),
        until_(Clock::now() + std::chrono::seconds(command.seconds)),
        random_(seed_),
        filters_(random_.word()),
        programs_(random_.word()) {}

  int run();

 private:
  // None: the text is no filter for the link type.
  std::optional<Subject> random_filter();
  Subject random_program();
  // False: some engine disagrees, which has been said.
  bool is_agreed(const Subject& subject);
  std::string command_to_repeat(const Subject& subject, const judge::TestPacket& packet) const;
  void find_kernel();

  Terminal& terminal_;
  std::uint64_t seed_;
  Clock::time_point until_;
  judge::RandomSource random_;
  judge::RandomFilter filters_;
  judge::ProgramGenerator programs_;

  std::unique_ptr<judge::UnixJudge> judge_;
  judge::Court court_;
  std::string no_kernel_;  // why

  CheckTable table_;
  std::uint64_t filter_count_ = 0;
  std::uint64_t program_count_ = 0;
  std::uint64_t packets_ = 0;
  std::uint64_t verdicts_ = 0;
};

void Fuzz::find_kernel() {
  auto made = judge::UnixJudge::make();
  if (!made) {
    no_kernel_ = made.error();
    return;
  }
  judge_ = *std::move(made);
  court_ = {.judge = judge_.get(),
            .vantages = {judge::Vantage::kUnixSocket},
            .sends_frames = false,
            .most_packets = std::numeric_limits<std::uint64_t>::max()};
}

std::optional<Subject> Fuzz::random_filter() {
  Subject subject;
  subject.has_filter = true;
  subject.text = {filters_.text(), "filter"};
  const auto types = link_types();
  subject.filter.link_type = random_.one_in(kFewLinkTypes) ? &types[random_.below(types.size())]
                                                           : find_link_type("EN10MB");
  if (random_.one_in(kFewLinkTypes)) subject.filter.target = Target::kLiveLinux;
  CompileOptions options = compile_options(subject.filter);
  options.warnings = {};
  std::vector<Program> compiled;
  for (const Optimization level : {Optimization::kNone, Optimization::kDefault}) {
    options.optimization = level;
    auto compilation = compile(subject.text.text, options);
    if (!compilation) return std::nullopt;
    compiled.push_back(std::move(compilation->program));
  }
  const bool kernel = std::ranges::all_of(
      compiled, [](const Program& program) { return verify(program, Rules::kKernel).has_value(); });
  for (const Program& program : compiled) {
    auto verified = verify(program, kernel ? Rules::kKernel : Rules::kLibpcap);
    if (!verified) return std::nullopt;
    subject.programs.push_back(*std::move(verified));
  }
  subject.names = {"unoptimized", "optimized"};
  return subject;
}

Subject Fuzz::random_program() {
  Subject subject;
  const auto length = static_cast<std::uint32_t>(1 + random_.below(kLongestPacket));
  subject.programs.push_back(programs_.verified(kLongestProgram, length, Rules::kKernel));
  subject.names = {"random"};
  return subject;
}

std::string Fuzz::command_to_repeat(const Subject& subject, const judge::TestPacket& packet) const {
  CheckCommand command;
  command.filter = subject.filter;
  command.has_filter = subject.has_filter;
  if (subject.has_filter) return reproducing_command(command, subject.text, subject.filter, packet);
  command.program = "-";
  std::string program = to_decimal(subject.programs.front().program());
  std::ranges::replace(program, '\n', ',');
  return fmt::format("echo '{}' | {}", program,
                     reproducing_command(command, subject.text, subject.filter, packet));
}

bool Fuzz::is_agreed(const Subject& subject) {
  std::vector<const VerifiedProgram*> programs;
  for (const VerifiedProgram& program : subject.programs) programs.push_back(&program);
  std::vector<judge::Court*> courts;
  const bool foretold = std::ranges::all_of(subject.programs, [](const VerifiedProgram& program) {
    return program.rules() == Rules::kKernel && judge::is_deterministic(program);
  });
  if (foretold && court_.judge != nullptr) courts.push_back(&court_);
  judge::EngineComparison comparison(programs, courts);
  judge::PacketGenerator generator(programs, random_.word(), kEffort);
  // Those that tell programs apart best come first.
  std::vector<judge::TestPacket> packets = generator.branch_packets();
  if (packets.size() > kMadePackets) packets.resize(kMadePackets);
  for (std::size_t i = 0; i < kRandomPackets; ++i) packets.push_back(generator.random_packet());
  if (const auto judged = comparison.judge(packets); !judged) no_kernel_ = judged.error();
  packets_ += packets.size();
  for (const judge::EngineTally& tally : comparison.tallies()) {
    verdicts_ += tally.packets;
    table_.add(tally, subject.names[tally.program]);
  }
  const auto& disagreement = comparison.disagreement();
  if (!disagreement) return true;
  const judge::TestPacket packet = comparison.smallest(*disagreement);
  terminal_.print(subject.has_filter ? subject.text.text + "\n"
                                     : to_listing(subject.programs.front().program()));
  terminal_.print(opinion_lines(comparison.tallies(), subject.names, comparison.opinions(packet)));
  terminal_.print(fmt::format("to see it again: {}\n", command_to_repeat(subject, packet)));
  return false;
}

int Fuzz::run() {
  // At once: a seed that kills an engine is worth knowing.
  terminal_.print(fmt::format("seed {}\n", seed_));
  if (!terminal_.finish()) return kBad;
  find_kernel();
  bool agreed = true;
  do {
    if (random_.one_in(kProgramsAmong)) {
      ++program_count_;
      agreed = is_agreed(random_program());
    } else if (const auto subject = random_filter()) {
      ++filter_count_;
      agreed = is_agreed(*subject);
    }
  } while (agreed && Clock::now() < until_);
  terminal_.print(table_.text());
  if (!no_kernel_.empty()) terminal_.print(fmt::format("AF_UNIX not used: {}\n", no_kernel_));
  terminal_.print(fmt::format("{} filters, {} random programs, {} packets, {} verdicts\n",
                              filter_count_, program_count_, packets_, verdicts_));
  terminal_.print(fmt::format("{} disagreements\n", table_.disagreements()));
  if (!terminal_.finish()) return kBad;
  return agreed ? kDone : kBad;
}

}  // namespace

int run(const FuzzCommand& command, Terminal& terminal) { return Fuzz(command, terminal).run(); }

}  // namespace bpfc::cli
