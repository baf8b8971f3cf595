// When a vector program's values are computed and how long they are kept: a value is computed in
// the first block that needs it and kept to the end of the last that does.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "jit/vector_program.h"
#include "vm/flow.h"

namespace bpfc::jit {

// Whether lanes that come to the block leave it at once with a constant, so that whoever leads them
// there may give them their verdict; and that verdict.
std::optional<std::uint32_t> constant_verdict(const VectorProgram& program, std::uint32_t block);

class VectorSchedule {
 public:
  explicit VectorSchedule(const VectorProgram& program);

  // The last block that needs the value; kNoBlock: none does.
  std::uint32_t last_use(ValueId value) const { return last_use_[value]; }
  // The last block that all ways lead through that lead to the need of one of the values; kNoBlock:
  // none of them is needed.
  std::uint32_t scope(std::span<const ValueId> values) const;
  // The values that no later block needs.
  const std::vector<ValueId>& ending_in(std::uint32_t block) const { return ending_in_[block]; }

 private:
  void find_dominators(const VectorProgram& program);
  std::uint32_t common_dominator(std::uint32_t left, std::uint32_t right) const;
  void use(const VectorProgram& program, ValueId value, std::uint32_t block);

  std::vector<std::uint32_t> dominator_;  // by block, the nearest; the first block's is itself
  std::vector<std::uint32_t> last_use_;   // by value
  std::vector<std::uint32_t> scope_;      // by value
  std::vector<std::uint32_t> seen_;       // by value: for which block last
  std::vector<std::vector<ValueId>> ending_in_;
};

}  // namespace bpfc::jit
