#include "tests/compiler/pass_graph.h"

#include "tests/compiler/graph_evaluator.h"
#include "tests/compiler/graph_generator.h"

namespace bpfc::testing {
namespace {

// Bytes from a few numbers, so that tests of different bytes agree in all ways.
constexpr int kPackets = 4000;
constexpr std::uint32_t kLongest = 48;

}  // namespace

std::string PassGraph::run(const Pass& pass, ir::NodeIndex root) {
  graph_.root = root;
  EXPECT_EQ(ir::check_graph(graph_), std::nullopt);
  result_ = pass.run(graph_, {});
  EXPECT_EQ(ir::check_graph(result_), std::nullopt);
  GraphGenerator generator(1);
  for (int i = 0; i < kPackets; ++i) {
    const std::uint32_t length = i % 2 == 0 ? kLongest : generator.below(kLongest + 1);
    const std::vector<std::uint8_t> bytes = generator.packet(length);
    Packet packet;
    packet.captured = bytes;
    packet.wire_length = length;
    const std::uint32_t verdict = evaluate(graph_, packet);
    const std::uint32_t result = evaluate(result_, packet);
    if (verdict == result) continue;
    ADD_FAILURE() << verdict << " becomes " << result << " for " << ::testing::PrintToString(bytes)
                  << "\n"
                  << to_text(graph_) << "becomes\n"
                  << to_text(result_);
    break;
  }
  return to_text(result_);
}

std::size_t PassGraph::count(ir::NodeKind kind) const {
  const std::vector<bool> reached = result_.reachable();
  std::size_t found = 0;
  for (ir::NodeIndex i = 0; i <= result_.root; ++i) {
    if (reached[i] && result_[i].kind == kind) ++found;
  }
  return found;
}

}  // namespace bpfc::testing
