#include "tests/compiler/graph_generator.h"

#include <algorithm>
#include <array>

namespace bpfc::testing {
namespace {

constexpr std::uint32_t kCells = 5;
constexpr std::uint32_t kComparisons = 4;
constexpr std::uint32_t kOperators = 11;
constexpr std::array<std::uint8_t, 3> kSizes = {1, 2, 4};

// 4*([offset]&0xf)
ir::ValueIndex header_length(ir::ValueTable& table, std::uint32_t offset) {
  const ir::ValueIndex words =
      table.alu(Arithmetic::kAnd, table.load(1, ir::kNoValue, offset), table.constant(0xf));
  return table.alu(Arithmetic::kShiftLeft, words, table.constant(2));
}

// A copy of a part of a graph: loads from the packet's start are moved by some bytes, and those
// from a base come from another base; what lies below `bottom` stays as it is, but for one end.
struct Move {
  std::uint32_t bytes = 0;
  ir::ValueIndex from = ir::kNoValue;  // of the base
  ir::ValueIndex to = ir::kNoValue;
  std::uint32_t behind = 0;  // such loads are moved by that
  ir::NodeIndex bottom = 0;
  ir::NodeIndex end = ir::kNoNode;
  ir::NodeIndex other_end = ir::kNoNode;
  std::uint32_t shared_edge = ~0U;  // this edge of the part leads where that of the copy does
};

ir::ValueIndex moved(ir::ValueTable& table, ir::ValueIndex index, const Move& move) {
  if (index == ir::kNoValue) return index;
  const ir::Value value = table[index];
  switch (value.kind) {
    case ir::ValueKind::kLoad:
      if (move.from != ir::kNoValue && value.left == move.from) {
        return table.load(value.size, move.to, value.k + move.behind);
      }
      if (value.left != ir::kNoValue) {
        return table.load(value.size, moved(table, value.left, move), value.k);
      }
      return move.from != ir::kNoValue ? index
                                       : table.load(value.size, ir::kNoValue, value.k + move.bytes);
    case ir::ValueKind::kAlu:
      return table.alu(value.op, moved(table, value.left, move), moved(table, value.right, move));
    default:
      return index;
  }
}

ir::NodeIndex moved(ir::Graph& graph, ir::NodeIndex top, const Move& move) {
  std::vector<bool> inside(top + 1, false);
  inside[top] = true;
  for (ir::NodeIndex i = top + 1; i-- > move.bottom;) {
    if (!inside[i]) continue;
    for (const ir::NodeIndex next : {graph[i].then, graph[i].otherwise}) {
      if (next != ir::kNoNode) inside[next] = true;
    }
  }
  std::vector<ir::NodeIndex> image(top + 1, ir::kNoNode);
  std::uint32_t edge = 0;
  const auto next = [&](ir::NodeIndex successor) {
    if (successor == move.end) return move.other_end;
    if (successor != ir::kNoNode && edge++ == move.shared_edge) return successor;
    return successor == ir::kNoNode || successor < move.bottom ? successor : image[successor];
  };
  for (ir::NodeIndex i = move.bottom; i <= top; ++i) {
    if (!inside[i]) continue;
    const ir::Node node = graph[i];
    switch (node.kind) {
      case ir::NodeKind::kDecide: {
        const ir::ValueIndex left = moved(graph.values, node.left, move);
        const ir::ValueIndex right = moved(graph.values, node.right, move);
        const ir::NodeIndex then = next(node.then);
        const ir::NodeIndex otherwise = next(node.otherwise);
        image[i] = graph.decide(node.comparison, left, right, then, otherwise);
        break;
      }
      case ir::NodeKind::kAssign:
        image[i] = graph.assign(node.k, moved(graph.values, node.left, move), next(node.then));
        break;
      default:
        image[i] = i;
    }
  }
  return image[top];
}

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
  const auto next = [&] { return node(nodes); };
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

// Neighbours mostly: long ways.
ir::NodeIndex GraphGenerator::node(const std::vector<ir::NodeIndex>& nodes) {
  const auto size = static_cast<std::uint32_t>(nodes.size());
  return one_in(3) ? nodes[below(size)] : nodes[size - 1 - below(std::min(size, 4U))];
}

// Tests of two or three values, each of which leads to `exit` or on.
ir::NodeIndex GraphGenerator::row(ir::Graph& graph, ir::NodeIndex exit, ir::NodeIndex next) {
  ir::ValueTable& table = graph.values;
  std::vector<ir::ValueIndex> tested;
  const ir::ValueIndex base = one_in(2) ? ir::kNoValue : header_length(table, below(4));
  for (std::uint32_t count = 1 + below(3); count > 0; --count) {
    const ir::ValueIndex load = table.load(kSizes[below(2)], base, below(kPacketBytes / 4));
    tested.push_back(load);
    if (one_in(3)) {
      tested.push_back(table.alu(Arithmetic::kAnd, load, table.constant(~0U << below(4))));
    }
    if (one_in(3)) {
      tested.push_back(table.alu(Arithmetic::kShiftRight, load, table.constant(below(4))));
    }
    if (one_in(4)) {
      tested.push_back(table.alu(Arithmetic::kAnd, load, table.constant(below(16))));
    }
  }
  const bool same_way = one_in(2);
  for (std::uint32_t count = 2 + below(6); count > 0; --count) {
    const auto comparison = static_cast<Comparison>(one_in(2) ? 0 : below(kComparisons));
    const ir::ValueIndex value = pick(tested);
    const ir::ValueIndex number = table.constant(one_in(8) ? below(256) : below(5));
    next = same_way || one_in(2) ? graph.decide(comparison, value, number, exit, next)
                                 : graph.decide(comparison, value, number, next, exit);
  }
  return next;
}

// Tests of bytes next to each other that must all hold.
ir::NodeIndex GraphGenerator::neighbours(ir::Graph& graph, ir::NodeIndex next,
                                         ir::NodeIndex reject) {
  ir::ValueTable& table = graph.values;
  const ir::ValueIndex base = one_in(3) ? header_length(table, below(4)) : ir::kNoValue;
  const std::uint32_t at = below(kPacketBytes / 2);
  for (std::uint32_t count = 2 + below(3); count > 0; --count) {
    ir::ValueIndex value = table.load(kSizes[below(kSizes.size())], base, at + below(5));
    if (one_in(2)) {
      const std::uint32_t mask = one_in(2) ? below(8) : 0xfU << 4 * below(8);
      value = table.alu(Arithmetic::kAnd, value, table.constant(mask));
    }
    const ir::ValueIndex number = table.constant(one_in(8) ? constant() : below(3));
    switch (below(4)) {
      case 0:
        next = graph.decide(Comparison::kAnyBit, value, number, reject, next);
        break;
      case 1:
        next =
            graph.decide(static_cast<Comparison>(below(kComparisons)), value, number, next, reject);
        break;
      default:
        next = graph.decide(Comparison::kEqual, value, number, next, reject);
    }
  }
  return next;
}

// A few tests all ways out of which ask for the same value, which has few ends.
ir::NodeIndex GraphGenerator::fork(ir::Graph& graph, const std::vector<ir::NodeIndex>& ends) {
  ir::ValueTable& table = graph.values;
  const auto load = [&] {
    return table.load(kSizes[below(2)], ir::kNoValue, below(kPacketBytes / 4));
  };
  const auto test = [&](ir::ValueIndex value, ir::NodeIndex then, ir::NodeIndex otherwise) {
    const auto comparison = static_cast<Comparison>(one_in(2) ? 0 : below(kComparisons));
    return graph.decide(comparison, value, table.constant(below(5)), then, otherwise);
  };
  const ir::ValueIndex value = load();
  const auto asked = [&] {
    ir::NodeIndex next = pick(ends);
    for (std::uint32_t count = 1 + below(3); count > 0; --count) {
      next = test(value, pick(ends), next);
    }
    return next;
  };
  ir::NodeIndex next = asked();
  for (std::uint32_t count = 1 + below(3); count > 0; --count) {
    const ir::NodeIndex other = one_in(6) ? pick(ends) : asked();
    next = test(one_in(4) ? table.length() : load(), other, next);
  }
  return next;
}

ir::Graph GraphGenerator::patterns(std::uint32_t most) {
  ir::Graph graph;
  graph.cell_count = kCells;
  const ir::NodeIndex reject = graph.add_return(0);
  std::vector<ir::NodeIndex> nodes = {reject, graph.add_return(1), graph.add_return(0xffff)};
  // Where the second of two alike parts may be, behind a test that tells it from the first.
  const auto either = [&](ir::NodeIndex first, ir::NodeIndex second) {
    ir::ValueTable& table = graph.values;
    const ir::ValueIndex value =
        one_in(6) ? table.cell(below(kCells)) : table.load(1, ir::kNoValue, below(kPacketBytes));
    return graph.decide(static_cast<Comparison>(below(3)), value, table.constant(below(3)), first,
                        second);
  };
  while (graph.size() < most) {
    switch (below(7)) {
      case 4:
        nodes.push_back(fork(graph, {reject, node(nodes), node(nodes)}));
        break;
      case 0:
      case 1:
        nodes.push_back(row(graph, one_in(3) ? reject : node(nodes), node(nodes)));
        break;
      case 2:
        nodes.push_back(neighbours(graph, node(nodes), one_in(6) ? node(nodes) : reject));
        break;
      case 3: {
        ir::ValueTable& table = graph.values;
        const ir::ValueIndex value = one_in(3) ? header_length(table, below(4))
                                               : table.load(1, ir::kNoValue, below(kPacketBytes));
        nodes.push_back(graph.assign(below(kCells), value, node(nodes)));
        break;
      }
      default: {
        // Up to three copies of one of the last parts.
        const ir::NodeIndex top = node(nodes);
        ir::NodeIndex all = top;
        for (std::uint32_t copies = 1 + below(3); copies > 0; --copies) {
          Move move;
          move.bottom = std::max(reject + 3, one_in(2) ? nodes[below(3)] : node(nodes));
          move.bytes = 1 + below(8);
          if (one_in(2)) {
            move.from = header_length(graph.values, below(4));
            move.to = one_in(2) ? ir::kNoValue : header_length(graph.values, below(4));
            move.behind = move.to == ir::kNoValue ? below(8) : 0;
          }
          if (one_in(2)) {
            move.end = node(nodes);
            move.other_end = node(nodes);
          }
          if (one_in(2)) move.shared_edge = below(12);
          if (move.bottom > top || move.end == top) continue;
          all = either(all, moved(graph, top, move));
          if (graph.size() > 4 * most) break;
        }
        nodes.push_back(all);
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
