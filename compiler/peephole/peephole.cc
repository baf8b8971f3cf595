// The program is written anew from its end to its start, like the layout. Behind the instruction
// that is written next everything is final, so it is known there which registers are still read,
// and how far away a jump's target is. After each instruction the rules are tried on the last one,
// two and three; what replaces them is written the same way.
//
//   ld #1; st M[0]; ldx M[0]; ...          written so far, from the end: ldx M[0]
//   st M[0]; ldx M[0]                      nothing reads M[0] or A later: tax
//   ld #1; tax                             nothing reads A later: ldx #1
//
// Only a window's first instruction may be jumped to: then the jump goes to what replaces it. What
// a jump left over is dropped when the next round, if there is one, writes what is reached.
#include "peephole/peephole.h"

#include <algorithm>
#include <optional>

#include "bpfc/verify.h"
#include "peephole/cross_jump.h"
#include "peephole/numbers.h"
#include "vm/register_use.h"

namespace bpfc::peephole {
namespace {

constexpr int kMostRounds = 8;

// What a window's names stand for, and where it leads.
struct Binding {
  Symbols<Numbers> symbols{};
  std::uint8_t bound = 0;  // bits of symbols
  std::array<std::uint32_t, kCells> cells{};
  std::uint8_t bound_cells = 0;
  std::uint32_t taken = 0;
  std::uint32_t not_taken = 0;
};

class Shortener {
 public:
  Shortener(std::span<const DecodedInstruction> program, const RuleTable& table,
            std::span<std::size_t> uses)
      : program_(program), table_(table), uses_(uses) {}

  Program run() {
    find_reached();
    place_.assign(program_.size(), 0);
    written_.reserve(program_.size());
    for (std::size_t i = program_.size(); i-- > 0;) {
      if (reached_[i] == kNot || (i == 0 && is_as_at_start(program_[i]))) continue;
      write(program_[i]);
      place_[i] = here();
      if (reached_[i] == kByJump) written_.back().is_target = true;
    }
    return assembled();
  }

 private:
  enum Reached : std::uint8_t { kNot, kFromAbove, kByJump };

  // Places are counted from the end: the last instruction is at 1.
  struct Written {
    Operation operation{};
    bool is_target = false;
    std::uint32_t k = 0;
    std::uint32_t on_true = 0;  // places
    std::uint32_t on_false = 0;
    std::uint32_t live = 0;  // registers that are read from here on
  };

  // A and X are 0 then.
  static bool is_as_at_start(const DecodedInstruction& first) {
    return first.k == 0 && (first.operation == Operation::kLoadConstant ||
                            first.operation == Operation::kLoadXConstant);
  }

  std::uint32_t here() const { return static_cast<std::uint32_t>(written_.size()); }
  const Written& at(std::uint32_t place) const { return written_[place - 1]; }

  void find_reached() {
    reached_.assign(program_.size(), kNot);
    reached_[0] = kFromAbove;
    for (std::size_t i = 0; i < program_.size(); ++i) {
      const DecodedInstruction& now = program_[i];
      const OperationClass kind = info(now.operation).kind;
      if (reached_[i] == kNot || kind == OperationClass::kReturn) continue;
      for (const std::uint32_t next : {now.on_true, now.on_false}) {
        // The instruction behind a jump can be part of its window all the same.
        const bool by_jump = kind == OperationClass::kJump || kind == OperationClass::kBranch;
        reached_[next] = std::max(reached_[next], by_jump ? kByJump : kFromAbove);
      }
    }
  }

  void write(const DecodedInstruction& instruction) {
    Written next{instruction.operation, false, instruction.k, 0, 0, 0};
    const OperationClass kind = info(instruction.operation).kind;
    if (kind == OperationClass::kJump || kind == OperationClass::kBranch) {
      next.on_true = place_[instruction.on_true];
      next.on_false = place_[instruction.on_false];
    }
    write(next);
  }

  void write(Written next) {
    const OperationClass kind = info(next.operation).kind;
    std::uint32_t live_after = 0;
    if (kind == OperationClass::kJump || kind == OperationClass::kBranch) {
      if (next.on_true == next.on_false) {
        if (next.on_true == here()) return;  // nothing to jump over
        next = {Operation::kJump, false, 0, next.on_true, next.on_true, 0};
      }
      live_after = at(next.on_true).live | at(next.on_false).live;
    } else if (kind != OperationClass::kReturn) {
      live_after = written_.back().live;
    }
    const RegisterUse use = register_use(next.operation, next.k);
    next.live = (live_after & ~use.writes) | use.reads;
    written_.push_back(next);
    replace();
  }

  // Replaces what was written last, if a rule fits.
  void replace() {
    for (const Rule& rule : table_.starting_with(written_.back().operation)) {
      Binding binding;
      if (!fits(rule, binding)) continue;
      if (!uses_.empty()) ++uses_[static_cast<std::size_t>(&rule - table_.all().data())];
      written_.resize(written_.size() - rule.window.count);
      for (std::size_t i = rule.replacement.count; i-- > 0;) {
        write(instance(rule.replacement.instructions[i], binding));
      }
      return;
    }
  }

  bool fits(const Rule& rule, Binding& binding) const {
    const std::size_t count = rule.window.count;
    if (written_.size() < count) return false;
    for (std::size_t i = 1; i < count; ++i) {
      const Written& written = written_[written_.size() - 1 - i];
      if (written.operation != rule.window.instructions[i].operation || written.is_target) {
        return false;
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (!binds(rule.window.instructions[i], written_[written_.size() - 1 - i], binding)) {
        return false;
      }
    }
    if ((live_behind(count) & dead_registers(rule, binding)) != 0) return false;
    Numbers numbers;
    const WindowRun<Numbers> run(numbers, binding.symbols);
    return run.allowed(rule.window) && run.allowed(rule.replacement) &&
           (!rule.condition || run.holds(*rule.condition));
  }

  static bool binds(const PatternInstruction& pattern, const Written& written, Binding& binding) {
    const Term& term = pattern.operand.left;
    switch (info(pattern.operation).format) {
      case OperandFormat::kNone:
      case OperandFormat::kPacketLength:
        return true;
      case OperandFormat::kTarget:
        return false;
      case OperandFormat::kIndexRegister:
        break;
      case OperandFormat::kCell: {
        const unsigned bit = 1U << term.value;
        if ((binding.bound_cells & bit) != 0) return binding.cells[term.value] == written.k;
        for (std::uint32_t other = 0; other < kCells; ++other) {
          const bool same = (binding.bound_cells >> other & 1U) != 0;
          if (same && binding.cells[other] == written.k) return false;
        }
        binding.cells[term.value] = written.k;
        binding.bound_cells = static_cast<std::uint8_t>(binding.bound_cells | bit);
        return true;
      }
      default:
        if (!term.is_symbol) {
          if (term.value != written.k) return false;
        } else if ((binding.bound >> term.value & 1U) != 0) {
          if (binding.symbols.values[term.value] != written.k) return false;
        } else {
          binding.symbols.values[term.value] = written.k;
          binding.bound = static_cast<std::uint8_t>(binding.bound | 1U << term.value);
        }
    }
    binding.taken = written.on_true;
    binding.not_taken = written.on_false;
    return true;
  }

  std::uint32_t live_behind(std::size_t count) const {
    const Written& last = written_[written_.size() - count];
    switch (info(last.operation).kind) {
      case OperationClass::kReturn:
        return 0;
      case OperationClass::kJump:
      case OperationClass::kBranch:
        return at(last.on_true).live | at(last.on_false).live;
      default:
        return at(static_cast<std::uint32_t>(written_.size() - count)).live;
    }
  }

  static std::uint32_t dead_registers(const Rule& rule, const Binding& binding) {
    std::uint32_t dead = 0;
    if ((rule.dead & kRegisterA) != 0) dead |= kLiveA;
    if ((rule.dead & kRegisterX) != 0) dead |= kLiveX;
    for (std::size_t cell = 0; cell < kCells; ++cell) {
      if ((rule.dead & register_of_cell(cell)) != 0) dead |= live_cell(binding.cells[cell]);
    }
    return dead;
  }

  static Written instance(const PatternInstruction& pattern, const Binding& binding) {
    Written written{pattern.operation, false, 0, 0, 0, 0};
    const OperationInfo& row = info(pattern.operation);
    const Operand& operand = pattern.operand;
    const auto value = [&](const Term& term) {
      return term.is_symbol ? binding.symbols.values[term.value] : term.value;
    };
    if (row.format == OperandFormat::kCell) {
      written.k = binding.cells[operand.left.value];
    } else if (operand.compound) {
      written.k = Numbers().compute(operand.op, value(operand.left), value(operand.right));
    } else {
      written.k = value(operand.left);
    }
    if (row.kind == OperationClass::kBranch || row.kind == OperationClass::kJump) {
      const bool straight = pattern.on_true == Way::kTaken;
      written.on_true = straight ? binding.taken : binding.not_taken;
      written.on_false = straight ? binding.not_taken : binding.taken;
      if (row.kind == OperationClass::kJump) written.on_false = written.on_true;
    }
    return written;
  }

  Program assembled() const {
    Program program;
    program.reserve(written_.size());
    for (std::uint32_t i = here(); i-- > 0;) {
      const Written& now = written_[i];
      Instruction instruction{encode(now.operation), 0, 0, now.k};
      const OperationClass kind = info(now.operation).kind;
      if (kind == OperationClass::kJump) instruction.k = i - now.on_true;
      if (kind == OperationClass::kBranch) {
        instruction.jt = static_cast<std::uint8_t>(i - now.on_true);
        instruction.jf = static_cast<std::uint8_t>(i - now.on_false);
      }
      program.push_back(instruction);
    }
    return program;
  }

  std::span<const DecodedInstruction> program_;
  const RuleTable& table_;
  std::span<std::size_t> uses_;
  std::vector<Reached> reached_;
  std::vector<Written> written_;      // the last instruction first
  std::vector<std::uint32_t> place_;  // of each of the old instructions
};

bool jumps_back(std::span<const DecodedInstruction> program) {
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (info(program[i].operation).kind == OperationClass::kJump && program[i].on_true <= i) {
      return true;
    }
  }
  return false;
}

// What the rules make of it, again and again.
VerifiedProgram shortened_by_rules(VerifiedProgram program, const RuleTable& table,
                                   std::span<std::size_t> uses) {
  for (int round = 0; round < kMostRounds; ++round) {
    const Program shorter = Shortener(program.decoded(), table, uses).run();
    if (shorter == program.program()) break;
    // The kernel wants cells written that nothing reads.
    auto verified = verify(shorter, program.rules());
    if (!verified) break;
    program = std::move(*verified);
  }
  return program;
}

}  // namespace

Program shortened(const Program& program, const RuleTable& table, std::span<std::size_t> uses) {
  auto kernel = verify(program, Rules::kKernel);
  auto verified = kernel ? std::move(kernel) : verify(program, Rules::kLibpcap);
  if (!verified || jumps_back(verified->decoded())) return program;
  VerifiedProgram result = shortened_by_rules(std::move(*verified), table, uses);
  for (int round = 0; round < kMostRounds; ++round) {
    const auto jumped = cross_jumped(result.decoded());
    if (!jumped) break;
    auto again = verify(*jumped, result.rules());
    if (!again) break;
    result = shortened_by_rules(std::move(*again), table, uses);
  }
  return result.program();
}

}  // namespace bpfc::peephole
