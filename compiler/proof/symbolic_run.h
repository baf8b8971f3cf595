// Runs a program on all packets at once. Values and conditions are of a Domain, which knows how to
// compute with them. Ways through the program that meet go on together where they bring the same
// values; where not, side by side as long as they are few, and then merged: a merged value has in
// it what decided between the ways.
//
// A Domain has the types Word and Condition, cheap to copy, and
//   constant(u32), wire_length() -> Word
//   compute(Arithmetic, Word, Word) -> Word      of a zero divisor anything
//   choose(Condition, Word, Word) -> Word
//   same(Word, Word) -> bool                     true only if they are the same word
//   compare(Comparison, Word, Word) -> Condition
//   always(), both(c, d), either(c, d), opposite(c) -> Condition
//   never(Condition) -> bool                     true only if no packet meets it
//   load(Word index, u32 k, unsigned size, Condition when) -> Loaded
//   ancillary(AncillaryLoad, Word a, Word x, Condition when) -> Loaded
//   kMostStates                                  so many ways side by side
//   kTestsASegment                               so many tests in one condition
//   stopped() -> bool                            the time is up, or it cannot do this program
// where Loaded has `Word value; Condition succeeds;`, which have to be right where `when` holds.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "bpfc/verify.h"
#include "vm/ancillary.h"
#include "vm/opcode.h"

namespace bpfc::proof {

// What is needed of A (bit 0), X (bit 1) and the cells (from bit 2 on) before each instruction.
// Jumps go forward only, so one look from the end does.
std::vector<std::uint32_t> live_registers(const VerifiedProgram& program);

// Whether a jump goes back.
bool has_loop(const VerifiedProgram& program);

template <typename Domain>
class SymbolicRun {
 public:
  using Word = typename Domain::Word;
  using Condition = typename Domain::Condition;

  // The program must not have loops. Both must outlive this.
  SymbolicRun(const VerifiedProgram& program, Domain& domain)
      : program_(program),
        domain_(domain),
        live_(live_registers(program)),
        states_(program.decoded().size()),
        segments_{{0, domain.always()}} {}

  // What the program returns; means nothing if the domain has stopped.
  Word verdict() {
    const Word zero = domain_.constant(0);
    State start{domain_.always(), {}, 0, 0};
    start.registers.fill(zero);
    states_[0].push_back(std::move(start));
    for (std::uint32_t at = 0; at < states_.size() && !domain_.stopped(); ++at) {
      const std::vector<State> states = std::move(states_[at]);
      states_[at].clear();
      for (State state : states) {
        begin_segment(state);
        step(at, state);
      }
    }
    return combined();
  }

 private:
  static constexpr std::size_t kA = 0;
  static constexpr std::size_t kX = 1;
  static constexpr std::size_t kCells = 2;

  struct State {
    Condition when;
    std::array<Word, kCells + kScratchCells> registers;
    std::uint32_t segment;
    std::uint32_t tests;  // in `when`, more or less
  };
  // A condition grows with every test, and each test costs as much as it is large. So it is begun
  // anew from time to time: then it says what led on from where the segment began.
  struct Segment {
    std::uint32_t parent;  // an earlier one
    Condition when;        // it began, from where the parent did
  };
  struct Returned {
    Word value;
    Condition when;
    std::uint32_t segment;
  };

  void begin_segment(State& state) {
    if (state.tests < Domain::kTestsASegment) return;
    segments_.push_back({state.segment, state.when});
    state.segment = static_cast<std::uint32_t>(segments_.size() - 1);
    state.when = domain_.always();
    state.tests = 0;
  }

  // Counts the condition from the start of the segment's parent.
  void leave_segment(std::uint32_t& segment, Condition& when) {
    when = domain_.both(segments_[segment].when, when);
    segment = segments_[segment].parent;
  }

  // What is returned, by all segments; those that began last are part of earlier ones.
  Word combined() {
    Word result = domain_.constant(0);
    std::vector<Word> values;
    for (const Returned& each : returned_) {
      const auto is_same = [&](const Word& known) { return domain_.same(known, each.value); };
      if (std::none_of(values.begin(), values.end(), is_same)) values.push_back(each.value);
    }
    for (const Word& value : values) {
      std::vector<Condition> when(segments_.size(), domain_.opposite(domain_.always()));
      for (const Returned& each : returned_) {
        if (!domain_.same(each.value, value)) continue;
        when[each.segment] = domain_.either(when[each.segment], each.when);
      }
      for (std::uint32_t at = static_cast<std::uint32_t>(when.size() - 1); at > 0; --at) {
        if (domain_.never(when[at])) continue;
        std::uint32_t parent = at;
        leave_segment(parent, when[at]);
        when[parent] = domain_.either(when[parent], when[at]);
      }
      result = domain_.choose(when[0], value, result);
    }
    return result;
  }

  // Where the registers that are needed at `at` differ.
  std::uint32_t differences(std::uint32_t at, const State& left, const State& right) const {
    std::uint32_t result = 0;
    for (std::size_t i = 0; i < left.registers.size(); ++i) {
      if ((live_[at] >> i & 1U) == 0) continue;
      if (!domain_.same(left.registers[i], right.registers[i])) result |= 1U << i;
    }
    return result;
  }

  void arrive(std::uint32_t at, const State& state, Condition when) {
    if (domain_.never(when)) return;
    std::vector<State>& there = states_[at];
    const auto joins = [&](const State& known) { return differences(at, known, state) == 0; };
    auto known = std::find_if(there.begin(), there.end(), joins);
    if (known == there.end() && there.size() < Domain::kMostStates) {
      there.push_back(state);
      there.back().when = when;
      ++there.back().tests;
      return;
    }
    if (known == there.end()) --known;
    std::uint32_t segment = state.segment;
    while (segment != known->segment) {
      if (segment > known->segment) {
        leave_segment(segment, when);
      } else {
        leave_segment(known->segment, known->when);
      }
    }
    const std::uint32_t differing = differences(at, *known, state);
    for (std::size_t i = 0; i < state.registers.size(); ++i) {
      if ((differing >> i & 1U) == 0) continue;
      known->registers[i] = domain_.choose(when, state.registers[i], known->registers[i]);
    }
    known->when = domain_.either(known->when, when);
    known->tests += state.tests + 1;
  }

  // Conditions of different returns exclude each other, and what is not returned is 0.
  void give(const State& state, const Word& value, const Condition& when) {
    if (domain_.same(value, domain_.constant(0)) || domain_.never(when)) return;
    for (Returned& known : returned_) {
      if (known.segment != state.segment || !domain_.same(known.value, value)) continue;
      known.when = domain_.either(known.when, when);
      return;
    }
    returned_.push_back({value, when, state.segment});
  }

  // Goes on where the condition holds; elsewhere the program ends, with what `give` was told.
  void go_on(std::uint32_t at, const State& state, const Condition& if_so) {
    arrive(at + 1, state, domain_.both(state.when, if_so));
  }

  void load(std::uint32_t at, const DecodedInstruction& now, unsigned size, bool indexed,
            State& state) {
    Word& a = state.registers[kA];
    const Word& x = state.registers[kX];
    if (!indexed && now.k >= kAncillaryBase) {
      load_beyond(at, now, state);
      return;
    }
    const auto loaded = domain_.load(indexed ? x : domain_.constant(0), now.k, size, state.when);
    a = loaded.value;
    go_on(at, state, loaded.succeeds);
  }

  void load_beyond(std::uint32_t at, const DecodedInstruction& now, State& state) {
    const auto known = find_ancillary(now.k);
    if (!known) return;
    const bool libpcap = program_.rules() == Rules::kLibpcap;
    // What libpcap knows of them is Machine::load_beyond()'s (vm/interpreter.cc).
    if (libpcap && ((known->load != AncillaryLoad::kVlanTag &&
                     known->load != AncillaryLoad::kVlanTagPresent) ||
                    now.operation != Operation::kLoadByteAbsolute)) {
      return;
    }
    const auto loaded =
        domain_.ancillary(known->load, state.registers[kA], state.registers[kX], state.when);
    // Without a device the kernel returns A.
    if (!libpcap) {
      give(state, state.registers[kA], domain_.both(state.when, domain_.opposite(loaded.succeeds)));
    }
    state.registers[kA] = loaded.value;
    go_on(at, state, loaded.succeeds);
  }

  void compute(std::uint32_t at, const DecodedInstruction& now, State& state) {
    const ArithmeticParts parts = *arithmetic_parts(now.operation);
    const bool by_x = parts.right == RightOperand::kX;
    const Word right = by_x ? state.registers[kX] : domain_.constant(now.k);
    Condition goes_on = domain_.always();
    if (by_x &&
        (parts.arithmetic == Arithmetic::kDivide || parts.arithmetic == Arithmetic::kModulo)) {
      goes_on = domain_.opposite(domain_.compare(Comparison::kEqual, right, domain_.constant(0)));
    }
    state.registers[kA] = domain_.compute(parts.arithmetic, state.registers[kA], right);
    go_on(at, state, goes_on);
  }

  void branch(const DecodedInstruction& now, const State& state) {
    if (now.on_true == now.on_false) {
      arrive(now.on_true, state, state.when);
      return;
    }
    const BranchParts parts = *branch_parts(now.operation);
    const Word right =
        parts.right == RightOperand::kX ? state.registers[kX] : domain_.constant(now.k);
    const Condition taken = domain_.compare(parts.comparison, state.registers[kA], right);
    arrive(now.on_true, state, domain_.both(state.when, taken));
    arrive(now.on_false, state, domain_.both(state.when, domain_.opposite(taken)));
  }

  void step(std::uint32_t at, State& state) {
    const DecodedInstruction& now = program_.decoded()[at];
    Word& a = state.registers[kA];
    Word& x = state.registers[kX];
    switch (now.operation) {
      case Operation::kLoadWordAbsolute:
        return load(at, now, 4, false, state);
      case Operation::kLoadHalfAbsolute:
        return load(at, now, 2, false, state);
      case Operation::kLoadByteAbsolute:
        return load(at, now, 1, false, state);
      case Operation::kLoadWordIndexed:
        return load(at, now, 4, true, state);
      case Operation::kLoadHalfIndexed:
        return load(at, now, 2, true, state);
      case Operation::kLoadByteIndexed:
        return load(at, now, 1, true, state);
      case Operation::kLoadXHeaderLength: {
        const auto loaded = domain_.load(domain_.constant(0), now.k, 1, state.when);
        x = domain_.compute(Arithmetic::kShiftLeft,
                            domain_.compute(Arithmetic::kAnd, loaded.value, domain_.constant(0xf)),
                            domain_.constant(2));
        return go_on(at, state, loaded.succeeds);
      }
      case Operation::kLoadConstant:
        a = domain_.constant(now.k);
        break;
      case Operation::kLoadXConstant:
        x = domain_.constant(now.k);
        break;
      case Operation::kLoadPacketLength:
        a = domain_.wire_length();
        break;
      case Operation::kLoadXPacketLength:
        x = domain_.wire_length();
        break;
      case Operation::kLoadCell:
        a = state.registers[kCells + now.k];
        break;
      case Operation::kLoadXCell:
        x = state.registers[kCells + now.k];
        break;
      case Operation::kStoreCell:
        state.registers[kCells + now.k] = a;
        break;
      case Operation::kStoreXCell:
        state.registers[kCells + now.k] = x;
        break;
      case Operation::kTransferAToX:
        x = a;
        break;
      case Operation::kTransferXToA:
        a = x;
        break;
      case Operation::kJump:
        return arrive(now.on_true, state, state.when);
      case Operation::kReturnConstant:
        return give(state, domain_.constant(now.k), state.when);
      case Operation::kReturnA:
        return give(state, a, state.when);
      default:
        if (info(now.operation).kind == OperationClass::kBranch) return branch(now, state);
        return compute(at, now, state);
    }
    arrive(at + 1, state, state.when);
  }

  const VerifiedProgram& program_;
  Domain& domain_;
  std::vector<std::uint32_t> live_;
  std::vector<std::vector<State>> states_;
  std::vector<Segment> segments_;
  std::vector<Returned> returned_;
};

}  // namespace bpfc::proof
