#include "tests/compiler/pass_graph.h"

namespace bpfc {
namespace {

class ShareTails : public testing::PassGraph {
 protected:
  // value = k, then k + 1, and so on, each of which is `yes`.
  ir::NodeIndex row(ir::ValueIndex value, std::uint32_t k, std::uint32_t length) {
    ir::NodeIndex at = no_;
    for (std::uint32_t i = length; i-- > 0;) at = equal(value, k + i, yes_, at);
    return at;
  }
  // Two bytes behind a base.
  ir::NodeIndex ports(ir::ValueIndex base, std::uint32_t offset) {
    ir::NodeIndex at = row(load(1, offset + 2, base), 1, 3);
    for (const std::uint32_t k : {3U, 2U, 1U}) at = equal(load(1, offset, base), k, yes_, at);
    return at;
  }
  // Two bytes behind a base; what they reject goes on elsewhere.
  ir::NodeIndex ports_or(ir::ValueIndex base, std::uint32_t offset, ir::NodeIndex elsewhere) {
    ir::NodeIndex at = elsewhere;
    for (const std::uint32_t k : {3U, 2U, 1U}) at = equal(load(1, offset + 2, base), k, yes_, at);
    for (const std::uint32_t k : {3U, 2U, 1U}) at = equal(load(1, offset, base), k, yes_, at);
    return at;
  }
  std::string shared(ir::NodeIndex root) { return run(testing::kTails, root); }
};

TEST_F(ShareTails, SharesPartsThatDifferInTheirBase) {
  const ir::ValueIndex length = header_length(0);
  const ir::NodeIndex third = equal(length, 8, ports(length, 3), no_);
  shared(equal(load(1, 30), 1, third, ports(ir::kNoValue, 23)));
  // One of them, and two that lead there.
  EXPECT_EQ(tests(), 8U);
  EXPECT_EQ(assignments(), 2U);
}

TEST_F(ShareTails, SharesPartsThatDifferInAValue) {
  const ir::NodeIndex first = row(load(1, 3), 0, 6);
  const ir::NodeIndex second = row(load(1, 7), 0, 6);
  shared(equal(load(1, 30), 1, first, second));
  EXPECT_EQ(tests(), 7U);
  EXPECT_EQ(assignments(), 2U);
}

TEST_F(ShareTails, SharesThreeAlikeParts) {
  const ir::NodeIndex first = row(load(1, 3), 0, 6);
  const ir::NodeIndex second = row(load(1, 7), 0, 6);
  const ir::NodeIndex third = row(load(1, 9), 0, 6);
  shared(equal(load(1, 30), 1, first, equal(load(1, 31), 1, second, third)));
  EXPECT_EQ(tests(), 8U);
  EXPECT_EQ(assignments(), 3U);
}

TEST_F(ShareTails, SharesPartsThatEndInDifferentPlaces) {
  const ir::ValueIndex length = header_length(0);
  const ir::NodeIndex four = equal(load(1, 4), 1, yes_, no_);
  const ir::NodeIndex six = test(Comparison::kGreater, load(2, 6), 300, yes_, no_);
  const ir::NodeIndex first = equal(length, 8, ports_or(length, 3, four), no_);
  const ir::NodeIndex second = ports_or(ir::kNoValue, 23, six);
  const std::string text = shared(equal(load(1, 30), 1, first, second));
  EXPECT_EQ(assignments(), 2U) << text;
  EXPECT_EQ(tests(), 11U) << text;
}

// The test that tells whose end it is reads a cell that has another value by then.
TEST_F(ShareTails, AsksNoTestAgainWhoseCellsHaveChanged) {
  graph_.cell_count = 1;
  const ir::ValueIndex length = header_length(0);
  const ir::NodeIndex four = equal(load(1, 4), 1, yes_, no_);
  const ir::NodeIndex six = test(Comparison::kGreater, load(2, 6), 300, yes_, no_);
  const ir::NodeIndex third = equal(length, 8, ports_or(length, 3, four), no_);
  const ir::NodeIndex first = graph_.assign(0, load(1, 5), third);
  const ir::NodeIndex second = ports_or(ir::kNoValue, 23, six);
  shared(graph_.assign(0, load(1, 30), equal(values_.cell(0), 1, first, second)));
}

TEST_F(ShareTails, LeavesAValueThatBothTestAsItIs) {
  const ir::ValueIndex both = load(1, 5);
  const auto part = [&](ir::ValueIndex own) {
    return equal(own, 0, yes_, equal(both, 1, yes_, row(own, 1, 5)));
  };
  const ir::NodeIndex first = part(load(1, 3));
  const ir::NodeIndex second = part(load(1, 7));
  const std::string text = shared(equal(load(1, 30), 1, first, second));
  EXPECT_EQ(tests(), 8U) << text;
  EXPECT_EQ(assignments(), 2U) << text;
}

// The first part tests [3] where the second tests [7], and also where the second tests [3].
TEST_F(ShareTails, RenamesNoValueThatIsKept) {
  const ir::ValueIndex kept = load(1, 3);
  const auto part = [&](ir::ValueIndex own) {
    return equal(own, 0, yes_, equal(kept, 1, yes_, row(own, 2, 5)));
  };
  const ir::NodeIndex first = part(kept);
  const ir::NodeIndex second = part(load(1, 7));
  shared(equal(load(1, 30), 1, first, second));
  shared(equal(load(1, 30), 1, second, first));
}

// [10] is first loaded behind a test that may accept a packet without it.
TEST_F(ShareTails, LoadsNothingEarlier) {
  const auto part = [&](std::uint32_t first, std::uint32_t second) {
    return equal(load(1, first), 0, yes_, row(load(1, second), 0, 6));
  };
  const ir::NodeIndex early = part(4, 10);
  const ir::NodeIndex late = part(3, 11);
  shared(equal(load(1, 0), 1, early, late));
  // The rows at their ends are shared: there the bytes are loaded.
  EXPECT_EQ(tests(), 9U);
}

TEST_F(ShareTails, LeavesFewNodesWhereTheyAre) {
  const ir::NodeIndex first = equal(load(1, 3), 4, yes_, no_);
  const ir::NodeIndex second = equal(load(1, 7), 4, yes_, no_);
  shared(equal(load(1, 30), 1, first, second));
  EXPECT_EQ(tests(), 3U);
  EXPECT_EQ(assignments(), 0U);
}

TEST_F(ShareTails, LeavesWhatReadsCells) {
  const auto part = [&](std::uint32_t cell) { return row(load(1, 3, values_.cell(cell)), 0, 6); };
  graph_.cell_count = 2;
  const ir::NodeIndex both = equal(load(1, 30), 1, part(0), part(1));
  shared(graph_.assign(0, load(1, 0), graph_.assign(1, load(1, 1), both)));
  EXPECT_EQ(assignments(), 2U);
  EXPECT_EQ(tests(), 13U);
}

// Both parts lead to the first one's end, at one place or another: there the second tests a value
// that it does not test elsewhere.
TEST_F(ShareTails, TellsAnEndThatBothLeadToFromOneOfItsOwn) {
  const auto part = [&](ir::ValueIndex value, ir::NodeIndex own, ir::NodeIndex common) {
    ir::NodeIndex at = common;
    for (const std::uint32_t k : {3U, 2U, 1U, 0U}) at = equal(value, k, k == 0 ? own : yes_, at);
    return at;
  };
  const ir::ValueIndex a = load(1, 3);
  const ir::ValueIndex b = load(1, 7);
  const ir::NodeIndex end_a = test(Comparison::kGreater, a, 0x80, yes_, no_);
  const ir::NodeIndex end_b = test(Comparison::kGreater, b, 0x80, yes_, no_);
  shared(equal(load(1, 30), 1, part(a, end_a, end_a), part(b, end_b, end_a)));
  shared(equal(load(1, 30), 1, part(a, end_a, end_a), part(b, end_a, end_b)));
  shared(equal(load(1, 30), 1, part(b, end_b, end_a), part(a, end_a, end_a)));
  shared(equal(load(1, 30), 1, part(b, end_a, end_b), part(a, end_a, end_a)));
}

// Of three alike parts two share an end.
TEST_F(ShareTails, JoinsNoPartThatSharesAnotherEnd) {
  const auto part = [&](ir::ValueIndex value, ir::NodeIndex end) {
    ir::NodeIndex at = end;
    for (const std::uint32_t k : {3U, 2U, 1U, 0U}) at = equal(value, k, yes_, at);
    return at;
  };
  const ir::ValueIndex a = load(1, 3);
  const ir::ValueIndex b = load(1, 7);
  const ir::ValueIndex c = load(1, 11);
  const auto end = [&](ir::ValueIndex value) {
    return test(Comparison::kGreater, value, 0x80, yes_, no_);
  };
  const ir::NodeIndex ends[] = {end(a), end(b), end(c)};
  const ir::ValueIndex ways[] = {load(1, 30), load(1, 31)};
  for (const ir::NodeIndex first : ends) {
    for (const ir::NodeIndex second : ends) {
      for (const ir::NodeIndex third : ends) {
        // The bytes are there for all.
        const ir::NodeIndex parts =
            equal(ways[0], 1, part(a, first), equal(ways[1], 1, part(b, second), part(c, third)));
        shared(parts);
      }
    }
  }
}

}  // namespace
}  // namespace bpfc
