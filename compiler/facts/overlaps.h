// Which tests of a graph ask for bits that others ask for too, and so may decide each other.
#pragma once

#include <vector>

#include "compiler/graph.h"

namespace bpfc {

class Overlaps {
 public:
  // Linear.
  explicit Overlaps(const ir::Graph& graph);

  bool any() const { return !last_.empty(); }
  // The last node, that of the lowest number, that tests bits which the value shows; kNoNode: none.
  ir::NodeIndex last_test(ir::ValueIndex value) const { return last_[value]; }

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

  std::vector<Tested> tested_;
  std::vector<ir::NodeIndex> last_;  // by value; empty: no overlaps
};

}  // namespace bpfc
