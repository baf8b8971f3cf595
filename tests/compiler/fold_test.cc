#include <gtest/gtest.h>

#include "compiler/pass.h"

namespace bpfc {
namespace {

class Fold : public ::testing::Test {
 protected:
  ir::ValueIndex constant(std::uint32_t k) { return graph_.values.constant(k); }
  ir::ValueIndex load(std::uint8_t size, std::uint32_t offset) {
    return graph_.values.load(size, ir::kNoValue, offset);
  }
  ir::NodeIndex decide(Comparison comparison, ir::ValueIndex left, ir::ValueIndex right) {
    return graph_.decide(comparison, left, right, yes_, no_);
  }
  // What the graph becomes, as text.
  std::string folded(ir::NodeIndex root) {
    graph_.root = root;
    EXPECT_EQ(ir::check_graph(graph_), std::nullopt);
    const ir::Graph result = fold(graph_);
    EXPECT_EQ(ir::check_graph(result), std::nullopt);
    return to_text(result);
  }

  ir::Graph graph_;
  ir::NodeIndex no_ = graph_.add_return(0);
  ir::NodeIndex yes_ = graph_.add_return(9);
};

constexpr const char* kYes = "n1: return 9\n";
constexpr const char* kNo = "n0: return 0\n";

TEST_F(Fold, DecidesConstants) {
  EXPECT_EQ(folded(decide(Comparison::kEqual, constant(3), constant(3))), kYes);
  EXPECT_EQ(folded(decide(Comparison::kGreater, constant(3), constant(3))), kNo);
  EXPECT_EQ(folded(decide(Comparison::kAnyBit, constant(6), constant(9))), kNo);
}

TEST_F(Fold, DecidesAValueAgainstItself) {
  const ir::ValueIndex length = graph_.values.length();
  EXPECT_NE(folded(decide(Comparison::kEqual, length, length)).find("return 9"), std::string::npos);
  EXPECT_EQ(folded(decide(Comparison::kGreater, length, length)), kNo);
  EXPECT_NE(folded(decide(Comparison::kAnyBit, length, length)).find('?'), std::string::npos);
}

TEST_F(Fold, DecidesWhatAMaskOrASizeRulesOut) {
  const ir::ValueIndex byte = load(1, 20);
  EXPECT_EQ(folded(decide(Comparison::kEqual, byte, constant(256))), kNo);
  EXPECT_EQ(folded(decide(Comparison::kGreater, byte, constant(255))), kNo);
  EXPECT_EQ(folded(decide(Comparison::kGreaterOrEqual, byte, constant(256))), kNo);
  EXPECT_EQ(folded(decide(Comparison::kAnyBit, byte, constant(0xffffff00))), kNo);
  EXPECT_NE(folded(decide(Comparison::kEqual, byte, constant(255))).find('?'), std::string::npos);
  const ir::ValueIndex masked = graph_.values.alu(Arithmetic::kAnd, load(4, 0), constant(0xf0));
  EXPECT_EQ(folded(decide(Comparison::kEqual, masked, constant(1))), kNo);
  EXPECT_EQ(folded(decide(Comparison::kGreater, masked, constant(0xf0))), kNo);
  EXPECT_EQ(folded(decide(Comparison::kGreaterOrEqual, graph_.values.length(), constant(0))), kYes);
}

TEST_F(Fold, KeepsTheBytesThatAGoneTestLoaded) {
  const std::string text = folded(decide(Comparison::kGreaterOrEqual, load(2, 20), constant(0)));
  EXPECT_NE(text.find("require 22 bytes"), std::string::npos) << text;
  EXPECT_EQ(text.find('?'), std::string::npos) << text;
  // In front of what rejects anyway nothing is needed.
  EXPECT_EQ(folded(decide(Comparison::kGreater, load(2, 20), constant(0xffff))), kNo);
}

TEST_F(Fold, DropsTestsThatChangeNothing) {
  const ir::ValueIndex length = graph_.values.length();
  const ir::NodeIndex same = graph_.decide(Comparison::kEqual, length, constant(5), yes_, yes_);
  EXPECT_EQ(folded(same), "n0: return 9\n");
  // The upper one changes nothing once the lower one is gone.
  const ir::NodeIndex lower =
      graph_.decide(Comparison::kEqual, constant(1), constant(1), yes_, no_);
  const ir::NodeIndex upper =
      graph_.decide(Comparison::kEqual, load(1, 4), constant(5), lower, yes_);
  const std::string text = folded(upper);
  EXPECT_NE(text.find("require 5 bytes"), std::string::npos) << text;
  EXPECT_EQ(text.find('?'), std::string::npos) << text;
}

TEST_F(Fold, LeavesTheRestAsItIs) {
  const ir::NodeIndex inner = decide(Comparison::kEqual, load(1, 4), constant(5));
  const ir::NodeIndex root = graph_.assign(
      1, load(1, 7), graph_.require_value(load(2, 2), graph_.require_bytes(30, inner)));
  graph_.root = root;
  EXPECT_EQ(folded(root), to_text(graph_));
}

}  // namespace
}  // namespace bpfc
