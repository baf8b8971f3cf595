// interpret() under the kernel's rules against the kernel: generated programs on generated packets,
// and compiled filters, those for live capture included, on made and real ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "bpfc/compile.h"
#include "bpfc/listing.h"
#include "judge/network_namespace.h"
#include "judge/packet_judge.h"
#include "judge/unix_judge.h"
#include "tests/oracle/expression_list.h"
#include "tests/oracle/packet_builder.h"
#include "tests/oracle/packet_corpus.h"
#include "tests/vm/program_generator.h"

namespace bpfc::oracle {
namespace {

using namespace judge;

using Clock = std::chrono::steady_clock;
using Frames = std::vector<std::vector<std::uint8_t>>;

constexpr auto kTimeForGenerated = std::chrono::seconds(8);
constexpr auto kTimeForFilters = std::chrono::seconds(10);
constexpr std::size_t kGeneratedPrograms = 40'000;
constexpr std::size_t kFramesInABatch = 32;
constexpr std::size_t kEthernetHeader = 14;
constexpr std::size_t kAmpleOptionMemory = 4'000'000;

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  std::ostringstream text;
  text << std::hex << std::setfill('0');
  for (const std::uint8_t byte : bytes) text << std::setw(2) << int{byte};
  return text.str();
}

struct JudgeCase {
  const char* name;
  Expected<std::unique_ptr<KernelJudge>, std::string> (*make)();
};
std::ostream& operator<<(std::ostream& out, const JudgeCase& judge_case) {
  return out << judge_case.name;
}

template <typename Judge>
Expected<std::unique_ptr<KernelJudge>, std::string> as_judge(Judge made) {
  if (!made) return Unexpected<std::string>(made.error());
  return std::unique_ptr<KernelJudge>(*std::move(made));
}

Expected<std::unique_ptr<KernelJudge>, std::string> make_packet_judge() {
  return as_judge(PacketJudge::make());
}

// This judge can do with the machine's limit; a few large programs may then stay without a verdict.
Expected<std::unique_ptr<KernelJudge>, std::string> make_unix_judge() {
  if (enter_network_namespace().empty()) set_option_memory(kAmpleOptionMemory);
  return as_judge(UnixJudge::make());
}

class KernelJudges : public ::testing::TestWithParam<JudgeCase> {
 protected:
  void SetUp() override {
    auto made = GetParam().make();
    if (!made) GTEST_SKIP() << made.error();
    judge_ = *std::move(made);
  }

  // At most as many programs as the judge takes at a time.
  void compare(std::span<const VerifiedProgram> programs, const Frames& packets) {
    const auto judged = judge_->verdicts(programs, packets);
    ASSERT_TRUE(judged) << judged.error();
    for (std::size_t i = 0; i < programs.size(); ++i) {
      refused_ += judged->refusals[i] ? 1 : 0;
      // Without room for large programs there is no verdict on them.
      if (judged->refusals[i]) {
        ASSERT_EQ(judged->refusals[i]->kind, SocketErrorKind::kNoMemory)
            << judged->refusals[i]->message;
      }
    }
    programs_ += programs.size();
    not_judged_ += judged->not_judged;
    for (const Sighting& sighting : judged->sightings) {
      ++sightings_;
      tagged_ += sighting.ancillary.vlan_tag_present ? 1 : 0;
      for (std::size_t i = 0; i < programs.size(); ++i) {
        if (judged->refusals[i]) continue;
        ASSERT_NO_FATAL_FAILURE(compare(programs[i], sighting, sighting.kept[i]));
      }
    }
  }

  void compare(const VerifiedProgram& program, const Sighting& sighting, std::uint32_t kept) {
    ++verdicts_;
    accepted_ += kept > 0 ? 1 : 0;
    const std::size_t returned = interpret(program, sighting.view());
    const Ancillary& ancillary = sighting.ancillary;
    ASSERT_EQ(std::min(returned, sighting.bytes.size()), kept)
        << to_string(sighting.vantage) << ": " << sighting.bytes.size() << " bytes "
        << hexadecimal(sighting.bytes) << "\nprotocol " << ancillary.protocol << ", packet type "
        << int{ancillary.packet_type} << ", network header at " << sighting.network_offset
        << ", payload at " << ancillary.payload_offset << ", mark " << ancillary.mark << ", queue "
        << ancillary.queue << ", hash " << ancillary.receive_hash << ", tag "
        << (ancillary.vlan_tag_present ? "" : "not ") << "present " << ancillary.vlan_tag << "\n"
        << to_listing(program.program()) << to_c_array(program.program());
  }

  void report(const char* what) const {
    std::cout << judge_->name() << ", " << what << ": " << programs_ << " programs (" << refused_
              << " too large), " << sightings_ << " packets (" << tagged_
              << " with their tag beside them), " << not_judged_ << " not judged, " << verdicts_
              << " verdicts, " << accepted_ << " accepted, "
              << (HasFailure() ? "a disagreement" : "0 disagreements") << "\n";
  }

  // Addressed to the receiving interface or to others; with the headers that the kernel looks into.
  std::vector<std::uint8_t> frame(testing::ProgramGenerator& generator, std::size_t length) const {
    std::vector<std::uint8_t> bytes = generator.packet(length);
    if (length < kEthernetHeader) return bytes;
    const auto* packet_judge = dynamic_cast<const PacketJudge*>(judge_.get());
    switch (generator.below(4)) {
      case 0:
        std::fill_n(bytes.begin(), 6, std::uint8_t{0xff});
        break;
      case 1:
        if (packet_judge == nullptr) break;
        std::copy_n(packet_judge->interfaces().far.address.begin(), 6, bytes.begin());
        break;
      default:
        break;
    }
    constexpr std::array<std::uint16_t, 8> kTypes{0x0800, 0x86dd, 0x8100, 0x88a8,
                                                  0x9100, 0x0806, 0x8847, 0x0030};
    for (std::size_t at = 12; at + 2 <= length && at <= 20; at += 4) {
      if (generator.one_in(6)) continue;
      const std::uint16_t type = kTypes[generator.below(kTypes.size())];
      bytes[at] = static_cast<std::uint8_t>(type >> 8U);
      bytes[at + 1] = static_cast<std::uint8_t>(type & 0xffU);
      if (type == 0x0800 && at + 3 <= length) bytes[at + 2] = 0x45;
      if (type == 0x86dd && at + 3 <= length) bytes[at + 2] = 0x60;
    }
    return bytes;
  }

  std::unique_ptr<KernelJudge> judge_;
  std::size_t programs_ = 0;
  std::size_t refused_ = 0;
  std::size_t sightings_ = 0;
  std::size_t tagged_ = 0;
  std::size_t not_judged_ = 0;
  std::size_t verdicts_ = 0;
  std::size_t accepted_ = 0;
};

TEST_P(KernelJudges, AgreeOnGeneratedPrograms) {
  testing::ProgramGenerator generator(testing::test_seed());
  const auto limit = Clock::now() + kTimeForGenerated;
  while (programs_ < kGeneratedPrograms && Clock::now() < limit) {
    const std::uint32_t longest = generator.one_in(4) ? 1000 : 60;
    const std::uint32_t length = kEthernetHeader + generator.below(longest);
    std::vector<VerifiedProgram> programs;
    while (programs.size() < judge_->most_programs()) {
      auto program = generator.verified(24, length, Rules::kKernel);
      if (is_deterministic(program)) programs.push_back(std::move(program));
    }
    Frames frames;
    while (frames.size() < kFramesInABatch) {
      const std::uint32_t other = kEthernetHeader + generator.below(length);
      frames.push_back(frame(generator, generator.one_in(3) ? other : length));
    }
    ASSERT_NO_FATAL_FAILURE(compare(programs, frames));
  }
  report("generated programs");
  EXPECT_GT(verdicts_, 1000U);
}

constexpr std::array<const char*, 20> kLiveFilters = {"inbound",
                                                      "outbound",
                                                      "inbound and ip",
                                                      "outbound and tcp port 80",
                                                      "not inbound or arp",
                                                      "vlan",
                                                      "vlan 5",
                                                      "vlan 100 and ip",
                                                      "vlan and vlan",
                                                      "vlan and vlan and ip6",
                                                      "vlan or ip",
                                                      "not vlan and tcp port 80",
                                                      "vlan and not vlan 5 and host 10.1.2.3",
                                                      "geneve and vlan and ip",
                                                      "vlan 5 and tcp[0:2] = 80",
                                                      "ifindex 1",
                                                      "ifindex 2",
                                                      "ifindex 3",
                                                      "not ifindex 2 and udp",
                                                      "inbound and vlan and ip6"};

// Optimized and not. What does not compile is passed over: names, which are not resolved here, and
// words that are for live capture only.
std::vector<VerifiedProgram> compiled_filters(const std::string& link_type,
                                              std::span<const Target> targets) {
  std::vector<std::string> filters = read_expressions("expressions.txt", link_type);
  filters.insert(filters.end(), kLiveFilters.begin(), kLiveFilters.end());
  std::vector<VerifiedProgram> programs;
  for (const std::string& text : filters) {
    for (const Target target : targets) {
      for (const bool optimize : {false, true}) {
        CompileOptions options;
        options.link_type = find_link_type(link_type);
        options.target = target;
        options.optimize = optimize;
        const auto compiled = compile(text, options);
        if (!compiled) continue;
        auto program = verify(compiled->program, Rules::kKernel);
        if (program) programs.push_back(*std::move(program));
      }
    }
  }
  return programs;
}

// Frames that reach every primitive, as they are and tagged, cut short, and with changed bytes.
Frames filter_frames() {
  CorpusOptions options;
  options.directories = {BPFC_SOURCE_DIR "/tests/data", BPFC_EXTRA_CAPTURES};
  options.real_packets = 40;
  options.longest_truncation = 0;
  options.mutations = 2;
  options.rare = true;
  constexpr int kEthernet = 1;
  Frames frames;
  std::size_t count = 0;
  for (const CorpusPacket& packet : packet_corpus(kEthernet, options)) {
    if (packet.bytes.size() < kEthernetHeader) continue;
    frames.push_back(packet.bytes);
    switch (++count % 8) {
      case 0:
        frames.push_back(vlan(0x8100, 5, packet.bytes));
        break;
      case 2:
        frames.push_back(vlan(0x88a8, 0x6064, packet.bytes));
        break;
      case 4:
        frames.push_back(vlan(0x8100, 100, vlan(0x8100, 5, packet.bytes)));
        break;
      case 6:
        frames.push_back(vlan(0x9100, 100, packet.bytes));
        break;
      default:
        frames.emplace_back(
            packet.bytes.begin(),
            packet.bytes.begin() +
                static_cast<std::ptrdiff_t>(kEthernetHeader +
                                            count % (packet.bytes.size() - kEthernetHeader + 1)));
        break;
    }
  }
  // Of more than one memory fragment.
  for (const std::size_t size : {9000U, 60000U}) {
    frames.push_back(ethernet(0x0800, ipv4(17, udp(53, 80, Bytes(size, 0x41)))));
  }
  return frames;
}

TEST_P(KernelJudges, AgreeOnFilters) {
  constexpr std::array<Target, 2> kTargets{Target::kPlain, Target::kLiveLinux};
  const std::vector<VerifiedProgram> programs = compiled_filters("EN10MB", kTargets);
  const Frames frames = filter_frames();
  const auto limit = Clock::now() + kTimeForFilters;
  const std::size_t most = judge_->most_programs();
  std::size_t next = 0;
  for (; next < programs.size() && Clock::now() < limit; next += most) {
    const std::size_t count = std::min(most, programs.size() - next);
    ASSERT_NO_FATAL_FAILURE(compare(std::span(programs).subspan(next, count), frames));
  }
  report("filters");
  if (next < programs.size()) {
    std::cout << "time was up: " << next << " of " << programs.size() << " filters tried\n";
  }
  EXPECT_GT(verdicts_, 1000U);
}

// Packets that no Ethernet interface carries.
class OtherLinkTypes : public KernelJudges {};

TEST_P(OtherLinkTypes, AgreeOnFilters) {
  constexpr std::array<Target, 1> kTargets{Target::kPlain};
  CorpusOptions options;
  options.directories = {BPFC_SOURCE_DIR "/tests/data", BPFC_EXTRA_CAPTURES};
  options.real_packets = 10;
  options.longest_truncation = 0;
  options.mutations = 1;
  for (const char* link_type : {"LINUX_SLL", "LINUX_SLL2", "RAW", "NULL", "LOOP", "IPV4", "IPV6"}) {
    const std::vector<VerifiedProgram> programs = compiled_filters(link_type, kTargets);
    Frames packets;
    for (CorpusPacket& packet : packet_corpus(link_type_numbers().at(link_type), options)) {
      if (!packet.bytes.empty()) packets.push_back(std::move(packet.bytes));
    }
    const std::size_t most = judge_->most_programs();
    for (std::size_t next = 0; next < programs.size(); next += most) {
      const std::size_t count = std::min(most, programs.size() - next);
      ASSERT_NO_FATAL_FAILURE(compare(std::span(programs).subspan(next, count), packets))
          << link_type;
    }
  }
  report("filters of other link types");
  EXPECT_GT(verdicts_, 1000U);
}

INSTANTIATE_TEST_SUITE_P(Judges, OtherLinkTypes,
                         ::testing::Values(JudgeCase{"unix", &make_unix_judge}),
                         [](const auto& judge_case) { return judge_case.param.name; });
INSTANTIATE_TEST_SUITE_P(Judges, KernelJudges,
                         ::testing::Values(JudgeCase{"unix", &make_unix_judge},
                                           JudgeCase{"packet", &make_packet_judge}),
                         [](const auto& judge_case) { return judge_case.param.name; });

}  // namespace
}  // namespace bpfc::oracle
