// Which tests of a graph ask for bits that others ask for too, and so may decide each other.
#pragma once

#include <optional>
#include <vector>

#include "compiler/covered.h"
#include "compiler/graph.h"
#include "compiler/interval.h"

namespace bpfc {

class Overlaps {
 public:
  // The graph must outlive this. Linear.
  explicit Overlaps(const ir::Graph& graph);

  bool any() const { return !last_.empty(); }
  // The last node, that of the lowest number, that tests bits which the value shows; kNoNode: none.
  ir::NodeIndex last_test(ir::ValueIndex value) const { return last_[value]; }
  // Whether the bytes that the node tests are there, whichever way leads to it.
  bool has_bytes(ir::NodeIndex node) const {
    return covered_[node].covers(graph_.values, *intervals_, graph_[node].left);
  }

 private:
  // A value of which there are tests against constants.
  struct Tested {
    ir::ValueIndex value;
    ir::ValueIndex origin;
    ir::ValueIndex range;  // the tests ask for ranges of that; kNoValue: not all do
    ir::NodeIndex last;
    bool several = false;      // different tests
    std::uint32_t behind = 0;  // the values that are tested behind a test of it, as bits
    ir::Node first;
  };

  bool find_tested(const ir::Graph& graph);
  bool may_tell(const ir::ValueTable& values, const Tested& first, const Tested& second) const;

  const ir::Graph& graph_;
  std::vector<Tested> tested_;
  // Where there are overlaps.
  std::optional<Intervals> intervals_;
  std::vector<Covered> covered_;     // by node
  std::vector<ir::NodeIndex> last_;  // by value; empty: no overlaps
};

}  // namespace bpfc
