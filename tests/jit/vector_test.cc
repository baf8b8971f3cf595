#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "bpfc/compile.h"
#include "bpfc/interpreter.h"
#include "bpfc/listing.h"
#include "jit/vector_code.h"
#include "jit/vector_program.h"
#include "measure/traffic_mix.h"
#include "tests/jit/guarded_packets.h"
#include "tests/traffic/filter_lists.h"
#include "tests/vm/program_generator.h"

namespace bpfc::jit {
namespace {

using bpfc::testing::GuardedPackets;
using bpfc::testing::ProgramGenerator;

// The scalar function of these tests: the interpreter, on the program that this thread looks at.
thread_local const VerifiedProgram* scalar_program = nullptr;
thread_local std::size_t scalar_calls = 0;

std::uint32_t interpreted(const std::uint8_t* data, std::uint32_t captured, std::uint32_t length,
                          const Packet*) {
  ++scalar_calls;
  return interpret(*scalar_program, to_packet({data, captured, length}));
}

std::optional<VectorCode> vectors(const VerifiedProgram& program) {
  auto compiled = compile_vectors(program, Flow(program), interpreted);
  EXPECT_TRUE(compiled.has_value()) << compiled.error();
  return compiled ? std::move(*compiled) : std::nullopt;
}

// Whether all verdicts, and all matches, are interpret()'s.
::testing::AssertionResult agrees(const VectorCode& code, const VerifiedProgram& program,
                                  std::span<const PacketView> packets) {
  constexpr std::uint32_t kUntouched = 0xdeadbeef;
  scalar_program = &program;
  std::vector<std::uint32_t> verdicts(packets.size() + 1, kUntouched);
  code.run_batch(packets, std::span(verdicts).first(packets.size()));
  const std::size_t words = (packets.size() + 63) / 64;
  std::vector<std::uint64_t> matches(words + 1, ~std::uint64_t{0});
  code.match_batch(packets, std::span(matches).first(words));
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const std::uint32_t expected = interpret(program, to_packet(packets[i]));
    const bool match = (matches[i / 64] >> i % 64 & 1U) != 0;
    if (verdicts[i] == expected && match == (expected != 0)) continue;
    return ::testing::AssertionFailure()
           << fmt::format("packet {} of {}, {} bytes: {} and {}, not {}\n", i, packets.size(),
                          packets[i].captured, verdicts[i], match, expected)
           << to_listing(program.program());
  }
  if (verdicts.back() != kUntouched || matches.back() != ~std::uint64_t{0}) {
    return ::testing::AssertionFailure() << "wrote past the end";
  }
  for (std::size_t i = packets.size(); i < 64 * words; ++i) {
    if ((matches[i / 64] >> i % 64 & 1U) != 0) {
      return ::testing::AssertionFailure() << "a match past the last packet";
    }
  }
  return ::testing::AssertionSuccess();
}

VerifiedProgram compiled(const std::string& filter) {
  auto compilation = compile(filter, {});
  EXPECT_TRUE(compilation.has_value()) << filter;
  return *verify(compilation->program, Rules::kKernel);
}

std::string hosts(std::size_t count) {
  const auto seen = traffic::ip4_addresses(traffic::mixed_traffic());
  return traffic::hosts_joined(traffic::host_list(count, traffic::Spread::kScattered, seen));
}

// Those of the benchmarks, and what else a set or a load can look like.
std::vector<std::string> filters() {
  return {
      "ip",
      "tcp port 80",
      "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src and dst net 192.168.0.0/16",
      hosts(20),
      "portrange 8000-9000",
      "ip6 and tcp port 443",
      "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
      "vlan and ip and udp port 53",
      hosts(500),
      "ether[200] = 1 or ether[100:4] > 7 and len > 300",
      "greater 200",
      "ether host 02:00:00:00:00:01 or ether multicast",
      traffic::ports_joined("port", traffic::port_list(10, traffic::Spread::kScattered)),
      traffic::ports_joined("tcp dst port", traffic::port_list(300, traffic::Spread::kScattered)),
  };
}

// Complete and cut frames.
void add_traffic(GuardedPackets& packets, std::size_t count, std::mt19937_64& random) {
  for (const traffic::Frame& frame : traffic::mixed_traffic(count)) {
    std::size_t captured = frame.size();
    if (random() % 4 == 0) captured = random() % std::min<std::size_t>(frame.size() + 1, 100);
    packets.add(std::span(frame).first(captured), static_cast<std::uint32_t>(frame.size()));
  }
}

class Vectors : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_vector_instructions()) GTEST_SKIP() << "this machine has no AVX-512";
  }
};

TEST_F(Vectors, FiltersOnTraffic) {
  const std::uint64_t seed = bpfc::testing::test_seed();
  std::mt19937_64 random(seed);
  GuardedPackets packets;
  add_traffic(packets, 2000, random);
  for (const std::string& filter : filters()) {
    const VerifiedProgram program = compiled(filter);
    const auto code = vectors(program);
    ASSERT_TRUE(code.has_value()) << filter.substr(0, 100);
    EXPECT_TRUE(agrees(*code, program, packets.views())) << filter.substr(0, 100);
  }
}

// Every fifth Ethernet filter that the project is tested on.
TEST_F(Vectors, ListedFilters) {
  std::mt19937_64 random(4);
  GuardedPackets packets;
  add_traffic(packets, 300, random);
  std::ifstream list(BPFC_SOURCE_DIR "/tests/data/expressions.txt");
  const std::string link_type = "EN10MB\t";
  std::string line;
  std::size_t listed = 0;
  std::size_t fitting = 0;
  while (std::getline(list, line)) {
    if (!line.starts_with(link_type) || ++listed % 5 != 0) continue;
    const auto compilation = compile(line.substr(link_type.size()), {});
    if (!compilation) continue;  // names
    const VerifiedProgram program = *verify(compilation->program, Rules::kLibpcap);
    const auto code = vectors(program);
    if (!code) continue;
    ++fitting;
    EXPECT_TRUE(agrees(*code, program, packets.views())) << line;
  }
  EXPECT_GT(fitting, 50U);
}

TEST_F(Vectors, AnyNumberOfPackets) {
  std::mt19937_64 random(1);
  GuardedPackets packets;
  add_traffic(packets, 200, random);
  const VerifiedProgram program = compiled("tcp port 80 or ip6");
  const auto code = vectors(program);
  ASSERT_TRUE(code.has_value());
  for (std::size_t count = 0; count < 18; ++count) {
    EXPECT_TRUE(agrees(*code, program, packets.views().first(count)));
  }
  for (const std::size_t count : {63U, 64U, 65U, 128U, 135U}) {
    EXPECT_TRUE(agrees(*code, program, packets.views().first(count)));
  }
}

// Complete frames need no scalar function.
TEST_F(Vectors, CompleteFramesStayInVectors) {
  GuardedPackets packets;
  for (const traffic::Frame& frame : traffic::mixed_traffic(800)) {
    packets.add(frame, static_cast<std::uint32_t>(frame.size()));
  }
  for (const std::string& filter : filters()) {
    const VerifiedProgram program = compiled(filter);
    const auto code = vectors(program);
    ASSERT_TRUE(code.has_value());
    scalar_program = &program;
    scalar_calls = 0;
    std::vector<std::uint32_t> verdicts(packets.views().size());
    code->run_batch(packets.views(), verdicts);
    EXPECT_LT(scalar_calls, 10U) << filter.substr(0, 100);
  }
}

TEST_F(Vectors, ProgramsThatDoNotFit) {
  const auto fits = [](const Program& program, Rules rules) {
    return vectors(*verify(program, rules)).has_value();
  };
  const Instruction accept{0x06, 0, 0, 1};
  EXPECT_TRUE(fits({accept}, Rules::kKernel));
  // ld [vlan_tag_present], div x, ld [-1048576] of the network header, and a backward ja.
  EXPECT_FALSE(fits({{0x20, 0, 0, 0xfffff030}, accept}, Rules::kKernel));
  EXPECT_FALSE(fits({{0x3c, 0, 0, 0}, accept}, Rules::kKernel));
  EXPECT_FALSE(fits({{0x20, 0, 0, 0xfff00000}, accept}, Rules::kKernel));
  EXPECT_FALSE(fits({{0x15, 1, 0, 0}, {0x05, 0, 0, 0xfffffffe}, accept}, Rules::kLibpcap));
}

// More values alive at once than there are registers, and more blocks to come than there are masks.
TEST_F(Vectors, WhenRegistersRunOut) {
  Program text = {{0xb1, 0, 0, 0}};  // ldxb 4*([0]&0xf)
  constexpr std::uint8_t kCells = 16;
  for (std::uint8_t i = 0; i < kCells; ++i) {
    text.push_back({0x40, 0, 0, 5U * i});  // ld [x + 5 i]
    text.push_back({0xac, 0, 0, 0});       // xor x
    text.push_back({0x02, 0, 0, i});       // st M[i]
  }
  for (std::uint8_t i = 0; i < kCells; ++i) {
    text.push_back({0x60, 0, 0, i});  // ld M[i]
    // jset #0x300: to the i-th of what follows the ret, if two bits are as good as random.
    const auto distance = static_cast<std::uint8_t>(2 * (kCells - 1 - i) + 1 + 4 * i);
    text.push_back({0x45, distance, 0, 0x300});
  }
  text.push_back({0x06, 0, 0, 7});  // ret #7
  for (std::uint8_t i = 0; i < kCells; ++i) {
    text.push_back({0x60, 0, 0, i});                  // ld M[i]
    text.push_back({0x61, 0, 0, (i + 7U) % kCells});  // ldx M[...]
    text.push_back({0x0c, 0, 0, 0});                  // add x
    text.push_back({0x16, 0, 0, 0});                  // ret a
  }
  const VerifiedProgram program = *verify(text, Rules::kKernel);
  const auto code = vectors(program);
  ASSERT_TRUE(code.has_value());
  std::mt19937_64 random(3);
  GuardedPackets packets;
  for (int i = 0; i < 403; ++i) {
    // Many bytes are zeros, so that lanes get far.
    std::vector<std::uint8_t> bytes(80 + random() % 80);
    for (std::uint8_t& byte : bytes) {
      byte = random() % 12 == 0 ? static_cast<std::uint8_t>(random()) : 0;
    }
    bytes[0] = static_cast<std::uint8_t>(random() % 20);
    packets.add(bytes, 1000);
  }
  EXPECT_TRUE(agrees(*code, program, packets.views()));
}

// What others call: a Jit takes vectors where it can, and does without where it must.
TEST_F(Vectors, InsideAJit) {
  std::mt19937_64 random(2);
  GuardedPackets packets;
  add_traffic(packets, 150, random);
  const std::span<const PacketView> views = packets.views();
  for (const bool wanted : {true, false}) {
    for (const char* filter : {"tcp port 80", "len / (ether[0] | 1) > 7"}) {
      const VerifiedProgram program = compiled(filter);
      const auto jit = Jit::compile(program, {.vectors = wanted});
      ASSERT_TRUE(jit.has_value()) << jit.error();
      EXPECT_EQ(jit->is_vectored(), wanted && filter == std::string("tcp port 80"));
      std::vector<std::uint32_t> verdicts(views.size());
      std::vector<std::uint64_t> matches((views.size() + 63) / 64);
      jit->run_batch(views, verdicts);
      jit->match_batch(views, matches);
      for (std::size_t i = 0; i < views.size(); ++i) {
        const std::uint32_t expected = interpret(program, to_packet(views[i]));
        ASSERT_EQ(verdicts[i], expected) << filter << ", packet " << i;
        ASSERT_EQ(matches[i / 64] >> i % 64 & 1U, expected != 0 ? 1U : 0U);
      }
    }
  }
}

// Random programs on random packets, most of which are shorter than some load wants.
TEST_F(Vectors, RandomPrograms) {
  const std::uint64_t seed = bpfc::testing::test_seed();
  ProgramGenerator generator(seed);
  constexpr std::uint32_t kLength = 48;
  GuardedPackets packets;
  for (std::size_t i = 0; i < 259; ++i) {
    const std::size_t length = generator.one_in(3) ? generator.below(kLength + 8) : kLength;
    packets.add(generator.packet(length), generator.word() % 2000);
  }
  std::size_t fitting = 0;
  for (std::size_t i = 0; i < 3000; ++i) {
    const Rules rules = generator.one_in(2) ? Rules::kKernel : Rules::kLibpcap;
    const std::size_t length = 2 + generator.below(generator.one_in(4) ? 60 : 14);
    const VerifiedProgram program = generator.verified(length, kLength, rules);
    const auto code = vectors(program);
    if (!code) continue;
    ++fitting;
    ASSERT_TRUE(agrees(*code, program, packets.views())) << "seed " << seed;
  }
  EXPECT_GT(fitting, 500U);
}

}  // namespace
}  // namespace bpfc::jit
