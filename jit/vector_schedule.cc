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
    : dominator_(program.blocks.size(), kNoBlock),
      last_use_(program.values.size(), kNoBlock),
      scope_(program.values.size(), kNoBlock),
      seen_(program.values.size(), kNoBlock),
      ending_in_(program.blocks.size()) {
  find_dominators(program);
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

// Ways lead forward, so a block's are known when it is reached.
void VectorSchedule::find_dominators(const VectorProgram& program) {
  dominator_[0] = 0;
  for (std::uint32_t block = 0; block < program.blocks.size(); ++block) {
    for (const VectorWay& way : program.blocks[block].exit.ways) {
      dominator_[way.block] = common_dominator(dominator_[way.block], block);
    }
  }
}

std::uint32_t VectorSchedule::common_dominator(std::uint32_t left, std::uint32_t right) const {
  if (left == kNoBlock || right == kNoBlock) return left == kNoBlock ? right : left;
  while (left != right) {
    if (left > right) {
      left = dominator_[left];
    } else {
      right = dominator_[right];
    }
  }
  return left;
}

std::uint32_t VectorSchedule::scope(std::span<const ValueId> values) const {
  std::uint32_t scope = kNoBlock;
  for (const ValueId value : values) scope = common_dominator(scope, scope_[value]);
  return scope;
}

// Operands are read where the value is computed, which is where it is first needed; but all lanes
// that need the value need them.
void VectorSchedule::use(const VectorProgram& program, ValueId needed, std::uint32_t block) {
  struct Need {
    ValueId value;
    bool read;
  };
  std::vector<Need> waiting = {{needed, true}};
  while (!waiting.empty()) {
    const auto [value, read] = waiting.back();
    waiting.pop_back();
    if (value == kNoValue) continue;
    const bool first = last_use_[value] == kNoBlock;
    if (read) last_use_[value] = block;
    if (seen_[value] == block) continue;
    seen_[value] = block;
    scope_[value] = common_dominator(scope_[value], block);
    const VectorValue& of = program.values[value];
    for (const ValueId operand : {of.left, of.right, of.remaining}) {
      waiting.push_back({operand, first});
    }
  }
}

}  // namespace bpfc::jit
