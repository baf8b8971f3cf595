// The filters of the differential tests, on traffic, cut and changed: all forms of machine code
// against the interpreter.
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <string>

#include "bpfc/compile.h"
#include "bpfc/interpreter.h"
#include "bpfc/jit.h"
#include "bpfc/listing.h"
#include "measure/traffic_mix.h"
#include "tests/jit/guarded_packets.h"
#include "tests/traffic/filter_lists.h"
#include "tests/vm/program_generator.h"

namespace bpfc {
namespace {

std::vector<std::string> ethernet_expressions() {
  std::vector<std::string> expressions;
  std::ifstream file(BPFC_SOURCE_DIR "/tests/data/expressions.txt");
  for (std::string line; std::getline(file, line);) {
    constexpr std::string_view kStart = "EN10MB\t";
    if (line.starts_with(kStart)) expressions.push_back(line.substr(kStart.size()));
  }
  return expressions;
}

// Frames of the mix, half of them with what filters look at changed, a third cut.
std::vector<traffic::Frame> varied_frames(std::size_t count, testing::ProgramGenerator& random) {
  std::vector<traffic::Frame> frames = traffic::mixed_traffic(count, random.word());
  for (traffic::Frame& frame : frames) {
    if (random.one_in(8)) frame[14] = static_cast<std::uint8_t>(0x40 | random.below(16));
    for (int i = 0; i < 3 && random.one_in(3); ++i) {
      frame[random.below(60)] = static_cast<std::uint8_t>(random.word());
    }
    if (random.one_in(10)) frame[20] = frame[21] = 0;
    if (random.one_in(10)) frame[12] = 0x81, frame[13] = 0;
    frame.resize(random.one_in(3) ? random.below(70) : std::min<std::size_t>(frame.size(), 120));
  }
  return frames;
}

void check(const VerifiedProgram& program, std::span<const PacketView> packets,
           const std::string& what) {
  for (const bool vectors : {true, false}) {
    const auto compiled = Jit::compile(program, {.vectors = vectors});
    ASSERT_TRUE(compiled) << compiled.error();
    std::vector<std::uint32_t> verdicts(packets.size());
    std::vector<std::uint64_t> matches((packets.size() + 63) / 64);
    compiled->run_batch(packets, verdicts);
    compiled->match_batch(packets, matches);
    for (std::size_t i = 0; i < packets.size(); ++i) {
      const std::uint32_t expected = interpret(program, to_packet(packets[i]));
      ASSERT_EQ(compiled->run(packets[i]), expected)
          << what << "\n"
          << to_listing(program.program()) << "packet " << i << " of " << packets[i].captured
          << " bytes, vectors " << vectors << ": "
          << ::testing::PrintToString(
                 std::vector<int>(packets[i].data, packets[i].data + packets[i].captured));
      ASSERT_EQ(verdicts[i], expected) << what << "\npacket " << i << ", vectors " << vectors;
      ASSERT_EQ((matches[i / 64] >> i % 64 & 1U) != 0, expected != 0) << what;
    }
  }
}

TEST(JitFilters, SayWhatTheInterpreterSays) {
  testing::ProgramGenerator random(testing::test_seed());
  const auto frames = varied_frames(300, random);
  testing::GuardedPackets packets;
  for (const auto& frame : frames) packets.add(frame, 60 + random.below(3));
  std::size_t compiled = 0;
  for (const std::string& expression : ethernet_expressions()) {
    for (const Optimization level : {Optimization::kNone, Optimization::kDefault}) {
      CompileOptions options;
      options.optimization = level;
      options.netmask = 0xffffff00;
      const auto result = compile(expression, options);
      if (!result) continue;
      ++compiled;
      const auto program = verify(result->program, Rules::kKernel);
      ASSERT_TRUE(program) << expression;
      check(*program, packets.views(), expression);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(compiled, 900U);
}

TEST(JitFilters, FindHostsAndPorts) {
  testing::ProgramGenerator random(testing::test_seed());
  const auto frames = varied_frames(3000, random);
  testing::GuardedPackets packets;
  for (const auto& frame : frames) packets.add(frame, 60 + random.below(3));
  const auto addresses = traffic::ip4_addresses(traffic::mixed_traffic(5000));
  for (const std::size_t count : {3, 6, 20, 500}) {
    for (const auto spread : {traffic::Spread::kScattered, traffic::Spread::kConsecutive}) {
      for (const std::string& text :
           {traffic::hosts_joined(traffic::host_list(count, spread, addresses)),
            traffic::hosts_joined(traffic::host_list(count, spread, addresses)) +
                " or host 203.0.113.8 or host 203.0.113.9 or net 172.16.0.0/12 or net 10.1.0.0/16",
            traffic::ports_joined("port", traffic::port_list(count, spread))}) {
        const auto program = verify(compile(text, {}).value().program, Rules::kKernel).value();
        check(program, packets.views(), text);
        if (HasFatalFailure()) return;
      }
    }
  }
}

}  // namespace
}  // namespace bpfc
