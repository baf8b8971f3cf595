// The tests of a graph, and what the outcomes of some say of others.
#pragma once

#include <optional>
#include <vector>

#include "compiler/facts/facts_of_way.h"
#include "compiler/facts/known_bits.h"
#include "compiler/facts/overlaps.h"
#include "compiler/graph.h"
#include "compiler/interval_test.h"

namespace bpfc {

// Equal tests are one; they are numbered.
class KnownTests {
 public:
  // The graph must outlive this, and so must its overlaps; without them bits are not compared.
  // Linear.
  explicit KnownTests(const ir::Graph& graph, const Overlaps* overlaps = nullptr);

  const ir::Graph& graph() const { return graph_; }
  // The value that the filter tests first; kNoValue: none.
  ir::ValueIndex first_tested() const { return first_tested_; }
  ir::ValueIndex value_of(const Fact& fact) const { return tests_[fact.test].left; }
  // How many different tests there are of a value.
  std::uint32_t tests_of(ir::ValueIndex value) const { return tests_of_value_[value]; }
  // Of the value of which there are most.
  std::uint32_t greatest_tests() const { return greatest_tests_; }
  // Whether a range is tested of a value of which more than that is tested.
  bool has_ranges() const;

  // The constant that the fact says its value is equal to.
  std::optional<std::uint32_t> exact_value(const Fact& fact) const;
  // Whether a test from the node on can be decided by it. `ranges`: also another test of a value
  // that is known to lie in a range.
  bool matters(const Fact& fact, ir::NodeIndex at, bool ranges) const;
  bool compares_bits() const { return overlaps_ != nullptr; }
  // Whether the node asks for bits of the packet that other tests ask for too.
  bool asks_for_shared_bits(ir::NodeIndex index) const;
  // Whether a Require node is there from the node on.
  bool requires_bytes(ir::NodeIndex at) const { return first_require_ <= at; }

  // Where the node leads, if the facts decide it.
  std::optional<ir::NodeIndex> shortcut(const Facts& facts, ir::NodeIndex index, bool ranges) const;
  // What is known behind a node: behind a test of that outcome.
  Facts after(Facts facts, ir::NodeIndex index, bool outcome = true) const;

  // For each node, what all ways to it know.
  std::vector<Facts> common_facts() const;

 private:
  struct Test {
    ir::ValueIndex left;
    ir::ValueIndex right;
    Comparison comparison;

    friend bool operator==(const Test&, const Test&) = default;
    std::uint64_t hash() const {
      return mix(static_cast<std::uint64_t>(left) << 32U | right,
                 static_cast<std::uint64_t>(comparison));
    }
  };

  void add(ir::NodeIndex index);
  Interval known_range(const Facts& facts, ir::ValueIndex base) const;
  std::optional<bool> decided_by_ranges(const Facts& facts, std::uint32_t test) const;
  // The bits of its value that the fact tells.
  std::optional<Bits> told(const Fact& fact) const;
  std::optional<bool> decided_by_bits_of(const Facts& facts, ir::NodeIndex index) const;
  std::optional<bool> decided(const Facts& facts, ir::NodeIndex index, bool ranges) const;
  std::uint32_t covered_by(ir::ValueIndex value) const;

  const ir::Graph& graph_;
  const Overlaps* overlaps_;
  InternTable<Test> tests_;
  std::vector<IntervalTest> ranges_;  // by test
  std::vector<std::uint32_t> test_of_node_;
  std::vector<std::uint32_t> tests_of_value_;
  // The last nodes, those of the lowest numbers, that have the test, or test the value.
  std::vector<ir::NodeIndex> last_of_test_;
  std::vector<ir::NodeIndex> last_test_of_value_;
  std::vector<ir::NodeIndex> last_test_of_base_;
  std::uint32_t greatest_tests_ = 0;
  ir::NodeIndex first_require_ = ir::kNoNode;
  ir::ValueIndex first_tested_ = ir::kNoValue;
};

}  // namespace bpfc
