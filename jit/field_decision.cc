// The program is run on all packets at once, block by block in its order, with what is known of its
// values: constants, and fields of the packet. A block that is met with different values is run
// once for each. A branch on a field is a test; where a block does something else - loads from a
// computed offset, multiplies - the program goes on there by itself. Of `ldxb 4*([14]&0xf)` the
// usual case is taken, 20, on the condition that it is so; from there on the ports of IPv4 are at
// fixed places.
//
// `tcp port 80` becomes ten tests: the ethertype (twice), the protocol (twice), fragment, header
// length, and the ports at 34, 36, 54 and 56; what follows from them is a verdict, or, for headers
// that are longer, the program's own block behind the test of the fragment.
#include "jit/field_decision.h"

#include <algorithm>
#include <array>
#include <map>

#include "jit/set_search.h"
#include "vm/opcode.h"
#include "vm/partition.h"

namespace bpfc::jit {
namespace {

constexpr std::size_t kMostNodes = 256;
constexpr std::uint32_t kFirstSet =
    1U << 16U;  // among the tests, until it is known how many there are

// A, X and the cells.
struct State {
  FieldValue a;
  FieldValue x;
  std::array<FieldValue, kScratchCells> cells{};
  // Where something is unknown: the outcome where that matters.
  std::optional<std::uint32_t> otherwise;

  FieldValue& at(RegisterSet bit) {
    if (bit == kLiveA) return a;
    if (bit == kLiveX) return x;
    return cells[static_cast<std::size_t>(__builtin_ctz(bit)) - kFirstCellBit];
  }
  // NOLINTNEXTLINE(modernize-use-nullptr): there is none
  friend auto operator<=>(const State&, const State&) = default;
};

class Explorer {
 public:
  Explorer(const VerifiedProgram& program, const Flow& flow, const NeededLengths& lengths,
           std::size_t most_tests, std::uint32_t farthest_end)
      : program_(program),
        code_(program.decoded()),
        flow_(flow),
        lengths_(lengths),
        most_tests_(most_tests),
        farthest_end_(farthest_end),
        effort_(4 * code_.size()) {}

  FieldDecision run() {
    result_.start = arrive(0, {});
    while (!waiting_.empty()) {
      const auto first = waiting_.extract(waiting_.begin());
      visit(first.key().first, first.key().second, first.mapped());
    }
    for (DecisionNode& node : result_.nodes) {
      if (node.test < kFirstSet) continue;
      node.test = static_cast<std::uint32_t>(node.test - kFirstSet + result_.tests.size());
    }
    return std::move(result_);
  }

 private:
  using Place = std::pair<std::uint32_t, State>;

  // What a way to a block, with these values, leads to.
  std::uint32_t arrive(std::uint32_t block, State state);
  void visit(std::uint32_t block, State state, std::uint32_t node);
  // What a run of a block depends on.
  struct Conditions {
    std::optional<FieldTest> guess;
    bool guess_fails = false;  // how it is run
    bool may_reject = false;   // by an unknown load or division
  };
  // Runs the block up to its last instruction. False: it cannot be run so.
  bool run_block(const FlowBlock& block, State& state, Conditions& conditions);
  bool run_load(const DecodedInstruction& load, State& state, Conditions& conditions);
  // The same, or, where that `may_reject` besides, what the two agree on.
  std::uint32_t with_rejects(std::uint32_t target, const State& state, bool may_reject);
  // What follows behind the block, given the state there.
  std::uint32_t leave(std::uint32_t index, State state, const State& before, bool may_reject);
  // The partition at the end of the block, if it is of more than one branch.
  std::optional<Partition> partition_at(std::uint32_t block);
  // What A's being in the set or not leads to, by a test for each range. None: that cannot be
  // tested.
  std::optional<std::uint32_t> compare(const ValueSet& set, const State& state);
  // The same by a search.
  std::optional<std::uint32_t> search(const ValueSet& set, const State& state);

  std::uint32_t outcome(const Outcome& outcome);
  std::uint32_t go_on(std::uint32_t block, State& state);
  std::optional<std::uint32_t> test_index(const FieldTest& test);
  // The same of a set, from kFirstSet on.
  std::optional<std::uint32_t> set_index(const SetTest& test);
  std::uint32_t new_node() {
    result_.nodes.push_back({});
    return static_cast<std::uint32_t>(result_.nodes.size() - 1);
  }
  // A node that is what the other says: both ways lead there.
  void alias(std::uint32_t node, std::uint32_t target) {
    result_.nodes[node] = {0, target, target};
  }

  const VerifiedProgram& program_;
  std::span<const DecodedInstruction> code_;
  const Flow& flow_;
  const NeededLengths& lengths_;
  std::size_t most_tests_;
  std::uint32_t farthest_end_;
  std::size_t effort_;
  FieldDecision result_;
  std::map<Place, std::uint32_t> known_;    // nodes
  std::map<Place, std::uint32_t> waiting_;  // those not visited yet
};

std::uint32_t Explorer::outcome(const Outcome& wanted) {
  auto& outcomes = result_.outcomes;
  auto found = std::find(outcomes.begin(), outcomes.end(), wanted);
  if (found == outcomes.end()) found = outcomes.insert(outcomes.end(), wanted);
  return kFirstOutcome + static_cast<std::uint32_t>(found - outcomes.begin());
}

std::uint32_t Explorer::go_on(std::uint32_t block, State& state) {
  if (state.otherwise) return *state.otherwise;
  Continuation here = {block, {}};
  const RegisterSet live = flow_.live_in(block);
  for (RegisterSet bit = 1; bit <= kAllLive; bit <<= 1U) {
    if ((live & bit) != 0) here.values.emplace_back(bit, state.at(bit));
  }
  auto& all = result_.continuations;
  auto found = std::find(all.begin(), all.end(), here);
  if (found == all.end()) {
    found = all.insert(all.end(), here);
  }
  return outcome({0, static_cast<std::uint32_t>(found - all.begin())});
}

std::optional<std::uint32_t> Explorer::test_index(const FieldTest& test) {
  auto& tests = result_.tests;
  auto found = std::find(tests.begin(), tests.end(), test);
  if (found == tests.end()) {
    if (tests.size() == most_tests_) return std::nullopt;
    result_.least_captured = std::max(result_.least_captured, test.offset + test.size);
    found = tests.insert(tests.end(), test);
  }
  return static_cast<std::uint32_t>(found - tests.begin());
}

std::optional<std::uint32_t> Explorer::set_index(const SetTest& test) {
  auto& sets = result_.sets;
  auto found = std::find_if(sets.begin(), sets.end(), [&](const SetTest& known) {
    return known.offset == test.offset && known.size == test.size &&
           known.set.members == test.set.members;
  });
  if (found == sets.end()) {
    if (sets.size() == kMostSets) return std::nullopt;
    found = sets.insert(sets.end(), test);
  }
  return kFirstSet + static_cast<std::uint32_t>(found - sets.begin());
}

std::uint32_t Explorer::arrive(std::uint32_t block, State state) {
  if (lengths_.needed(block) == kNeverAccepts) return outcome({});
  // What is not needed makes no difference.
  const RegisterSet live = flow_.live_in(block);
  bool knows_all = true;
  for (RegisterSet bit = 1; bit <= kAllLive; bit <<= 1U) {
    if ((live & bit) == 0) state.at(bit) = {};
    knows_all &= !state.at(bit).is_unknown();
  }
  if (knows_all) state.otherwise.reset();
  const Place place = {block, state};
  if (const auto found = known_.find(place); found != known_.end()) return found->second;
  if (result_.nodes.size() >= kMostNodes) return go_on(block, state);
  const std::uint32_t node = new_node();
  known_.emplace(place, node);
  waiting_.emplace(place, node);
  return node;
}

std::optional<Partition> Explorer::partition_at(std::uint32_t block) {
  auto partition = find_partition(program_, flow_, block, effort_);
  if (partition && partition->branches < 2) partition.reset();
  return partition;
}

std::optional<std::uint32_t> Explorer::compare(const ValueSet& set, const State& state) {
  // All tests first: they may be too many.
  std::vector<std::uint32_t> tests;
  for (const PartitionPiece& member : set.members) {
    const auto tested = lies_between(state.a, member.low, member.high);
    if (!tested) return std::nullopt;
    if (tested->decided) {
      if (*tested->decided) return arrive(set.inside, state);
      continue;
    }
    const auto test = test_index(tested->test);
    if (!test) return std::nullopt;
    tests.push_back(*test);
  }
  const std::uint32_t inside = arrive(set.inside, state);
  std::uint32_t result = arrive(set.outside, state);
  for (const std::uint32_t test : tests) {
    const std::uint32_t node = new_node();
    result_.nodes[node] = {test, inside, result};
    result = node;
  }
  return result;
}

std::optional<std::uint32_t> Explorer::search(const ValueSet& set, const State& state) {
  const FieldValue& a = state.a;
  std::optional<std::uint32_t> test;
  if (!a.is_unknown()) {
    if (a.is_constant() || a != FieldValue::field(a.offset, a.size)) return std::nullopt;
    test = set_index({a.offset, a.size, set});
    if (!test) return std::nullopt;
  }
  const std::uint32_t node = new_node();
  const std::uint32_t inside = arrive(set.inside, state);
  const std::uint32_t outside = arrive(set.outside, state);
  result_.nodes[node] = {test.value_or(0), inside, outside, test ? std::nullopt : state.otherwise};
  return node;
}

void Explorer::visit(std::uint32_t index, State state, std::uint32_t node) {
  const FlowBlock& block = flow_.blocks()[index];
  State before = state;
  Conditions conditions;
  if (!run_block(block, state, conditions)) {
    alias(node, go_on(index, before));
    return;
  }
  const std::uint32_t as_guessed = leave(index, state, before, conditions.may_reject);
  if (!conditions.guess) {
    alias(node, as_guessed);
    return;
  }
  const auto test = test_index(*conditions.guess);
  if (!test) {
    alias(node, go_on(index, before));
    return;
  }
  State other = before;
  if (!other.otherwise) other.otherwise = go_on(index, before);
  Conditions failed = {.guess = conditions.guess, .guess_fails = true};
  const State start = other;
  std::uint32_t not_as_guessed = *start.otherwise;
  if (run_block(block, other, failed)) not_as_guessed = leave(index, other, start, true);
  result_.nodes[node] = {*test, as_guessed, not_as_guessed};
}

std::uint32_t Explorer::leave(std::uint32_t index, State state, const State& before,
                              bool may_reject) {
  const FlowBlock& block = flow_.blocks()[index];
  const DecodedInstruction& last = code_[block.last];
  State at_start = before;
  const auto parts = branch_parts(last.operation);
  std::uint32_t target = 0;
  if (last.operation == Operation::kReturnConstant) {
    target = outcome({last.k, std::nullopt});
  } else if (last.operation == Operation::kReturnA) {
    if (!state.a.is_constant()) return go_on(index, at_start);
    target = outcome({state.a.addend, std::nullopt});
  } else if (!parts || block.on_true == block.on_false) {
    target = arrive(block.on_true, state);
  } else {
    if (const auto partition = partition_at(index)) {
      const auto set = as_set(*partition);
      const bool large = partition->branches > kMostRangesCompared;
      const bool few = set && set->members.size() <= kMostRangesCompared;
      if (set && (few ? !state.a.is_unknown() : large)) {
        const auto found = few ? compare(*set, state) : search(*set, state);
        if (!found) return go_on(index, at_start);
        return with_rejects(*found, state, may_reject);
      }
      if (large) return go_on(index, at_start);
    }
    const FieldValue right =
        parts->right == RightOperand::kX ? state.x : FieldValue::constant(last.k);
    if (state.a.is_unknown() || right.is_unknown()) {
      target = new_node();
      const std::uint32_t on_true = arrive(block.on_true, state);
      const std::uint32_t on_false = arrive(block.on_false, state);
      result_.nodes[target] = {0, on_true, on_false, state.otherwise};
    } else {
      const auto tested = condition(parts->comparison, state.a, right);
      if (!tested) return go_on(index, at_start);
      if (tested->decided) {
        target = arrive(*tested->decided ? block.on_true : block.on_false, state);
      } else {
        const auto test = test_index(tested->test);
        if (!test) return go_on(index, at_start);
        target = new_node();
        std::uint32_t on_true = arrive(block.on_true, state);
        std::uint32_t on_false = arrive(block.on_false, state);
        if (tested->negated) std::swap(on_true, on_false);
        result_.nodes[target] = {*test, on_true, on_false};
      }
    }
  }
  return with_rejects(target, state, may_reject);
}

std::uint32_t Explorer::with_rejects(std::uint32_t target, const State& state, bool may_reject) {
  if (!may_reject) return target;
  const std::uint32_t either = new_node();
  result_.nodes[either] = {0, target, outcome({}), state.otherwise};
  return either;
}

bool Explorer::run_load(const DecodedInstruction& load, State& state, Conditions& conditions) {
  constexpr std::uint32_t kUsualHeaderWords = 5;
  const std::uint32_t size = load_size(load.operation);
  std::uint64_t offset = load.k;
  if (info(load.operation).format == OperandFormat::kIndexed) {
    if (state.x.is_unknown()) {
      state.a = FieldValue::unknown();
      conditions.may_reject = true;
      return true;
    }
    if (!state.x.is_constant()) return false;
    offset += state.x.addend;
  }
  if (offset + size > farthest_end_) return false;
  const auto at = static_cast<std::uint32_t>(offset);
  if (load.operation != Operation::kLoadXHeaderLength) {
    // Not only what is tested must be there.
    result_.least_captured = std::max(result_.least_captured, at + size);
    state.a = FieldValue::field(at, size);
    return true;
  }
  const FieldTest usual = {at, 1, 0xf, kUsualHeaderWords, 0};
  if (conditions.guess && *conditions.guess != usual) return false;
  conditions.guess = usual;
  state.x =
      conditions.guess_fails ? FieldValue::unknown() : FieldValue::constant(4 * kUsualHeaderWords);
  return true;
}

bool Explorer::run_block(const FlowBlock& block, State& state, Conditions& conditions) {
  for (std::uint32_t i = block.first; i <= block.last; ++i) {
    const DecodedInstruction& now = code_[i];
    switch (now.operation) {
      case Operation::kLoadConstant:
        state.a = FieldValue::constant(now.k);
        continue;
      case Operation::kLoadXConstant:
        state.x = FieldValue::constant(now.k);
        continue;
      case Operation::kLoadPacketLength:
      case Operation::kLoadXPacketLength:
        return false;
      case Operation::kLoadCell:
        state.a = state.cells[now.k];
        continue;
      case Operation::kLoadXCell:
        state.x = state.cells[now.k];
        continue;
      case Operation::kStoreCell:
        state.cells[now.k] = state.a;
        continue;
      case Operation::kStoreXCell:
        state.cells[now.k] = state.x;
        continue;
      case Operation::kTransferAToX:
        state.x = state.a;
        continue;
      case Operation::kTransferXToA:
        state.a = state.x;
        continue;
      default:
        break;
    }
    if (info(now.operation).kind == OperationClass::kPacketLoad) {
      if (!run_load(now, state, conditions)) return false;
    } else if (const auto parts = arithmetic_parts(now.operation)) {
      const FieldValue right =
          parts->right == RightOperand::kX ? state.x : FieldValue::constant(now.k);
      if (state.a.is_unknown() || right.is_unknown()) {
        conditions.may_reject |= right.is_unknown();  // a division by zero, perhaps
        state.a = FieldValue::unknown();
        continue;
      }
      const auto value = compute(parts->arithmetic, state.a, right, program_.rules());
      if (!value) return false;
      state.a = *value;
    }
  }
  return true;
}

}  // namespace

FieldDecision decide_by_fields(const VerifiedProgram& program, const Flow& flow,
                               const NeededLengths& lengths, std::size_t most_tests,
                               std::uint32_t farthest_end) {
  return Explorer(program, flow, lengths, most_tests, farthest_end).run();
}

}  // namespace bpfc::jit
