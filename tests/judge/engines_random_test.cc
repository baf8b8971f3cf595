// Every engine says what interpret() says: on random programs, by both rules, and on packets that
// take their branches, the last byte of each before a page that may not be touched.
//
// BPFC_TEST_SEED: the first round's seed, and the following ones' counted from there.
// BPFC_TEST_SECONDS: how long it goes on; with 0 it makes one round, and prints its program.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <string>

#include "bpfc/compile.h"
#include "bpfc/interpreter.h"
#include "bpfc/listing.h"
#include "judge/packet_generator.h"
#include "tests/jit/guarded_packets.h"
#include "tests/judge/engines.h"
#include "tests/vm/comparison_generator.h"
#include "tests/vm/program_generator.h"
#include "vm/opcode.h"

namespace bpfc::judge {
namespace {

using bpfc::testing::ComparisonGenerator;
using bpfc::testing::Engine;
using bpfc::testing::GuardedPackets;
using bpfc::testing::ProgramGenerator;

constexpr std::uint64_t kLongRun = 20'000;  // steps

constexpr int kDeadlySignals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL};

// What to say if an engine reads where it must not: printed by the signal's handler.
std::array<char, 256> last_words;

void say_last_words(int signal) {
  // A handler may do no more, nor care if it fails.
  const auto written = ::write(STDERR_FILENO, last_words.data(), std::strlen(last_words.data()));
  static_cast<void>(written);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::string command(std::uint64_t seed) {
  return fmt::format("BPFC_TEST_SEED={} BPFC_TEST_SECONDS=0 engines_random_test\n", seed);
}

std::chrono::seconds time_to_spend() {
  const char* given = std::getenv("BPFC_TEST_SECONDS");
  return std::chrono::seconds(given != nullptr ? std::strtol(given, nullptr, 10) : 10);
}

std::string hosts(ProgramGenerator& random, std::uint32_t count) {
  std::string text = "host 10.0.0.1";
  for (std::uint32_t i = 0; i < count; ++i) {
    text += fmt::format(" or {} {}.{}.{}.{}", random.one_in(3) ? "dst host" : "host",
                        random.below(224), random.below(256), random.below(256), random.below(256));
  }
  // Neighbours are a range, and so are networks.
  if (random.one_in(2)) text += " or host 192.0.2.8 or host 192.0.2.9";
  if (random.one_in(3)) text += " or net 172.16.0.0/12 or net 198.51.100.0/24";
  return text;
}

std::string some_filter(ProgramGenerator& random) {
  static constexpr const char* kFilters[] = {
      "ip",
      "tcp port 80",
      "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src and dst net 192.168.0.0/16",
      "portrange 8000-9000",
      "ip6 and tcp port 443",
      "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
      "vlan and ip and udp port 53",
      "port 80 or port 443 or port 8080 or portrange 20-25 and not tcp",
      "net 10.0.0.0/8 and not net 10.1.0.0/16 or net 172.16.0.0/12",
      "ip6 host 2001:db8::1 or ip6 net 2001:db8:1::/48",
      "ether host 02:00:00:00:00:01 or ether multicast",
      "greater 200 and not arp or less 60",
      "udp[8:4] > 0x01020304 and udp[10] & 7 = 3",
      "ip proto 6 or ip proto 17 or ip proto 132 or ip6 proto 58",
      "ip6 protochain 6",
      "mpls 100 and ip or pppoes 7 and ip6"};
  if (random.one_in(4)) return hosts(random, random.below(60));
  return kFilters[random.below(std::size(kFilters))];
}

// Makes some of a program's jumps lead backwards.
void add_loops(Program& program, ProgramGenerator& random) {
  for (std::size_t i = 1; i + 1 < program.size(); ++i) {
    if (!random.one_in(12)) continue;
    const auto length = static_cast<std::uint32_t>(i + 1);
    program[i] = {encode(Operation::kJump), 0, 0, 0U - 1U - random.below(length)};
  }
}

VerifiedProgram some_program(ProgramGenerator& random, std::uint32_t packet_length) {
  const Rules rules = random.one_in(2) ? Rules::kKernel : Rules::kLibpcap;
  for (;;) {
    Program program;
    switch (random.below(8)) {
      case 0:
      case 1:
        program = random.plausible(random.one_in(4) ? 100 : 25, packet_length);
        break;
      case 2:
        program = random.plausible(25, packet_length);
        if (rules == Rules::kLibpcap) add_loops(program, random);
        break;
      case 3: {
        CompileOptions options;
        options.optimization = random.one_in(2) ? Optimization::kNone : Optimization::kDefault;
        const auto compilation = compile(some_filter(random), options);
        if (compilation) program = compilation->program;
        break;
      }
      default: {
        const std::uint32_t most = random.one_in(8) ? 600 : random.one_in(3) ? 60 : 12;
        program = ComparisonGenerator(random, packet_length).make(1 + random.below(most));
        break;
      }
    }
    if (auto verified = verify(program, rules)) return *std::move(verified);
  }
}

const char* rules_name(const VerifiedProgram& program) {
  return program.rules() == Rules::kKernel ? "kernel" : "libpcap";
}

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

class EnginesRandomTest : public ::testing::Test {
 protected:
  // Returns whether all engines agree about one program.
  bool round(std::uint64_t seed);
  std::vector<TestPacket> some_packets(const VerifiedProgram& program, ProgramGenerator& random,
                                       std::uint32_t packet_length);
  bool judge(const Engine& engine, const VerifiedProgram& program, std::span<const Packet> packets,
             std::span<const std::uint32_t> expected, std::uint64_t seed);

  GuardedPackets guarded_;
  std::map<std::string, std::uint64_t> judged_;  // by engine
  std::uint64_t accepted_ = 0;
};

std::vector<TestPacket> EnginesRandomTest::some_packets(const VerifiedProgram& program,
                                                        ProgramGenerator& random,
                                                        std::uint32_t packet_length) {
  std::vector<TestPacket> packets;
  for (int i = 0; i < 12; ++i) {
    const std::uint32_t length = random.one_in(3) ? random.below(packet_length + 4) : packet_length;
    packets.push_back({random.packet(length), length + random.below(2) * random.below(2000), {}});
  }
  for (const TestPacket& packet : packets) {
    std::uint64_t steps = 0;
    interpret(program, packet.view(), &steps);
    if (steps > kLongRun) return packets;
  }
  constexpr std::uint64_t kEffort = 60'000;
  const VerifiedProgram* const programs[] = {&program};
  PacketGenerator generator(programs, random.word(), kEffort);
  for (const TestPacket& packet : packets) generator.learn(packet);
  std::vector<TestPacket> made = generator.branch_packets();
  constexpr std::size_t kMost = 300;
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (made.size() <= kMost || random.below(static_cast<std::uint32_t>(made.size())) < kMost) {
      packets.push_back(std::move(made[i]));
    }
  }
  for (int i = 0; i < 40; ++i) packets.push_back(generator.random_packet());
  return packets;
}

bool EnginesRandomTest::judge(const Engine& engine, const VerifiedProgram& program,
                              std::span<const Packet> packets,
                              std::span<const std::uint32_t> expected, std::uint64_t seed) {
  const auto said =
      fmt::format_to_n(last_words.data(), last_words.size() - 1,
                       "the engine '{}' crashes; to repeat: {}", engine.name, command(seed));
  *said.out = '\0';
  const bool runs = engine.prepare != nullptr;
  const auto verdicts_of = runs ? engine.prepare(program) : bpfc::testing::Verdicts();
  if (!verdicts_of) return true;
  constexpr std::uint32_t kUntouched = 0xdeadbeef;
  std::vector<std::uint32_t> verdicts(packets.size() + 1, kUntouched);
  verdicts_of(packets, std::span(verdicts).first(packets.size()));
  EXPECT_EQ(verdicts.back(), kUntouched) << engine.name << " writes past the end";
  judged_[engine.name] += packets.size();
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const std::uint32_t wanted =
        engine.matches_only ? static_cast<std::uint32_t>(expected[i] != 0) : expected[i];
    if (verdicts[i] == wanted) continue;
    ADD_FAILURE() << "the engine '" << engine.name << "' says " << verdicts[i] << ", not " << wanted
                  << ", of packet " << i << " of " << packets.size() << ", "
                  << hex(packets[i].captured) << " (" << packets[i].captured.size() << " bytes of "
                  << packets[i].wire_length << ")\nto repeat: " << command(seed)
                  << rules_name(program) << " rules\n"
                  << to_listing(program.program());
    return false;
  }
  return true;
}

bool EnginesRandomTest::round(std::uint64_t seed) {
  ProgramGenerator random(seed);
  const std::uint32_t packet_length = 1 + random.below(random.one_in(2) ? 64 : 24);
  const VerifiedProgram program = some_program(random, packet_length);
  if (time_to_spend() == std::chrono::seconds(0)) {
    std::cout << rules_name(program) << " rules\n" << to_listing(program.program()) << std::flush;
  }
  const std::vector<TestPacket> made = some_packets(program, random, packet_length);

  guarded_.clear();
  for (const TestPacket& packet : made) guarded_.add(packet.bytes, packet.wire_length);
  std::vector<Packet> plain;
  std::vector<Packet> with_context;
  for (std::size_t i = 0; i < made.size(); ++i) {
    Packet packet = to_packet(guarded_.views()[i]);
    plain.push_back(packet);
    if (random.one_in(2)) packet.ancillary = made[i].ancillary ? &*made[i].ancillary : nullptr;
    if (random.one_in(3)) packet.network_offset = random.below(packet_length + 2);
    if (random.one_in(3)) packet.link_offset = random.one_in(2) ? ~0U : random.below(4);
    with_context.push_back(packet);
  }
  const auto expected_of = [&](const std::vector<Packet>& packets) {
    std::vector<std::uint32_t> expected;
    for (const Packet& packet : packets) expected.push_back(interpret(program, packet));
    return expected;
  };
  const std::vector<std::uint32_t> expected = expected_of(plain);
  const std::vector<std::uint32_t> expected_with_context = expected_of(with_context);
  for (const std::uint32_t verdict : expected) accepted_ += verdict != 0 ? 1 : 0;
  for (const Engine& engine : bpfc::testing::engines()) {
    if (!judge(engine, program, plain, expected, seed)) return false;
    if (engine.knows_context &&
        !judge(engine, program, with_context, expected_with_context, seed)) {
      return false;
    }
  }
  return true;
}

TEST_F(EnginesRandomTest, SayWhatTheInterpreterSays) {
  for (const int signal : kDeadlySignals) std::signal(signal, say_last_words);
  std::uint64_t seed = bpfc::testing::test_seed();
  const auto end = std::chrono::steady_clock::now() + time_to_spend();
  std::uint64_t programs = 0;
  do {
    ++programs;
    if (!round(seed++)) break;
  } while (std::chrono::steady_clock::now() < end);
  for (const int signal : kDeadlySignals) std::signal(signal, SIG_DFL);
  std::cout << programs << " programs, " << accepted_ << " packets accepted\n";
  for (const auto& [engine, packets] : judged_) {
    std::cout << engine << ": " << packets << " packets judged\n";
  }
  for (const Engine& engine : bpfc::testing::engines()) {
    EXPECT_TRUE(programs < 100 || judged_[engine.name] > 0) << engine.name;
  }
}

}  // namespace
}  // namespace bpfc::judge
