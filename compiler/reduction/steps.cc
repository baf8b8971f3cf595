#include "compiler/reduction/steps.h"

#include "vm/opcode.h"

namespace bpfc::reduction {
namespace {

constexpr std::uint32_t kFarthest = 255;

// Where a jump leads in the end: a branch whose ways are the same is one too.
std::vector<std::uint32_t> destinations(const Steps& steps) {
  std::vector<std::uint32_t> leads(steps.size());
  for (auto i = static_cast<std::uint32_t>(steps.size()); i-- > 0;) {
    const DecodedInstruction& step = steps[i];
    const bool is_jump =
        jumps(step) || (branches(step) && leads[step.on_true] == leads[step.on_false]);
    leads[i] = is_jump ? leads[step.on_true] : i;
  }
  return leads;
}

}  // namespace

void skip(DecodedInstruction& step, std::uint32_t target) {
  step = {Operation::kJump, 0, target, target};
}

bool jumps(const DecodedInstruction& step) { return step.operation == Operation::kJump; }

bool branches(const DecodedInstruction& step) {
  return info(step.operation).kind == OperationClass::kBranch;
}

bool returns(const DecodedInstruction& step) {
  return info(step.operation).kind == OperationClass::kReturn;
}

std::optional<Program> assembled(const Steps& steps) {
  const std::vector<std::uint32_t> leads = destinations(steps);
  std::vector<bool> reached(steps.size(), false);
  reached[leads[0]] = true;
  std::vector<std::uint32_t> order;  // of the steps that are written
  for (std::uint32_t i = 0; i < steps.size(); ++i) {
    if (!reached[i]) continue;
    order.push_back(i);
    if (returns(steps[i])) continue;
    reached[leads[steps[i].on_true]] = true;
    reached[leads[steps[i].on_false]] = true;
  }
  // A step that is not followed by what it leads to needs a jump, or the return that is meant.
  const auto needs_jump = [&](std::size_t at) {
    const DecodedInstruction& step = steps[order[at]];
    if (returns(step) || branches(step)) return false;
    return at + 1 == order.size() || leads[step.on_true] != order[at + 1];
  };
  std::vector<std::uint32_t> place(steps.size(), 0);
  std::uint32_t length = 0;
  for (std::size_t at = 0; at < order.size(); ++at) {
    place[order[at]] = length;
    length += needs_jump(at) ? 2 : 1;
  }
  Program program;
  program.reserve(length);
  const auto distance = [&](std::uint32_t target) {
    return place[leads[target]] - static_cast<std::uint32_t>(program.size()) - 1;
  };
  for (std::size_t at = 0; at < order.size(); ++at) {
    const DecodedInstruction& step = steps[order[at]];
    Instruction instruction{encode(step.operation), 0, 0, step.k};
    if (branches(step)) {
      const std::uint32_t on_true = distance(step.on_true);
      const std::uint32_t on_false = distance(step.on_false);
      if (on_true > kFarthest || on_false > kFarthest) return std::nullopt;
      instruction.jt = static_cast<std::uint8_t>(on_true);
      instruction.jf = static_cast<std::uint8_t>(on_false);
    }
    program.push_back(instruction);
    if (!needs_jump(at)) continue;
    const DecodedInstruction& end = steps[leads[step.on_true]];
    program.push_back(returns(end)
                          ? Instruction{encode(end.operation), 0, 0, end.k}
                          : Instruction{encode(Operation::kJump), 0, 0, distance(step.on_true)});
  }
  return program;
}

}  // namespace bpfc::reduction
