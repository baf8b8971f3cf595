// The filters of the differential tests in the interpreter and in the kernel: as we compile them,
// optimized and not, for files and for live capture, and as libpcap does.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <set>

#include "bpfc/compile.h"
#include "tests/oracle/differential_expressions.h"
#include "tests/oracle/engine_set.h"
#include "tests/oracle/expression_generator.h"
#include "tests/oracle/expression_list.h"
#include "tests/oracle/kernel_comparison.h"
#include "tests/oracle/libpcap_judge.h"
#include "tests/oracle/link_expressions.h"
#include "tests/oracle/packet_builder.h"
#include "tests/oracle/packet_corpus.h"
#include "tests/oracle/system_names.h"

namespace bpfc::oracle {
namespace {

using Clock = std::chrono::steady_clock;

// A bound for machines that are slow: here less is needed.
constexpr auto kTimeForFilters = std::chrono::seconds(40);
constexpr std::size_t kFramesInABatch = 96;

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

// Programs for the kernel, each once, and where they came from.
class ProgramPool {
 public:
  explicit ProgramPool(std::string link_type) : link_type_(std::move(link_type)) {}

  // What does not compile is passed over, as are words that are for live capture only.
  void add(const std::string& text, Target target) {
    CompileOptions options;
    options.link_type = find_link_type(link_type_);
    options.target = target;
    options.netmask = kTestNetmask;
    options.resolver = &names_;
    for (const Optimization level : {Optimization::kNone, Optimization::kDefault}) {
      options.optimization = level;
      const auto compiled = compile(text, options);
      if (compiled) ours_ += add(compiled->program) ? 1 : 0;
    }
  }
  void add_libpcap(const std::string& text) {
    LibpcapOptions options{link_type_numbers().at(link_type_), kDefaultSnaplen, kTestNetmask,
                           false};
    for (const bool optimize : {false, true}) {
      options.optimize = optimize;
      const auto compiled = libpcap_compile(text, options);
      if (compiled) libpcaps_ += add(*compiled) ? 1 : 0;
    }
  }

  const std::vector<VerifiedProgram>& programs() const { return programs_; }
  std::size_t ours() const { return ours_; }
  std::size_t libpcaps() const { return libpcaps_; }

 private:
  // Whether it is new. Programs that the kernel takes not, such as libpcap's loops, do not count.
  bool add(const Program& program) {
    auto verified = verify(program, Rules::kKernel);
    if (!verified || !known_.insert(to_key(program)).second) return false;
    programs_.push_back(*std::move(verified));
    return true;
  }
  static std::string to_key(const Program& program) {
    return {reinterpret_cast<const char*>(program.data()), program.size() * sizeof(Instruction)};
  }

  std::string link_type_;
  SystemNames names_;
  std::set<std::string> known_;
  std::vector<VerifiedProgram> programs_;
  std::size_t ours_ = 0;
  std::size_t libpcaps_ = 0;
};

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

class KernelFilters : public KernelComparison {
 protected:
  // Each program on some of the frames, in turn. False: the time was up.
  bool compare_in_turn(const ProgramPool& pool, const Frames& frames, Clock::time_point limit) {
    const std::vector<VerifiedProgram>& programs = pool.programs();
    const std::size_t most = judge().most_programs();
    for (std::size_t next = 0; next < programs.size(); next += most) {
      if (Clock::now() >= limit) return false;
      Frames some;
      for (std::size_t i = 0; i < std::min(kFramesInABatch, frames.size()); ++i) {
        some.push_back(frames[turn_++ % frames.size()]);
      }
      compare(std::span(programs).subspan(next, std::min(most, programs.size() - next)), some);
      if (HasFatalFailure()) return true;
    }
    return true;
  }

 private:
  std::size_t turn_ = 0;
};

TEST_P(KernelFilters, AgreeOnEthernet) {
  const std::string link_type = "EN10MB";
  std::vector<std::string> expressions = read_expressions("expressions.txt", link_type);
  for (const auto& more : {generated_primitives(), differential_combinations(link_type)}) {
    expressions.insert(expressions.end(), more.begin(), more.end());
  }
  ProgramPool pool(link_type);
  for (const char* text : kLiveFilters) pool.add(text, Target::kLiveLinux);
  for (const std::string& text : expressions) {
    pool.add(text, Target::kPlain);
    pool.add(text, Target::kLiveLinux);
    pool.add_libpcap(text);
  }
  std::cout << expressions.size() << " expressions: " << pool.ours() << " programs of ours, "
            << pool.libpcaps() << " more of libpcap\n";
  if (!compare_in_turn(pool, filter_frames(), Clock::now() + kTimeForFilters)) {
    std::cout << "the time was up before all were tried\n";
  }
  report("filters");
  EXPECT_GT(verdicts(), 100'000U);
}

// Packets that no Ethernet interface carries.
class OtherLinkTypes : public KernelFilters {};

TEST_P(OtherLinkTypes, Agree) {
  constexpr std::size_t kEveryPrimitive = 96;
  CorpusOptions options;
  options.directories = {BPFC_SOURCE_DIR "/tests/data", BPFC_EXTRA_CAPTURES};
  options.real_packets = 10;
  options.longest_truncation = 0;
  options.mutations = 1;
  const auto limit = Clock::now() + kTimeForFilters;
  const std::vector<std::string> primitives = generated_primitives();
  std::size_t ours = 0;
  std::size_t libpcaps = 0;
  std::size_t link_types = 0;
  for (const TestedLinkType& type : tested_link_types()) {
    const std::string name(type.name);
    if (name == "EN10MB") continue;
    ProgramPool pool(name);
    std::vector<std::string> expressions = read_expressions("expressions.txt", name);
    for (std::string& text : link_expressions()) expressions.push_back(std::move(text));
    for (std::size_t i = static_cast<std::size_t>(type.number) % kEveryPrimitive;
         i < primitives.size(); i += kEveryPrimitive) {
      expressions.push_back(primitives[i]);
    }
    for (const std::string& text : expressions) {
      pool.add(text, Target::kPlain);
      if (libpcap_judges(type)) pool.add_libpcap(text);
    }
    Frames packets;
    for (CorpusPacket& packet : packet_corpus(type.number, options)) {
      if (!packet.bytes.empty()) packets.push_back(std::move(packet.bytes));
    }
    ours += pool.ours();
    libpcaps += pool.libpcaps();
    ++link_types;
    const bool in_time = packets.empty() || compare_in_turn(pool, packets, limit);
    if (HasFatalFailure()) FAIL() << name;
    if (!in_time) {
      std::cout << "the time was up before all were tried\n";
      break;
    }
  }
  std::cout << link_types << " link types: " << ours << " programs of ours, " << libpcaps
            << " more of libpcap\n";
  report("filters of other link types");
  EXPECT_GT(verdicts(), 100'000U);
}

INSTANTIATE_TEST_SUITE_P(Judges, OtherLinkTypes, ::testing::Values(unix_judge_case()),
                         [](const auto& judge_case) { return judge_case.param.name; });
INSTANTIATE_TEST_SUITE_P(Judges, KernelFilters,
                         ::testing::Values(unix_judge_case(), packet_judge_case()),
                         [](const auto& judge_case) { return judge_case.param.name; });

}  // namespace
}  // namespace bpfc::oracle
