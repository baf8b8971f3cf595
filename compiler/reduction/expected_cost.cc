#include "compiler/reduction/expected_cost.h"

#include <vector>

#include "bpfc/interpreter.h"
#include "compiler/sets/likely.h"
#include "vm/register_use.h"

namespace bpfc::reduction {
namespace {

// What A is, so far as the guess goes.
enum class Held : std::uint8_t {
  kUnseen,
  kComputed,
  kByte,
  kHalf,
  kWord,
  kMasked,  // a load of which the last byte is whole: protocol and fragment offset, for one
};

Held held_after(const DecodedInstruction& step, Held before) {
  if ((register_use(step.operation, step.k).writes & kLiveA) == 0) return before;
  switch (load_size(step.operation)) {
    case 1:
      return Held::kByte;
    case 2:
      return Held::kHalf;
    case 4:
      return Held::kWord;
    default:
      break;
  }
  constexpr std::uint32_t kLastByte = 0xff;
  const bool masks = step.operation == Operation::kAndConstant && (step.k & kLastByte) == kLastByte;
  return masks && (before == Held::kWord || before == Held::kHalf) ? Held::kMasked
                                                                   : Held::kComputed;
}

bool asks_for(const sets::Likely& entry, Held held, std::uint32_t k) {
  switch (held) {
    case Held::kByte:
      return entry.size == 1 && entry.value == k;
    case Held::kHalf:
      return entry.size == 2 && entry.value == k;
    case Held::kMasked:
      return entry.size == 1 && entry.value == (k & 0xffU);
    default:
      return false;
  }
}

// How often the branch is taken.
double taken(const DecodedInstruction& branch, Held held) {
  constexpr double kOneNumber = 0.03;
  constexpr double kSomeBit = 0.25;
  constexpr double kEither = 0.5;
  switch (branch.operation) {
    case Operation::kJumpEqualConstant:
      for (const sets::Likely& entry : sets::kLikely) {
        if (asks_for(entry, held, branch.k)) return entry.share;
      }
      return kOneNumber;
    case Operation::kJumpAnyBitConstant:
      return kSomeBit;
    default:
      return kEither;
  }
}

std::vector<Held> held_in_a(std::span<const DecodedInstruction> program) {
  std::vector<Held> held(program.size(), Held::kUnseen);
  held[0] = Held::kComputed;
  for (std::size_t i = 0; i < program.size(); ++i) {
    const DecodedInstruction& step = program[i];
    if (info(step.operation).kind == OperationClass::kReturn) continue;
    const Held after = held_after(step, held[i]);
    for (const std::uint32_t next : {step.on_true, step.on_false}) {
      held[next] = held[next] == Held::kUnseen || held[next] == after ? after : Held::kComputed;
    }
  }
  return held;
}

}  // namespace

double guessed_cost(const VerifiedProgram& program) {
  const auto steps = program.decoded();
  const std::vector<Held> held = held_in_a(steps);
  std::vector<double> cost(steps.size(), 1);  // from there on
  for (std::size_t i = steps.size(); i-- > 0;) {
    const DecodedInstruction& step = steps[i];
    const OperationClass kind = info(step.operation).kind;
    if (kind == OperationClass::kReturn) continue;
    const double share = kind == OperationClass::kBranch ? taken(step, held[i]) : 1;
    cost[i] += share * cost[step.on_true] + (1 - share) * cost[step.on_false];
  }
  return cost[0];
}

double counted_cost(const VerifiedProgram& program, const Profile& profile) {
  std::uint64_t executed = 0;
  for (std::size_t i = 0; i < profile.size(); ++i) interpret(program, profile[i], &executed);
  return static_cast<double>(executed) / static_cast<double>(profile.size());
}

}  // namespace bpfc::reduction
