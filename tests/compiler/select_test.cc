#include "compiler/select.h"

#include <gtest/gtest.h>

#include "bpfc/listing.h"
#include "compiler/generate.h"

namespace bpfc {
namespace {

class SelectInstructions : public ::testing::Test {
 protected:
  ir::ValueIndex constant(std::uint32_t k) { return values_.constant(k); }
  ir::ValueIndex load(std::uint8_t size, std::uint32_t offset) {
    return values_.load(size, ir::kNoValue, offset);
  }
  ir::ValueIndex alu(Arithmetic op, ir::ValueIndex left, ir::ValueIndex right) {
    return values_.alu(op, left, right);
  }
  ir::ValueIndex header_length(std::uint32_t offset) {
    return alu(Arithmetic::kShiftLeft, alu(Arithmetic::kAnd, load(1, offset), constant(0xf)),
               constant(2));
  }
  ir::NodeIndex equal(ir::ValueIndex left, ir::ValueIndex right, ir::NodeIndex then,
                      ir::NodeIndex otherwise) {
    return graph_.decide(Comparison::kEqual, left, right, then, otherwise);
  }
  // The program, one instruction a line as `ldh [12]`, without numbers and targets.
  std::string code(ir::NodeIndex root) {
    graph_.root = root;
    EXPECT_EQ(ir::check_graph(graph_), std::nullopt);
    const auto program = generate(graph_);
    if (!program) return program.error().message;
    EXPECT_TRUE(verify(*program, Rules::kKernel));
    std::string text;
    std::istringstream listing(to_listing(*program));
    for (std::string line; std::getline(listing, line);) {
      std::string words;
      std::istringstream parts(line);
      for (std::string word; parts >> word && word != "jt";) {
        if (word.starts_with("(")) continue;
        words += (words.empty() ? "" : " ") + word;
      }
      text += words + "; ";
    }
    return text;
  }

  ir::Graph graph_;
  ir::ValueTable& values_ = graph_.values;
  ir::NodeIndex no_ = graph_.add_return(0);
  ir::NodeIndex yes_ = graph_.add_return(9);
};

TEST_F(SelectInstructions, KeepsAValueInAFromTestToTest) {
  EXPECT_EQ(code(equal(load(2, 12), constant(5), yes_, equal(load(2, 12), constant(6), yes_, no_))),
            "ldh [12]; jeq #0x5; jeq #0x6; ret #9; ret #0; ");
}

TEST_F(SelectInstructions, LoadsAgainWhereTheWaysDisagree) {
  const ir::NodeIndex last = equal(load(2, 12), constant(7), yes_, no_);
  EXPECT_EQ(code(equal(load(2, 12), constant(5), equal(load(1, 3), constant(1), last, no_), last)),
            "ldh [12]; jeq #0x5; ldb [3]; jeq #0x1; ldh [12]; jeq #0x7; ret #9; ret #0; ");
}

TEST_F(SelectInstructions, HoldsTheHeaderLengthInX) {
  const ir::ValueIndex length = header_length(14);
  const ir::NodeIndex second = equal(values_.load(2, length, 16), constant(80), yes_, no_);
  EXPECT_EQ(
      code(equal(values_.load(2, length, 14), constant(80), yes_, second)),
      "ldxb 4*([14]&0xf); ldh [x + 14]; jeq #0x50; ldh [x + 16]; jeq #0x50; ret #9; ret #0; ");
}

TEST_F(SelectInstructions, DoesNotTakeOtherShapesForAHeaderLength) {
  const ir::ValueIndex half =
      alu(Arithmetic::kShiftLeft, alu(Arithmetic::kAnd, load(2, 14), constant(0xf)), constant(2));
  EXPECT_EQ(code(equal(values_.load(2, half, 14), constant(80), yes_, no_)),
            "ldh [14]; and #0xf; lsh #2; tax; ldh [x + 14]; jeq #0x50; ret #9; ret #0; ");
}

TEST_F(SelectInstructions, SwapsWhatIsSymmetric) {
  EXPECT_EQ(code(equal(constant(5), load(2, 12), yes_, no_)),
            "ldh [12]; jeq #0x5; ret #9; ret #0; ");
  EXPECT_EQ(code(equal(alu(Arithmetic::kAdd, constant(5), load(2, 12)), constant(1), yes_, no_)),
            "ldh [12]; add #5; jeq #0x1; ret #9; ret #0; ");
}

TEST_F(SelectInstructions, ComparesWithX) {
  EXPECT_EQ(code(graph_.decide(Comparison::kGreater, load(1, 0), load(1, 1), yes_, no_)),
            "ldb [1]; tax; ldb [0]; jgt x; ret #9; ret #0; ");
  EXPECT_EQ(code(graph_.decide(Comparison::kGreater, constant(3), values_.length(), yes_, no_)),
            "ld #0x3; unimp 0x81; jgt x; ret #9; ret #0; ");
}

TEST_F(SelectInstructions, SpillsWhatMustWait) {
  // Both operands take X.
  const ir::ValueIndex base = header_length(0);
  EXPECT_EQ(code(equal(values_.load(1, base, 1), values_.load(1, load(1, 9), 2), yes_, no_)),
            "ldb [9]; tax; ldb [x + 2]; st M[0]; ldxb 4*([0]&0xf); ldb [x + 1]; ldx M[0]; jeq x; "
            "ret #9; ret #0; ");
}

TEST_F(SelectInstructions, DividesByZeroThroughX) {
  EXPECT_EQ(
      code(equal(alu(Arithmetic::kDivide, values_.length(), constant(0)), constant(1), yes_, no_)),
      "ld #pktlen; ldx #0x0; div x; jeq #0x1; ret #9; ret #0; ");
  EXPECT_EQ(code(equal(alu(Arithmetic::kShiftLeft, values_.length(), constant(40)), constant(1),
                       yes_, no_)),
            "ld #pktlen; ldx #0x28; lsh x; jeq #0x1; ret #9; ret #0; ");
}

TEST_F(SelectInstructions, LoadsAncillaryData) {
  EXPECT_EQ(graph_.values[values_.ancillary(0)].k, 0U);
  graph_.root = equal(values_.ancillary(44), constant(1), yes_, no_);
  const auto program = generate(graph_);
  ASSERT_TRUE(program);
  EXPECT_EQ(program->front().k, kAncillaryBase + 44);
}

TEST_F(SelectInstructions, ForgetsWhatAnAssignmentChanges) {
  const ir::ValueIndex cell = values_.cell(0);
  const ir::ValueIndex next = alu(Arithmetic::kAdd, cell, constant(1));
  // A holds cell + 1 of before; behind the assignment that is the cell itself.
  EXPECT_EQ(
      code(graph_.assign(0, next,
                         equal(next, constant(2), equal(cell, constant(1), yes_, no_), no_))),
      "ld #0x0; st M[0]; ld M[0]; add #1; st M[0]; add #1; jeq #0x2; ld M[0]; jeq #0x1; ret #9; "
      "ret #0; ");
}

TEST_F(SelectInstructions, KeepsACellInXWhereThatIsShorter) {
  graph_.cell_count = 1;
  const ir::ValueIndex base = values_.cell(0);
  const ir::NodeIndex second = equal(values_.load(2, base, 16), constant(80), yes_, no_);
  const ir::NodeIndex ports = equal(values_.load(2, base, 14), constant(80), yes_, second);
  const std::string text =
      code(equal(load(2, 12), constant(5), graph_.assign(0, header_length(14), ports),
                 graph_.assign(0, constant(40), ports)));
  EXPECT_EQ(text.find("st"), std::string::npos) << text;
  EXPECT_EQ(text.find("M["), std::string::npos) << text;
  EXPECT_NE(text.find("ldx #0x28; "), std::string::npos) << text;
}

TEST_F(SelectInstructions, KeepsACellInAWhereItIsTestedAtOnce) {
  graph_.cell_count = 1;
  const ir::ValueIndex cell = values_.cell(0);
  const ir::NodeIndex tests = equal(cell, constant(1), yes_, equal(cell, constant(2), yes_, no_));
  const std::string text =
      code(equal(load(2, 12), constant(5), graph_.assign(0, load(4, 26), tests),
                 graph_.assign(0, load(4, 28), tests)));
  EXPECT_EQ(text.find("M["), std::string::npos) << text;
}

TEST_F(SelectInstructions, StoresACellThatIsReadWhenAAndXAreOthers) {
  graph_.cell_count = 1;
  const ir::ValueIndex cell = values_.cell(0);
  const ir::ValueIndex length = header_length(0);
  const ir::NodeIndex last = equal(values_.load(1, cell, 3), constant(1), yes_, no_);
  const ir::NodeIndex between = equal(values_.load(1, length, 1), constant(2), last, no_);
  const std::string text = code(graph_.assign(0, header_length(14), between));
  EXPECT_NE(text.find("ldx M[0]"), std::string::npos) << text;
  EXPECT_NE(text.find("M[0]"), text.rfind("M[0]")) << text;
}

// An unassigned cell is 0 wherever it is kept.
TEST_F(SelectInstructions, ClearsACellThatMayBeReadUnassigned) {
  graph_.cell_count = 1;
  const ir::ValueIndex base = values_.cell(0);
  const ir::NodeIndex reads = equal(values_.load(2, base, 14), constant(80), yes_, no_);
  const std::string text =
      code(equal(load(2, 12), constant(5), graph_.assign(0, header_length(14), reads), reads));
  EXPECT_EQ(text.find("ld #0x0; st M[0]; "), 0U) << text;
}

TEST_F(SelectInstructions, RefusesWhatScratchMemoryCannotHold) {
  // Sixteen cells that live together fill it; one more does not fit.
  for (const std::uint32_t cells : {kScratchCells, kScratchCells + 1}) {
    ir::NodeIndex at = yes_;
    for (std::uint32_t i = 0; i < cells; ++i) at = equal(values_.cell(i), constant(i), at, no_);
    for (std::uint32_t i = 0; i < cells; ++i) at = graph_.assign(i, values_.length(), at);
    graph_.root = at;
    const auto program = generate(graph_);
    EXPECT_EQ(program.has_value(), cells == kScratchCells);
    if (!program) {
      EXPECT_EQ(program.error().code, DiagnosticCode::kTooComplex);
    }
  }
}

TEST_F(SelectInstructions, RefusesTermsNestedTooDeep) {
  // Each level keeps one operand waiting.
  const auto nested = [&](std::uint32_t depth) {
    ir::ValueIndex value = load(1, 0);
    for (std::uint32_t i = 0; i < depth; ++i) {
      value = alu(Arithmetic::kSubtract, values_.load(1, load(1, i), 1), value);
    }
    return value;
  };
  EXPECT_EQ(code(equal(nested(200), constant(5), yes_, no_)).find("too complex"),
            std::string::npos);
  ir::ValueIndex tree = values_.load(1, load(1, 0), 0);
  for (std::uint32_t i = 1; i < 40; ++i) {
    // Neither side is ready in X without the other's help.
    tree = alu(Arithmetic::kSubtract, values_.load(1, tree, i), values_.load(1, load(1, i), 1));
  }
  graph_.root = equal(tree, constant(1), yes_, no_);
  const auto program = generate(graph_);
  if (!program) {
    EXPECT_EQ(program.error().code, DiagnosticCode::kTooComplex);
  }
}

}  // namespace
}  // namespace bpfc
