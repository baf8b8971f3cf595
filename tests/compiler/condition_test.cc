#include "compiler/condition.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "tests/compiler/graph_evaluator.h"
#include "tests/compiler/graph_generator.h"
#include "tests/vm/program_generator.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kYes = 7;

class BuildGraph : public ::testing::Test {
 protected:
  // The test of packet byte `n` for not being 0: it rejects where there is no such byte.
  ConditionIndex byte(std::uint32_t n) {
    return conditions_.test(Comparison::kGreater, graph_.values.load(1, ir::kNoValue, n),
                            graph_.values.constant(0));
  }
  void build(ConditionIndex root) {
    graph_.root = build_graph(graph_, conditions_, root, yes_, no_);
    ASSERT_EQ(ir::check_graph(graph_), std::nullopt);
  }
  bool accepts(const std::vector<std::uint8_t>& bytes) const {
    Packet packet;
    packet.captured = bytes;
    packet.wire_length = static_cast<std::uint32_t>(bytes.size());
    return testing::evaluate(graph_, packet) == kYes;
  }

  ir::Graph graph_;
  ConditionTable conditions_;
  ir::NodeIndex no_ = graph_.add_return(0);
  ir::NodeIndex yes_ = graph_.add_return(kYes);
};

TEST_F(BuildGraph, ReadsChainsFromTheLeft) {
  // a or b and c
  const std::array<ConditionLink, 3> links = {ConditionLink{Join::kAnd, byte(0)},
                                              ConditionLink{Join::kOr, byte(1)},
                                              ConditionLink{Join::kAnd, byte(2)}};
  build(conditions_.chain(links));
  for (std::uint8_t bits = 0; bits < 8; ++bits) {
    const bool a = (bits & 1) != 0;
    const bool b = (bits & 2) != 0;
    const bool c = (bits & 4) != 0;
    EXPECT_EQ(accepts({a, b, c}), (a || b) && c) << int{bits};
  }
}

TEST_F(BuildGraph, TestsNoFurtherThanNeeded) {
  build(conditions_.any({byte(0), byte(5)}));
  EXPECT_TRUE(accepts({1}));
  EXPECT_FALSE(accepts({0}));
  build(conditions_.all({byte(0), conditions_.negate(byte(5))}));
  EXPECT_FALSE(accepts({0}));
  EXPECT_FALSE(accepts({1}));
  EXPECT_TRUE(accepts({1, 0, 0, 0, 0, 0}));
}

TEST_F(BuildGraph, TurnsExitsForNot) {
  build(conditions_.negate(conditions_.any({byte(0), conditions_.negate(byte(1))})));
  EXPECT_TRUE(accepts({0, 1}));
  EXPECT_FALSE(accepts({0, 0}));
  EXPECT_FALSE(accepts({1, 1}));
}

TEST_F(BuildGraph, KnowsWhatAlwaysAndNeverHolds) {
  build(conditions_.any({conditions_.always(false), byte(0)}));
  EXPECT_TRUE(accepts({1}));
  build(conditions_.all({conditions_.always(true), byte(0)}));
  EXPECT_FALSE(accepts({0}));
  build(conditions_.always(true));
  EXPECT_EQ(graph_.root, yes_);
  build(conditions_.negate(conditions_.always(true)));
  EXPECT_EQ(graph_.root, no_);
}

TEST_F(BuildGraph, AssignsOnTheWay) {
  const ir::ValueIndex cell = graph_.values.cell(0);
  const ConditionIndex sets =
      conditions_.all({byte(0), conditions_.assign(0, graph_.values.load(1, ir::kNoValue, 0))});
  const ConditionIndex reads =
      conditions_.test(Comparison::kEqual, cell, graph_.values.constant(3));
  build(conditions_.any({conditions_.all({sets, reads}),
                         conditions_.test(Comparison::kEqual, cell, graph_.values.constant(0))}));
  EXPECT_TRUE(accepts({3}));
  EXPECT_TRUE(accepts({0}));
  EXPECT_FALSE(accepts({4}));
}

TEST_F(BuildGraph, NestsDeeplyWithoutRecursion) {
  constexpr int kDepth = 100'000;
  ConditionIndex nested = byte(0);
  for (int i = 0; i < kDepth; ++i) nested = conditions_.negate(nested);
  build(nested);
  EXPECT_TRUE(accepts({1}));
  nested = byte(0);
  for (int i = 0; i < kDepth; ++i) {
    nested = i % 2 == 0 ? conditions_.all({nested, byte(1)})
                        : conditions_.any({conditions_.negate(nested), byte(1)});
  }
  build(nested);
  EXPECT_TRUE(accepts({0, 1}));
}

// The condition by its definition. Assignments and loads happen in order, so it walks recursively.
class Meaning {
 public:
  Meaning(const ConditionTable& conditions, ir::Graph& graph, const Packet& packet)
      : conditions_(conditions), graph_(graph), packet_(packet) {}

  // None: the filter ended.
  std::optional<bool> holds(ConditionIndex index) {
    const Condition& condition = conditions_[index];
    switch (condition.kind) {
      case ConditionKind::kAlways:
        return condition.value;
      case ConditionKind::kTest: {
        const auto left = value(condition.left);
        const auto right = value(condition.right);
        if (!left || !right) return std::nullopt;
        return compare(condition.comparison, *left, *right);
      }
      case ConditionKind::kAssign: {
        const auto assigned = value(condition.left);
        if (!assigned) return std::nullopt;
        cells_[condition.cell] = *assigned;
        return true;
      }
      case ConditionKind::kNot: {
        const auto inner = holds(condition.first);
        if (!inner) return std::nullopt;
        return !*inner;
      }
      case ConditionKind::kChain: {
        std::optional<bool> result;
        for (const ConditionLink& link : conditions_.links(condition)) {
          const bool skip = result && *result == (link.join == Join::kOr);
          if (skip) continue;
          result = holds(link.condition);
          if (!result) return std::nullopt;
        }
        return result;
      }
    }
    return std::nullopt;
  }

 private:
  // Bit by bit, by graphs that assign the cells, and ask for one value.
  std::optional<std::uint32_t> value(ir::ValueIndex index) {
    ir::Graph probe;
    probe.values = graph_.values;
    const ir::NodeIndex ended = probe.add_return(0);
    const ir::NodeIndex set = probe.add_return(2);
    const ir::NodeIndex clear = probe.add_return(1);
    std::uint32_t result = 0;
    for (std::uint32_t bit = 0; bit < 32; ++bit) {
      probe.root = probe.decide(Comparison::kAnyBit, index,
                                probe.values.constant(std::uint32_t{1} << bit), set, clear);
      for (const auto& [cell, assigned] : cells_) {
        probe.root = probe.assign(cell, probe.values.constant(assigned), probe.root);
      }
      const std::uint32_t verdict = testing::evaluate(probe, packet_);
      if (verdict == probe[ended].k) return std::nullopt;
      if (verdict == probe[set].k) result |= std::uint32_t{1} << bit;
    }
    return result;
  }

  const ConditionTable& conditions_;
  ir::Graph& graph_;
  const Packet& packet_;
  std::map<std::uint32_t, std::uint32_t> cells_;
};

TEST(BuildGraphProperty, MeansWhatTheConditionSays) {
  testing::GraphGenerator generator(testing::test_seed());
  for (int round = 0; round < 150; ++round) {
    ir::Graph graph;
    ConditionTable conditions;
    const ConditionIndex root = generator.condition(conditions, graph, 25);
    const ir::NodeIndex no = graph.add_return(0);
    const ir::NodeIndex yes = graph.add_return(kYes);
    graph.root = build_graph(graph, conditions, root, yes, no);
    ASSERT_EQ(ir::check_graph(graph), std::nullopt);
    for (std::size_t length = 0; length <= testing::kPacketBytes; length += 1 + length / 8) {
      const std::vector<std::uint8_t> bytes = generator.packet(length);
      Packet packet;
      packet.captured = bytes;
      packet.wire_length = static_cast<std::uint32_t>(length);
      packet.network_offset = packet.link_offset = ~std::uint32_t{0};
      const bool expected = Meaning(conditions, graph, packet).holds(root).value_or(false);
      ASSERT_EQ(testing::evaluate(graph, packet) == kYes, expected) << "round " << round << "\n"
                                                                    << to_text(graph);
    }
  }
}

}  // namespace
}  // namespace bpfc
