#include "tests/compiler/pass_graph.h"

namespace bpfc {
namespace {

class DropDead : public testing::PassGraph {
 protected:
  ir::NodeIndex long_enough(ir::NodeIndex next) {
    return test(Comparison::kGreater, values_.length(), 20, next, no_);
  }
  std::string dropped(ir::NodeIndex root) { return run(testing::kDead, root); }
  std::size_t checks() const { return count(ir::NodeKind::kRequire); }
};

TEST_F(DropDead, DropsACheckThatWhatFollowsMakes) {
  dropped(graph_.require_bytes(24, equal(load(4, 26), 1, yes_, no_)));
  EXPECT_EQ(checks(), 0U);
  dropped(graph_.require_bytes(24, equal(load(4, 6), 1, yes_, no_)));
  EXPECT_EQ(checks(), 1U);
}

// Of two alike checks each would do for the other.
TEST_F(DropDead, KeepsOneOfTwoChecks) {
  dropped(graph_.require_bytes(20, long_enough(graph_.require_bytes(20, yes_))));
  EXPECT_EQ(checks(), 1U);
  dropped(graph_.require_bytes(20, long_enough(graph_.require_bytes(18, yes_))));
  EXPECT_EQ(checks(), 1U);
  dropped(graph_.require_bytes(18, long_enough(graph_.require_bytes(20, yes_))));
  EXPECT_EQ(checks(), 1U);
  dropped(graph_.require_bytes(20, long_enough(graph_.require_value(load(4, 16), yes_))));
  EXPECT_EQ(checks(), 1U);
  dropped(graph_.require_value(load(4, 16), long_enough(graph_.require_bytes(20, yes_))));
  EXPECT_EQ(checks(), 1U);
}

TEST_F(DropDead, DropsAnAssignmentThatNothingReads) {
  graph_.cell_count = 2;
  const ir::NodeIndex reads = equal(values_.cell(0), 0, yes_, no_);
  dropped(graph_.assign(1, values_.length(), graph_.assign(0, load(1, 0), reads)));
  EXPECT_EQ(assignments(), 1U);
  EXPECT_EQ(checks(), 0U);
  // Its load stays a check.
  dropped(graph_.assign(1, load(1, 30), long_enough(yes_)));
  EXPECT_EQ(assignments(), 0U);
  EXPECT_EQ(checks(), 1U);
  // It is read on one of the ways.
  dropped(graph_.assign(0, load(1, 0), equal(load(1, 3), 0, reads, yes_)));
  EXPECT_EQ(assignments(), 1U);
}

}  // namespace
}  // namespace bpfc
