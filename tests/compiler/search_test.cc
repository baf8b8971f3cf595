#include "compiler/sets/partition_graph.h"
#include "tests/compiler/graph_evaluator.h"
#include "tests/compiler/graph_generator.h"
#include "tests/compiler/pass_graph.h"

namespace bpfc {
namespace {

constexpr sets::SearchCost kCosts[] = {{0.02, 0.4}, {1, 1}, {0.005, 0.2}};

class SearchParts : public testing::PassGraph {
 protected:
  // The parts begin at these numbers, and lead by turns to the targets.
  sets::Partition partition(ir::ValueIndex value, std::uint32_t highest,
                            const std::vector<std::uint32_t>& lows, std::uint32_t targets) {
    sets::Partition made{value, {}, highest, {}};
    for (std::uint32_t i = 0; i < lows.size(); ++i) {
      append_part(made.parts, {lows[i], graph_.add_return(i % targets)});
    }
    return made;
  }
  std::uint32_t verdict(std::uint32_t number) const {
    const std::vector<std::uint8_t> bytes = {static_cast<std::uint8_t>(number >> 8U),
                                             static_cast<std::uint8_t>(number)};
    Packet packet;
    packet.captured = bytes;
    return testing::evaluate(graph_, packet);
  }
  std::size_t tests_for(const sets::Partition& parts, const sets::SearchCost& cost) {
    graph_.root = sets::add_search(graph_, parts, cost);
    result_ = graph_;
    return tests();
  }
};

// Every number that the value can be, of random partitions.
TEST_F(SearchParts, LeadsEveryNumberToItsPart) {
  testing::GraphGenerator random(5);
  constexpr std::uint32_t kRange = 600;
  for (int round = 0; round < 300; ++round) {
    graph_ = ir::Graph();
    const ir::ValueIndex value = load(2, 0);
    const std::uint32_t step = std::uint32_t{1} << random.below(4);
    // The range ends with the value's, and begins so that its likely numbers are there.
    const std::uint32_t first = random.one_in(2) ? 0x800 - 200 / step * step : 0;
    std::vector<std::uint32_t> lows = {0};
    const std::uint32_t most = 2 + random.below(39);
    for (std::uint32_t part = 1; part < most; ++part) {
      const std::uint32_t offset =
          random.one_in(2) && part > 1 ? lows.back() + step : first + random.below(kRange) * step;
      if (offset <= 0xffff) lows.push_back(offset);
    }
    std::sort(lows.begin(), lows.end());
    lows.erase(std::unique(lows.begin(), lows.end()), lows.end());
    const auto parts = partition(value, 0xffff, lows, 2 + random.below(3));
    if (parts.parts.size() < 2) continue;
    graph_.root = sets::add_search(graph_, parts, kCosts[random.below(3)]);
    ASSERT_EQ(ir::check_graph(graph_), std::nullopt);
    for (std::size_t i = 0; i < parts.parts.size(); ++i) {
      const std::uint32_t low = parts.parts[i].low;
      const std::uint32_t end =
          i + 1 < parts.parts.size() ? parts.parts[i + 1].low : parts.highest + 1;
      for (std::uint32_t number = low; number < end; number += number + 40 < end ? 17 : 1) {
        ASSERT_EQ(verdict(number), graph_[parts.parts[i].target].k) << number << to_text(graph_);
      }
    }
  }
}

TEST_F(SearchParts, TakesOneTestWhereThatIsEnough) {
  const ir::ValueIndex value = load(2, 0);
  for (const auto& lows :
       std::vector<std::vector<std::uint32_t>>{{0, 1}, {0, 0xffff}, {0, 700}, {0, 80, 81}}) {
    EXPECT_EQ(tests_for(partition(value, 0xffff, lows, 2), kCosts[0]), 1U);
  }
}

TEST_F(SearchParts, AsksForFewNumbersInARow) {
  const ir::ValueIndex value = load(2, 0);
  const auto parts = partition(value, 0xffff, {0, 22, 23, 80, 81, 443, 444}, 2);
  EXPECT_EQ(tests_for(parts, kCosts[1]), 3U);
}

TEST_F(SearchParts, HalvesManyParts) {
  std::vector<std::uint32_t> lows = {0};
  for (std::uint32_t i = 1; i <= 300; ++i) {
    lows.push_back(i * 100);
    lows.push_back(i * 100 + 1);
  }
  const ir::ValueIndex value = load(2, 0);
  const auto parts = partition(value, 0xffff, lows, 2);
  EXPECT_LE(tests_for(parts, kCosts[0]), 600U);
  // No number takes more tests than a tree and the row at its end.
  std::vector<std::uint32_t> depth(graph_.root + 1, 0);
  for (ir::NodeIndex i = 0; i <= graph_.root; ++i) {
    const ir::Node& node = graph_[i];
    if (node.kind == ir::NodeKind::kDecide) {
      depth[i] = 1 + std::max(depth[node.then], depth[node.otherwise]);
    }
  }
  EXPECT_LE(depth[graph_.root], 24U);
}

TEST_F(SearchParts, MasksWhatIsAligned) {
  const ir::ValueIndex value = load(2, 0);
  const auto parts =
      partition(value, 0xffff, {0, 0x1000, 0x1100, 0x3000, 0x3100, 0x7000, 0x7100}, 2);
  // One for each of the three.
  EXPECT_EQ(tests_for(parts, kCosts[1]), 3U);
  EXPECT_NE(to_text(graph_).find("0xff00"), std::string::npos) << to_text(graph_);
}

TEST_F(SearchParts, AsksForTheLikeliestFirst) {
  const ir::ValueIndex type = load(2, 0);
  std::vector<std::uint32_t> lows = {0, 0x800, 0x801};
  for (std::uint32_t i = 0; i < 20; ++i) lows.push_back(0x900 + i * 7);
  tests_for(partition(type, 0xffff, lows, 2), kCosts[0]);
  const ir::Node& first = graph_[graph_.root];
  EXPECT_EQ(first.comparison, Comparison::kEqual);
  EXPECT_EQ(values_.constant_of(first.right), 0x800U);
}

}  // namespace
}  // namespace bpfc
