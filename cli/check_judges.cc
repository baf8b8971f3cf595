#include "cli/check_judges.h"

#include <fmt/format.h>

#include <algorithm>

#include "judge/network_namespace.h"
#include "judge/packet_judge.h"
#include "judge/unix_judge.h"

namespace bpfc::cli {
namespace {

// A frame takes some twenty microseconds.
constexpr std::uint64_t kMostFrames = 150'000;
constexpr std::uint64_t kMostDatagrams = 10'000'000;
constexpr std::size_t kAmpleOptionMemory = 8'000'000;
constexpr std::uint16_t kEthernet = 1;

// Why the kernel's verdicts say nothing of these programs, or empty.
std::string why_no_kernel(const ProgramSet& set) {
  if (!set.kernel_refusal.empty()) return set.kernel_refusal;
  const bool foretold =
      std::all_of(set.programs.begin(), set.programs.end(),
                  [](const VerifiedProgram& program) { return judge::is_deterministic(program); });
  return foretold ? "" : "a program loads a random number, so that its verdicts cannot be foretold";
}

// Of programs that are not made for a link type, frames are as good as any bytes.
std::string why_no_frames(const ProgramSet& set) {
  const LinkType* type = set.filter.link_type;
  if (!set.has_filter || type == nullptr || type->number == kEthernet) return {};
  return fmt::format("its frames are of EN10MB, and the filter is for {}", type->name);
}

}  // namespace

CheckJudges::CheckJudges(const std::vector<ProgramSet>& sets)
    : packet_{.name = "AF_PACKET", .judge = nullptr, .court = {}},
      unix_{.name = "AF_UNIX", .judge = nullptr, .court = {}} {
  std::size_t most_programs = 0;
  bool kernel = false;
  bool frames = false;
  for (const ProgramSet& set : sets) {
    most_programs = std::max(most_programs, set.programs.size());
    const std::string why_not = why_no_kernel(set);
    kernel = kernel || why_not.empty();
    frames = frames || (why_not.empty() && why_no_frames(set).empty());
  }
  // First, since it enters the namespace, where the other one may use more memory too.
  if (frames) {
    auto made = judge::PacketJudge::make(most_programs);
    if (made) {
      packet_.judge = *std::move(made);
      packet_.court = {.judge = packet_.judge.get(),
                       .vantages = {judge::Vantage::kReceive, judge::Vantage::kTransmit},
                       .sends_frames = true,
                       .most_packets = kMostFrames};
    } else {
      refuse(packet_.name, made.error());
    }
  } else if (kernel && judge::enter_network_namespace().empty()) {
    // If not, the machine's limit has to do.
    judge::set_option_memory(kAmpleOptionMemory);
  }
  if (kernel) {
    auto made = judge::UnixJudge::make();
    if (made) {
      unix_.judge = *std::move(made);
      unix_.court = {.judge = unix_.judge.get(),
                     .vantages = {judge::Vantage::kUnixSocket},
                     .sends_frames = false,
                     .most_packets = kMostDatagrams};
    } else {
      refuse(unix_.name, made.error());
    }
  }
}

std::vector<judge::Court*> CheckJudges::courts_for(const ProgramSet& set) {
  std::vector<judge::Court*> courts;
  const std::string no_kernel = why_no_kernel(set);
  const std::string no_frames = no_kernel.empty() ? why_no_frames(set) : no_kernel;
  if (!no_kernel.empty()) {
    refuse(unix_.name, no_kernel);
  } else if (unix_.judge != nullptr) {
    courts.push_back(&unix_.court);
  }
  if (!no_frames.empty()) {
    refuse(packet_.name, no_frames);
  } else if (packet_.judge != nullptr) {
    courts.push_back(&packet_.court);
  }
  return courts;
}

std::string CheckJudges::notes() const {
  std::string text;
  for (const std::string& note : notes_) text += note + "\n";
  if (packet_.judge != nullptr && packet_.court.most_packets == 0) {
    text +=
        fmt::format("{} has judged the first {} packets, being slow\n", packet_.name, kMostFrames);
  }
  return text;
}

void CheckJudges::refuse(const std::string& judge, const std::string& why) {
  add_note(fmt::format("{} not used: {}", judge, why));
}

void CheckJudges::add_note(std::string note) {
  if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) {
    notes_.push_back(std::move(note));
  }
}

}  // namespace bpfc::cli
