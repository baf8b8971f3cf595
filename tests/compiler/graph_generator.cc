#include "tests/compiler/graph_generator.h"

#include <algorithm>
#include <array>

namespace bpfc::testing {
namespace {

constexpr std::uint32_t kCells = 5;
constexpr std::uint32_t kComparisons = 4;
constexpr std::uint32_t kOperators = 11;
constexpr std::array<std::uint8_t, 3> kSizes = {1, 2, 4};

}  // namespace

std::uint32_t GraphGenerator::constant() {
  if (one_in(8)) return word();
  if (one_in(8)) return std::uint32_t{1} << below(32);
  return below(8);
}

std::vector<ir::ValueIndex> GraphGenerator::values(ir::ValueTable& table) {
  std::vector<ir::ValueIndex> made = {table.constant(0), table.length()};
  const std::uint32_t count = 3 + below(20);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint8_t size = kSizes[below(kSizes.size())];
    switch (below(10)) {
      case 0:
        made.push_back(table.constant(constant()));
        break;
      case 1:
      case 2:
      case 3:
        made.push_back(table.load(size, ir::kNoValue, below(kPacketBytes)));
        break;
      case 4:
        made.push_back(table.load(size, pick(made), one_in(8) ? word() : below(8)));
        break;
      case 5: {
        const ir::ValueIndex first = table.load(1, ir::kNoValue, below(kPacketBytes));
        const ir::ValueIndex words = table.alu(Arithmetic::kAnd, first, table.constant(0xf));
        made.push_back(table.alu(Arithmetic::kShiftLeft, words, table.constant(2)));
        break;
      }
      case 6:
        made.push_back(table.cell(below(kCells)));
        break;
      case 7:
        made.push_back(table.ancillary(std::array{0U, 4U, 8U, 44U, 48U}[below(5)]));
        break;
      default: {
        const auto op = static_cast<Arithmetic>(below(kOperators));
        const ir::ValueIndex right = one_in(2) ? table.constant(constant()) : pick(made);
        made.push_back(table.alu(op, pick(made), op == Arithmetic::kNegate ? ir::kNoValue : right));
      }
    }
  }
  return made;
}

ir::Graph GraphGenerator::graph(std::uint32_t most) {
  ir::Graph graph;
  graph.cell_count = kCells;
  const std::vector<ir::ValueIndex> all = values(graph.values);
  // Few tests, so that they repeat on the way.
  struct Test {
    Comparison comparison;
    ir::ValueIndex left;
    ir::ValueIndex right;
  };
  std::vector<Test> tests(2 + below(8));
  for (Test& test : tests) {
    const ir::ValueIndex right = one_in(4) ? pick(all) : graph.values.constant(constant());
    test = {static_cast<Comparison>(below(kComparisons)), pick(all), right};
  }
  std::vector<ir::NodeIndex> nodes = {graph.add_return(0), graph.add_return(1),
                                      graph.add_return(0xffff)};
  const std::uint32_t count = 1 + below(most);
  const auto next = [&] {
    // Neighbours mostly: long ways.
    const auto size = static_cast<std::uint32_t>(nodes.size());
    return one_in(3) ? nodes[below(size)] : nodes[size - 1 - below(std::min(size, 4U))];
  };
  for (std::uint32_t i = 0; i < count; ++i) {
    switch (below(10)) {
      case 0:
        nodes.push_back(graph.assign(below(kCells), pick(all), next()));
        break;
      case 1:
        nodes.push_back(one_in(2) ? graph.require_bytes(below(kPacketBytes), next())
                                  : graph.require_value(pick(all), next()));
        break;
      default: {
        const Test test = pick(tests);
        nodes.push_back(graph.decide(test.comparison, test.left, test.right, next(), next()));
      }
    }
  }
  graph.root = nodes.back();
  return graph;
}

ConditionIndex GraphGenerator::condition(ConditionTable& conditions, ir::Graph& graph,
                                         std::uint32_t most) {
  graph.cell_count = kCells;
  const std::vector<ir::ValueIndex> all = values(graph.values);
  // Conditions that are not yet part of another one: each is used once, as the lowering does.
  std::vector<ConditionIndex> open;
  const auto take = [&] {
    const ConditionIndex taken = open.back();
    open.pop_back();
    return taken;
  };
  const std::uint32_t count = 1 + below(most);
  for (std::uint32_t i = 0; i < count; ++i) {
    switch (open.empty() ? 9 : below(10)) {
      case 0:
        open.push_back(conditions.negate(take()));
        break;
      case 1:
        open.push_back(conditions.always(one_in(2)));
        break;
      case 2:
        open.push_back(conditions.assign(below(kCells), pick(all)));
        break;
      case 3:
      case 4: {
        std::vector<ConditionLink> links;
        for (std::uint32_t n = 1 + below(4); n > 0 && !open.empty(); --n) {
          links.push_back({one_in(2) ? Join::kAnd : Join::kOr, take()});
        }
        open.push_back(conditions.chain(links));
        break;
      }
      default:
        open.push_back(conditions.test(static_cast<Comparison>(below(kComparisons)), pick(all),
                                       graph.values.constant(constant())));
    }
  }
  std::vector<ConditionLink> links;
  for (const ConditionIndex one : open) {
    links.push_back({one_in(2) ? Join::kAnd : Join::kOr, one});
  }
  return conditions.chain(links);
}

std::vector<std::uint8_t> GraphGenerator::packet(std::size_t length) {
  std::vector<std::uint8_t> bytes(length);
  const bool small = !one_in(4);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(small ? below(4) : word());
  return bytes;
}

}  // namespace bpfc::testing
