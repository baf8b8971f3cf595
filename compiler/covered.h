// What the way to a node has loaded, so that loading it again cannot end the filter.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "compiler/graph.h"
#include "compiler/interval.h"

namespace bpfc {

// The bytes that are there for certain: up to an absolute offset, and up to offsets from a few
// bases.
class Covered {
 public:
  // The value has been computed.
  void add(const ir::ValueTable& values, const Intervals& intervals, ir::ValueIndex value);
  void add_bytes(std::uint32_t count) { bytes_ = std::max(bytes_, count); }
  // So many bytes from the packet's start.
  std::uint32_t bytes() const { return bytes_; }
  // Whether computing the value cannot end the filter.
  bool covers(const ir::ValueTable& values, const Intervals& intervals, ir::ValueIndex value) const;
  // What both have.
  void meet(const Covered& other);
  // A cell gets another value.
  void forget_cell(const ir::ValueTable& values, std::uint32_t cell);

 private:
  static constexpr std::size_t kMostBases = 4;
  struct Behind {
    ir::ValueIndex base = ir::kNoValue;
    std::uint32_t end = 0;  // so many bytes from there
  };

  std::uint32_t bytes_ = 0;
  std::array<Behind, kMostBases> behind_{};
};

// For each reachable node what all ways to it have loaded; its own loads not included. Linear.
std::vector<Covered> covered_at_nodes(const ir::Graph& graph, const Intervals& intervals);

}  // namespace bpfc
