#include "jit/vector_schedule.h"

namespace bpfc::jit {

std::optional<std::uint32_t> constant_verdict(const VectorProgram& program, std::uint32_t block) {
  const VectorBlock& of = program.blocks[block];
  if (of.exit.kind != VectorExitKind::kReturn || !of.checks.empty()) return std::nullopt;
  const VectorValue& verdict = program.values[of.exit.left];
  if (verdict.kind != VectorValueKind::kConstant) return std::nullopt;
  return verdict.k;
}

VectorSchedule::VectorSchedule(const VectorProgram& program)
    : last_use_(program.values.size(), kNoBlock), ending_in_(program.blocks.size()) {
  for (std::uint32_t block = 0; block < program.blocks.size(); ++block) {
    const VectorBlock& of = program.blocks[block];
    if (!of.reached) continue;
    for (const VectorCheck& check : of.checks) {
      use(program, check.remaining, block);
      use(program, program.values[check.load].left, block);
    }
    use(program, of.exit.left, block);
    use(program, of.exit.right, block);
    for (const VectorWay& way : of.exit.ways) {
      for (const VectorWay::Write& write : way.writes) use(program, write.value, block);
    }
  }
  for (ValueId value = 0; value < last_use_.size(); ++value) {
    if (last_use_[value] != kNoBlock) ending_in_[last_use_[value]].push_back(value);
  }
}

// Operands were last needed where the value is computed, which is where it is first needed.
void VectorSchedule::use(const VectorProgram& program, ValueId value, std::uint32_t block) {
  std::vector<ValueId> waiting = {value};
  while (!waiting.empty()) {
    const ValueId at = waiting.back();
    waiting.pop_back();
    if (at == kNoValue) continue;
    const bool first = last_use_[at] == kNoBlock;
    last_use_[at] = block;
    if (!first) continue;
    const VectorValue& of = program.values[at];
    waiting.push_back(of.left);
    waiting.push_back(of.right);
    waiting.push_back(of.remaining);
  }
}

}  // namespace bpfc::jit
