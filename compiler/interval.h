// Between which numbers a value lies.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/graph.h"

namespace bpfc {

struct Interval {
  std::uint32_t low = 0;
  std::uint32_t high = ~std::uint32_t{0};

  friend bool operator==(const Interval&, const Interval&) = default;
};

// The intervals of all values of a graph, those of cells included, whichever way was taken. Linear
// in the size of the graph, which must outlive it and not lose nodes.
class Intervals {
 public:
  explicit Intervals(const ir::Graph& graph);

  const Interval& operator[](ir::ValueIndex value) const { return of_value_[value]; }

 private:
  Interval compute(const ir::ValueTable& values, ir::ValueIndex index) const;

  std::vector<Interval> of_value_;
  std::vector<Interval> of_cell_;
};

}  // namespace bpfc
