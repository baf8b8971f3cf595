#include "compiler/scratch.h"

#include <gtest/gtest.h>

namespace bpfc {
namespace {

class PlanScratch : public ::testing::Test {
 protected:
  ir::NodeIndex read(std::uint32_t cell, ir::NodeIndex next) {
    return graph_.decide(Comparison::kEqual, graph_.values.cell(cell), graph_.values.constant(cell),
                         next, no_);
  }
  ir::NodeIndex write(std::uint32_t cell, ir::NodeIndex next) {
    return graph_.assign(cell, graph_.values.length(), next);
  }
  // Of a graph whose descending numbers are an order.
  ScratchPlan plan(ir::NodeIndex root, bool clear_all = false) {
    graph_.root = root;
    std::vector<ir::NodeIndex> order;
    const std::vector<bool> reached = graph_.reachable();
    for (ir::NodeIndex i = root + 1; i-- > 0;) {
      if (reached[i]) order.push_back(i);
    }
    return plan_scratch(graph_, order, clear_all);
  }

  ir::Graph graph_;
  ir::NodeIndex no_ = graph_.add_return(0);
  ir::NodeIndex yes_ = graph_.add_return(1);
};

TEST_F(PlanScratch, NeedsNothingWithoutCells) { EXPECT_EQ(plan(yes_).slots, 0U); }

TEST_F(PlanScratch, SharesAWordBetweenCellsWhoseLivesDoNotMeet) {
  const ScratchPlan made = plan(write(0, read(0, write(1, read(1, yes_)))));
  EXPECT_EQ(made.slots, 1U);
  EXPECT_EQ(made.slot_of_cell[0], made.slot_of_cell[1]);
  EXPECT_TRUE(made.cleared.empty());
}

TEST_F(PlanScratch, KeepsApartWhatLivesTogether) {
  const ScratchPlan made = plan(write(0, write(1, read(0, read(1, yes_)))));
  EXPECT_EQ(made.slots, 2U);
  EXPECT_NE(made.slot_of_cell[0], made.slot_of_cell[1]);
}

TEST_F(PlanScratch, GivesNothingToCellsThatAreNeverRead) {
  const ScratchPlan made = plan(write(0, write(1, read(1, yes_))));
  EXPECT_EQ(made.slot_of_cell[0], kNoSlot);
  EXPECT_EQ(made.slots, 1U);
}

TEST_F(PlanScratch, ClearsWhatSomeWayReadsUnassigned) {
  const ir::NodeIndex reads = read(0, yes_);
  const ir::NodeIndex root = graph_.decide(Comparison::kEqual, graph_.values.length(),
                                           graph_.values.constant(3), write(0, reads), reads);
  const ScratchPlan made = plan(root);
  ASSERT_EQ(made.cleared.size(), 1U);
  EXPECT_EQ(made.cleared[0], made.slot_of_cell[0]);
}

TEST_F(PlanScratch, DoesNotClearWhatAllWaysAssign) {
  const ir::NodeIndex reads = read(0, yes_);
  const ir::NodeIndex other = graph_.assign(0, graph_.values.constant(5), reads);
  const ir::NodeIndex root = graph_.decide(Comparison::kEqual, graph_.values.length(),
                                           graph_.values.constant(3), write(0, reads), other);
  EXPECT_TRUE(plan(root).cleared.empty());
  EXPECT_EQ(plan(root, true).cleared.size(), 1U);
}

TEST_F(PlanScratch, KeepsWhatNothingReadsAnyMoreApartFromWhatLives) {
  // Cell 0 is assigned again, for nothing, while cell 1 holds something.
  const ScratchPlan made = plan(write(0, read(0, write(1, write(0, read(1, yes_))))));
  EXPECT_NE(made.slot_of_cell[0], made.slot_of_cell[1]);
}

TEST_F(PlanScratch, ClearedCellsShareWithNothingBefore) {
  graph_.cell_count = 2;
  // Cell 1 must be 0 at the start and is read behind the life of cell 0.
  const ScratchPlan made = plan(write(0, read(0, read(1, yes_))));
  EXPECT_EQ(made.slots, 2U);
  EXPECT_EQ(made.cleared.size(), 1U);
}

}  // namespace
}  // namespace bpfc
