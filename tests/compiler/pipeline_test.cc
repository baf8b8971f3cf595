// Random graphs through the passes and the code generator: every stage keeps the verdict of every
// packet.
#include <gtest/gtest.h>

#include <array>
#include <optional>

#include "compiler/generate.h"
#include "compiler/pass.h"
#include "tests/compiler/graph_evaluator.h"
#include "tests/compiler/graph_generator.h"
#include "tests/vm/program_generator.h"

namespace bpfc {
namespace {

constexpr int kRounds = 4000;
constexpr std::array kLevels = {Optimization::kSize, Optimization::kDefault, Optimization::kFull};

// Of any kind, or as passes look for them.
ir::Graph some_graph(testing::GraphGenerator& generator, int round, std::uint32_t most) {
  return round % 2 == 0 ? generator.graph(most) : generator.patterns(most);
}

Ancillary some_ancillary(testing::GraphGenerator& generator) {
  Ancillary made;
  made.protocol = static_cast<std::uint16_t>(generator.below(4));
  made.packet_type = static_cast<std::uint8_t>(generator.below(5));
  made.interface_index = generator.below(4);
  made.vlan_tag = static_cast<std::uint16_t>(generator.below(4));
  made.vlan_tag_present = generator.one_in(2);
  return made;
}

// Calls `check` with packets of every length up to what the graphs reach to, and beyond; and with
// as many that are long enough for most.
template <typename Check>
void each_packet(testing::GraphGenerator& generator, Check check) {
  constexpr std::size_t kLongest = testing::kPacketBytes + 8;
  for (std::size_t i = 0; i <= 2 * kLongest; ++i) {
    const std::size_t length = i <= kLongest ? i : 2 * kLongest;
    const std::vector<std::uint8_t> bytes = generator.packet(length);
    const Ancillary ancillary = some_ancillary(generator);
    Packet packet;
    packet.captured = bytes;
    packet.wire_length = static_cast<std::uint32_t>(length) + generator.below(3);
    packet.network_offset = packet.link_offset = ~std::uint32_t{0};
    packet.ancillary = &ancillary;
    check(packet);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(Pipeline, PassesKeepEveryVerdict) {
  testing::GraphGenerator generator(testing::test_seed());
  std::vector<int> changed(passes().size(), 0);
  for (int round = 0; round < kRounds; ++round) {
    ir::Graph graph = some_graph(generator, round, 30);
    const PassContext context{kLevels[generator.below(kLevels.size())]};
    // Each on the graph as it is, or on what those before it made of it.
    const bool one_by_one = generator.one_in(2);
    ASSERT_EQ(ir::check_graph(graph), std::nullopt);
    for (std::size_t i = 0; i < passes().size(); ++i) {
      const Pass& pass = passes()[i];
      const ir::Graph result = pass.run(graph, context);
      ASSERT_EQ(ir::check_graph(result), std::nullopt) << pass.name;
      changed[i] += to_text(result) == to_text(graph) ? 0 : 1;
      each_packet(generator, [&](const Packet& packet) {
        ASSERT_EQ(testing::evaluate(result, packet), testing::evaluate(graph, packet))
            << pass.name << ", round " << round << ", " << packet.captured.size() << " bytes\n"
            << to_text(graph) << "becomes\n"
            << to_text(result);
      });
      if (HasFatalFailure()) return;
      if (!one_by_one) graph = result;
    }
  }
  for (std::size_t i = 0; i < passes().size(); ++i) {
    EXPECT_GT(changed[i], kRounds / 40) << passes()[i].name;
  }
}

TEST(Pipeline, ProgramsGiveTheVerdictOfTheirGraph) {
  testing::GraphGenerator generator(testing::test_seed());
  int too_complex = 0;
  for (int round = 0; round < kRounds; ++round) {
    ir::Graph graph = some_graph(generator, round, 60);
    if (generator.one_in(2)) {
      const PassContext context{kLevels[generator.below(kLevels.size())]};
      for (const Pass& pass : passes()) graph = pass.run(std::move(graph), context);
    }
    const auto program = generate(graph);
    if (!program) {
      ASSERT_EQ(program.error().code, DiagnosticCode::kTooComplex);
      ++too_complex;
      continue;
    }
    const auto verified = verify(*program, Rules::kKernel);
    ASSERT_TRUE(verified) << verified.error().message << "\n" << to_text(graph);
    each_packet(generator, [&](const Packet& packet) {
      ASSERT_EQ(interpret(*verified, packet), testing::evaluate(graph, packet))
          << "round " << round << ", " << packet.captured.size() << " bytes\n"
          << to_text(graph);
    });
    if (HasFatalFailure()) return;
  }
  EXPECT_LT(too_complex, kRounds / 10);
}

}  // namespace
}  // namespace bpfc
