// A graph that a test builds by hand, and what becomes of it.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "compiler/pass.h"

namespace bpfc::testing {

class PassGraph : public ::testing::Test {
 protected:
  ir::ValueIndex constant(std::uint32_t k) { return values_.constant(k); }
  ir::ValueIndex load(std::uint8_t size, std::uint32_t offset, ir::ValueIndex base = ir::kNoValue) {
    return values_.load(size, base, offset);
  }
  ir::ValueIndex alu(Arithmetic op, ir::ValueIndex left, std::uint32_t right) {
    return values_.alu(op, left, constant(right));
  }
  // 4*([offset]&0xf)
  ir::ValueIndex header_length(std::uint32_t offset) {
    return alu(Arithmetic::kShiftLeft, alu(Arithmetic::kAnd, load(1, offset), 0xf), 2);
  }
  ir::NodeIndex test(Comparison comparison, ir::ValueIndex value, std::uint32_t k,
                     ir::NodeIndex then, ir::NodeIndex otherwise) {
    return graph_.decide(comparison, value, constant(k), then, otherwise);
  }
  ir::NodeIndex equal(ir::ValueIndex value, std::uint32_t k, ir::NodeIndex then,
                      ir::NodeIndex otherwise) {
    return test(Comparison::kEqual, value, k, then, otherwise);
  }

  // What the pass makes of it, as text; and result_ is it. Checked, and compared with the graph on
  // packets of all lengths.
  std::string run(const Pass& pass, ir::NodeIndex root);
  // Nodes of a kind that the result's root reaches.
  std::size_t count(ir::NodeKind kind) const;
  std::size_t tests() const { return count(ir::NodeKind::kDecide); }
  std::size_t assignments() const { return count(ir::NodeKind::kAssign); }

  ir::Graph graph_;
  ir::Graph result_;
  ir::ValueTable& values_ = graph_.values;
  ir::NodeIndex no_ = graph_.add_return(0);
  ir::NodeIndex yes_ = graph_.add_return(9);
};

inline const Pass kFacts{"facts", "", decide_by_facts};
inline const Pass kSimplify{"simplify", "", simplify};
inline const Pass kSets{"sets", "", search_sets};
inline const Pass kDead{"dead", "", drop_dead};
inline const Pass kTails{"tails", "", share_tails};

}  // namespace bpfc::testing
