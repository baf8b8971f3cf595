// Whether two parts of a graph differ only in the values that they test.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "compiler/graph.h"

namespace bpfc::tails {

// What must be called `as` where the second of two alike parts is entered, `is` where the first is.
struct Renaming {
  ir::ValueIndex is = ir::kNoValue;
  ir::ValueIndex as = ir::kNoValue;

  friend bool operator==(const Renaming&, const Renaming&) = default;
};

// How two parts are alike.
struct Likeness {
  std::vector<Renaming> renamed;
  std::vector<std::pair<ir::NodeIndex, ir::NodeIndex>> nodes;  // of the first and the second part
  std::vector<ir::ValueIndex> kept;  // values of nodes of both, as they are
  // Where they lead that is not alike, if it is one place for each.
  ir::NodeIndex exit_of_first = ir::kNoNode;
  ir::NodeIndex exit_of_second = ir::kNoNode;

  bool parts_ways() const { return exit_of_first != ir::kNoNode; }
  void clear() {
    renamed.clear();
    nodes.clear();
    kept.clear();
    exit_of_first = exit_of_second = ir::kNoNode;
  }
};

enum class Renamed : std::uint8_t {
  kLoads,  // a load as a whole
  kBases,  // what its offset is counted from; in the first part that is a value
};

// Finds likenesses in a graph. All searches together visit a bounded number of nodes for each node
// of the graph; then nothing is alike any more. Not thread-safe.
class LikenessFinder {
 public:
  // The graph must outlive it; it gets constants for bases.
  explicit LikenessFinder(ir::Graph& graph);

  // Equal for nodes that may begin alike parts: a hash of all that follows, without offsets.
  std::uint64_t shape(ir::NodeIndex node) const { return shapes_[node]; }
  // Whether both test such values in the same way, whatever follows.
  bool test_alike(ir::NodeIndex first, ir::NodeIndex second) const;

  // The parts that begin at the nodes, up to where both lead to the same; nodes of `taken` are in
  // no second part. `exits`: they may lead to two different places in the end.
  // None: nullptr. What is found is there until the next search.
  const Likeness* find(ir::NodeIndex first, ir::NodeIndex second, Renamed renamed, bool exits,
                       const std::vector<bool>& taken);

 private:
  // Of the search of this number.
  struct Partner {
    std::uint32_t search = 0;
    ir::NodeIndex node = ir::kNoNode;
  };

  std::uint64_t skeleton(ir::ValueIndex value) const {
    return value == ir::kNoValue ? 1 : skeletons_[value];
  }
  bool values_alike(ir::ValueIndex first, ir::ValueIndex second, Renamed renamed, Likeness& found);
  bool nodes_alike(const ir::Node& first, const ir::Node& second, Renamed renamed, Likeness& found);
  std::optional<Renaming> base_renaming(const ir::Value& first, const ir::Value& second);

  ir::Graph& graph_;
  std::vector<std::uint64_t> skeletons_;  // by value
  std::vector<std::uint64_t> shapes_;     // by node
  std::size_t visits_left_;
  std::uint32_t search_ = 0;
  std::vector<Partner> partner_of_first_;
  std::vector<Partner> partner_of_second_;
  Likeness found_;
  std::vector<std::pair<ir::NodeIndex, ir::NodeIndex>> pending_;
};

}  // namespace bpfc::tails
