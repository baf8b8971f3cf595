#include "compiler/covered.h"

#include "tests/compiler/graph_evaluator.h"
#include "tests/compiler/graph_generator.h"
#include "tests/compiler/pass_graph.h"

namespace bpfc {
namespace {

class CoveredBytes : public testing::PassGraph {
 protected:
  bool covers(ir::ValueIndex first, ir::ValueIndex second) {
    graph_.root = yes_;
    const Intervals intervals(graph_);
    Covered covered;
    covered.add(values_, intervals, first);
    return covered.covers(values_, intervals, second);
  }
};

TEST_F(CoveredBytes, AreThoseBeforeALoad) {
  const ir::ValueIndex x = header_length(0);
  const ir::ValueIndex y = load(1, 9);
  const ir::ValueIndex word = load(4, 0);
  const struct {
    const char* what;
    ir::ValueIndex first;
    ir::ValueIndex second;
    bool covered;
  } rows[] = {
      {"the same", load(2, 12), load(2, 12), true},
      {"before it", load(2, 12), load(1, 3), true},
      {"its last byte", load(2, 12), load(1, 13), true},
      {"behind it", load(2, 12), load(1, 14), false},
      {"over its end", load(2, 12), load(2, 13), false},
      {"before it, from a base", load(2, 16, x), load(1, 13, x), true},
      {"behind it, from a base", load(2, 16, x), load(1, 18, x), false},
      {"from another base", load(2, 16, x), load(2, 16, y), false},
      {"the base itself", load(2, 16, x), x, true},
      {"whatever the base is", load(2, 70), load(2, 0, x), true},
      {"the base may be too large", load(2, 40), load(2, 0, x), false},
      {"as if the base were 0", load(2, 16, x), load(2, 16), true},
      {"more than if the base were 0", load(2, 16, x), load(2, 17), false},
      {"as much as the base is at least", load(1, 3, alu(Arithmetic::kAdd, x, 20)), load(1, 23),
       true},
      {"a base that may wrap", load(4, 8, word), load(1, 8, word), false},
      {"the length", load(1, 0), values_.length(), true},
      {"parts of a sum", values_.alu(Arithmetic::kAdd, load(1, 7), load(1, 9)), load(1, 8), true},
      {"a division by what may be 0", alu(Arithmetic::kAdd, load(1, 7), 1),
       values_.alu(Arithmetic::kDivide, load(1, 7), load(1, 6)), false},
      {"a division by a number", load(1, 7), alu(Arithmetic::kDivide, load(1, 7), 3), true},
  };
  for (const auto& row : rows) EXPECT_EQ(covers(row.first, row.second), row.covered) << row.what;
}

TEST_F(CoveredBytes, AreThoseOfAllWays) {
  graph_.cell_count = 1;
  const ir::ValueIndex cell = values_.cell(0);
  const ir::NodeIndex end = equal(values_.length(), 7, yes_, no_);
  const ir::NodeIndex left = equal(load(1, 20), 1, end, no_);
  const ir::NodeIndex assigned = graph_.assign(0, load(1, 30), end);
  const ir::NodeIndex right = equal(load(1, 2, cell), 1, assigned, no_);
  graph_.root = graph_.require_bytes(4, equal(load(1, 9), 1, left, right));
  const Intervals intervals(graph_);
  const auto covered = covered_at_nodes(graph_, intervals);
  const auto at = [&](ir::NodeIndex node, ir::ValueIndex value) {
    return covered[node].covers(values_, intervals, value);
  };
  EXPECT_FALSE(at(graph_.root, load(1, 0)));
  EXPECT_TRUE(at(left, load(1, 9)));
  EXPECT_FALSE(at(left, load(1, 10)));
  EXPECT_TRUE(at(assigned, load(1, 2, cell)));
  // The cell is another one then.
  EXPECT_FALSE(at(end, load(1, 2, cell)));
  EXPECT_TRUE(at(end, load(1, 20)));
  EXPECT_FALSE(at(end, load(1, 21)));
}

// What is covered at a node does not end the filter there: requiring it changes no verdict.
TEST_F(CoveredBytes, CanBeLoadedAgain) {
  testing::GraphGenerator generator(3);
  int covered_values = 0;
  for (int round = 0; round < 200; ++round) {
    ir::Graph graph = generator.graph(20);
    const Intervals intervals(graph);
    const auto covered = covered_at_nodes(graph, intervals);
    const std::vector<bool> reached = graph.reachable();
    ir::Graph result = ir::Graph(graph).without_nodes();
    result.cell_count = graph.cell_count;
    std::vector<ir::NodeIndex> image(graph.root + 1, ir::kNoNode);
    for (ir::NodeIndex i = 0; i <= graph.root; ++i) {
      if (!reached[i]) continue;
      const ir::Node& node = graph[i];
      switch (node.kind) {
        case ir::NodeKind::kReturn:
          image[i] = result.add_return(node.k);
          break;
        case ir::NodeKind::kDecide:
          image[i] = result.decide(node.comparison, node.left, node.right, image[node.then],
                                   image[node.otherwise]);
          break;
        case ir::NodeKind::kAssign:
          image[i] = result.assign(node.k, node.left, image[node.then]);
          break;
        case ir::NodeKind::kRequire:
          image[i] = node.left == ir::kNoValue ? result.require_bytes(node.k, image[node.then])
                                               : result.require_value(node.left, image[node.then]);
          break;
      }
      for (ir::ValueIndex value = 0; value < graph.values.size(); ++value) {
        if (!graph.values.facts(value).can_fail) continue;
        if (!covered[i].covers(graph.values, intervals, value)) continue;
        image[i] = result.require_value(value, image[i]);
        ++covered_values;
      }
    }
    result.root = image[graph.root];
    for (std::uint32_t length = 0; length < testing::kPacketBytes + 4; ++length) {
      const std::vector<std::uint8_t> bytes = generator.packet(length);
      Packet packet;
      packet.captured = bytes;
      packet.wire_length = length;
      ASSERT_EQ(testing::evaluate(result, packet), testing::evaluate(graph, packet))
          << to_text(graph) << "with what is covered\n"
          << to_text(result);
    }
  }
  EXPECT_GT(covered_values, 200);
}

}  // namespace
}  // namespace bpfc
