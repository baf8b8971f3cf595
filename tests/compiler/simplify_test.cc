#include "tests/compiler/pass_graph.h"

namespace bpfc {
namespace {

using testing::kSimplify;

class Simplify : public testing::PassGraph {
 protected:
  struct Case {
    const char* what;
    Comparison comparison;
    ir::ValueIndex left;
    ir::ValueIndex right;
    // The same, simplified; the outcomes change places where it asks the opposite.
    Comparison simple_comparison;
    ir::ValueIndex simple_left;
    ir::ValueIndex simple_right;
    bool opposite;
  };
};

TEST_F(Simplify, WritesTestsAndValuesInFewerSteps) {
  constexpr Comparison kEqual = Comparison::kEqual;
  constexpr Comparison kAnyBit = Comparison::kAnyBit;
  const ir::ValueIndex x = header_length(0);
  const ir::ValueIndex a = load(1, 3);
  const ir::ValueIndex b = load(2, 5);
  const ir::ValueIndex c = load(1, 9);
  const ir::ValueIndex word = load(4, 0);
  const auto sum = [&](ir::ValueIndex left, ir::ValueIndex right) {
    return values_.alu(Arithmetic::kAdd, left, right);
  };
  const auto difference = [&](ir::ValueIndex left, ir::ValueIndex right) {
    return values_.alu(Arithmetic::kSubtract, left, right);
  };
  const auto masked = [&](ir::ValueIndex value, std::uint32_t mask) {
    return alu(Arithmetic::kAnd, value, mask);
  };
  const ir::ValueIndex zero = constant(0);
  const ir::ValueIndex one = constant(1);
  const Case cases[] = {
      {"an offset in two parts", kEqual, load(1, 14, sum(x, constant(12))), one, kEqual,
       load(1, 26, x), one, false},
      {"the constant first", kEqual, load(1, 14, sum(constant(12), x)), one, kEqual, load(1, 26, x),
       one, false},
      {"in three parts", kEqual, load(1, 1, sum(sum(x, constant(2)), constant(3))), one, kEqual,
       load(1, 6, x), one, false},
      {"a base that may wrap", kEqual, load(1, 1, sum(word, constant(2))), one, kEqual,
       load(1, 1, sum(word, constant(2))), one, false},
      {"a negative offset", kEqual, load(1, 1, sum(x, constant(~0U))), one, kEqual,
       load(1, 1, sum(x, constant(~0U))), one, false},
      {"a difference and 0", kEqual, difference(a, b), zero, kEqual, a, b, false},
      {"a difference and another value", kEqual, difference(a, b), c, kEqual, a, sum(c, b), false},
      {"two differences", kEqual, difference(difference(a, b), c), c, kEqual, a, sum(sum(c, c), b),
       false},
      {"a difference and a constant", kEqual, difference(a, b), one, kEqual, difference(a, b), one,
       false},
      {"a value less a constant", kEqual, difference(a, one), zero, kEqual, difference(a, one),
       zero, false},
      {"another comparison", Comparison::kGreater, difference(a, b), zero, Comparison::kGreater,
       difference(a, b), zero, false},
      {"no bit of a mask", kEqual, masked(a, 3), zero, kAnyBit, a, constant(3), true},
      {"bits of a mask", kEqual, masked(a, 3), one, kEqual, masked(a, 3), one, false},
      {"a mask that is no constant", kEqual, values_.alu(Arithmetic::kAnd, a, b), zero, kEqual,
       values_.alu(Arithmetic::kAnd, a, b), zero, false},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.what);
    run(kSimplify, graph_.decide(row.comparison, row.left, row.right, yes_, no_));
    ir::Graph expected = ir::Graph(graph_).without_nodes();
    const ir::NodeIndex no = expected.add_return(0);
    const ir::NodeIndex yes = expected.add_return(9);
    expected.root = expected.decide(row.simple_comparison, row.simple_left, row.simple_right,
                                    row.opposite ? no : yes, row.opposite ? yes : no);
    EXPECT_EQ(to_text(result_), to_text(expected));
  }
}

TEST_F(Simplify, WritesAssignedAndRequiredValuesInFewerSteps) {
  graph_.cell_count = 1;
  const ir::ValueIndex x = header_length(0);
  const ir::ValueIndex value = load(1, 14, alu(Arithmetic::kAdd, x, 12));
  run(kSimplify, graph_.require_value(value, graph_.assign(0, value, yes_)));
  const ir::Node& required = result_[result_.root];
  EXPECT_EQ(result_.values[required.left].k, 26U);
  EXPECT_EQ(result_[required.then].left, required.left);
}

}  // namespace
}  // namespace bpfc
