// Random decision graphs, conditions and packets for property tests. The same seed yields the same
// sequence.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "compiler/condition.h"
#include "compiler/graph.h"

namespace bpfc::testing {

// What offsets reach to: packets of up to this many bytes take all ways.
inline constexpr std::uint32_t kPacketBytes = 40;

class GraphGenerator {
 public:
  explicit GraphGenerator(std::uint64_t seed) : random_(seed) {}

  // Up to `most` nodes over values of all kinds. Tests repeat, and cells are assigned and read in
  // any order, unassigned too.
  ir::Graph graph(std::uint32_t most);
  // Up to about `most` nodes as passes look for them: rows of tests of few values with a common way
  // out, parts of a value behind masks and shifts, neighbouring bytes that must all be right, and
  // the same again at other offsets, behind other bases, and with other ends.
  ir::Graph patterns(std::uint32_t most);
  // Tests, negations, chains and assignments under one root, which is the result.
  ConditionIndex condition(ConditionTable& conditions, ir::Graph& graph, std::uint32_t most);
  // Small numbers mostly, so that loads agree with the constants of the graphs.
  std::vector<std::uint8_t> packet(std::size_t length);

  // In [0, bound), for a bound above 0.
  std::uint32_t below(std::uint32_t bound) { return word() % bound; }
  std::uint32_t word() { return static_cast<std::uint32_t>(random_()); }
  bool one_in(std::uint32_t bound) { return below(bound) == 0; }

 private:
  std::uint32_t constant();
  std::vector<ir::ValueIndex> values(ir::ValueTable& table);
  ir::NodeIndex node(const std::vector<ir::NodeIndex>& nodes);
  ir::NodeIndex row(ir::Graph& graph, ir::NodeIndex exit, ir::NodeIndex next);
  ir::NodeIndex fork(ir::Graph& graph, const std::vector<ir::NodeIndex>& ends);
  ir::NodeIndex neighbours(ir::Graph& graph, ir::NodeIndex next, ir::NodeIndex reject);
  template <typename T>
  T pick(const std::vector<T>& from) {
    return from[below(static_cast<std::uint32_t>(from.size()))];
  }

  std::mt19937_64 random_;
};

}  // namespace bpfc::testing
