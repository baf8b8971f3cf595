// A graph copied from the root down, a node once for each set of facts that matters there.
#pragma once

#include "compiler/facts/known_tests.h"

namespace bpfc {

// How much is copied.
struct Effort {
  std::uint32_t most_copies;      // of a node
  std::uint32_t most_tests;       // of a value, different ones: facts about others are no use,
                                  // since each would need its own copy of a long list
  bool ranges = false;            // that a value is in a range is a fact for other tests of it
  std::uint32_t most_of_one = 4;  // more copies, that know the one value that is tested first
};

class Specializer {
 public:
  // The tests must outlive this.
  Specializer(const KnownTests& tests, const Effort& effort);

  // Once. Of a graph that many facts matter to it can be larger than the graph.
  ir::Graph run();

  // Whether a node would have had more copies than are made.
  bool was_limited() const { return limited_; }
  // Of the node that had most.
  std::uint32_t greatest_copies() const;

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  // A node with the facts that hold there.
  struct Situation {
    ir::NodeIndex node = ir::kNoNode;
    std::uint32_t facts = 0;

    friend bool operator==(const Situation&, const Situation&) = default;
    std::uint64_t hash() const { return mix(node, facts); }
  };
  struct Successors {
    std::uint32_t then = kNone;
    std::uint32_t otherwise = kNone;
    bool only_then = false;       // the node is not needed
    bool requires_loads = false;  // but what may fail in it is
  };

  bool matters(const Fact& fact, ir::NodeIndex at) const;
  void limit(ir::NodeIndex node, Facts& facts);
  ir::NodeIndex follow(ir::NodeIndex node, const Facts& facts) const;
  std::optional<bool> only_way(ir::NodeIndex index, const Facts& facts) const;
  bool drops_tests() const;
  bool rejects(ir::NodeIndex index) const;
  std::uint32_t situate(ir::NodeIndex node, Facts facts);
  Successors successors(std::uint32_t current);
  ir::NodeIndex copy(ir::Graph& result, const ir::Node& node, const Successors& next) const;

  const KnownTests& tests_;
  const ir::Graph& source_;
  Effort effort_;
  bool limited_ = false;
  std::vector<Facts> common_;  // by node, once a node has had many copies
  InternTable<Facts> facts_;
  InternTable<Situation> situations_;
  std::vector<ir::NodeIndex> image_;   // by situation
  std::vector<Successors> next_;       // by situation
  std::vector<std::uint32_t> copies_;  // by node
};

}  // namespace bpfc
