// Windows and replacements run on the same few samples; what they leave in each register, hashed,
// is their fingerprint. For each set of registers that are dead behind a window the replacements
// stand in a table by the fingerprint of the others, so a window is looked up, not compared with
// a hundred thousand runs. What is found so is tried on many more samples.
//
//   tax; txa     A: a1 a2 a3 ...    X: a1 a2 a3 ...     found: tax
//   ld #k; tax   A: k1 k2 k3 ...    X: k1 k2 k3 ...     nothing; where A is dead: ldx #k
//
// A window of which a part can be replaced already, as what follows in the window shows, is none:
// `tax; txa; tax` is not looked at for the sake of `tax; txa`.
#include "peephole/derive/search.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "peephole/derive/alphabet.h"
#include "peephole/derive/sample.h"
#include "vm/register_use.h"

namespace bpfc::peephole {
namespace {

constexpr std::size_t kFewSamples = 24;
constexpr std::size_t kManySamples = 3000;
constexpr std::size_t kDeadSets = std::size_t{1} << kRegisters;
constexpr std::uint8_t kAllRegisters = kDeadSets - 1;

// What of two loads at different offsets is known: the one that ends first.
enum class Order : std::uint8_t { kAny, kAscending, kDescending };

using States = std::array<WindowState<SampleMachine>, kFewSamples>;

std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ value >> 30U) * 0xbf58476d1ce4e5b9U;
  value = (value ^ value >> 27U) * 0x94d049bb133111ebU;
  return value ^ value >> 31U;
}

// By dead set.
using Fingerprints = std::array<std::uint64_t, kDeadSets>;

Fingerprints fingerprints(const States& states, Ending end) {
  std::array<std::uint64_t, kRegisters> of_register{};
  std::uint64_t of_end = static_cast<std::uint64_t>(end);
  for (std::size_t i = 0; i < states.size(); ++i) {
    const auto& state = states[i];
    const std::uint64_t salt = (i + 1) * 0x9e3779b97f4a7c15U;
    if (end == Ending::kReturn) {
      of_end += mixed(salt ^ (state.goes_on ? state.verdict : 0));
      continue;
    }
    of_end += mixed(salt ^ (state.goes_on ? state.taken ? 3U : 2U : 1U));
    if (!state.goes_on) continue;
    for (std::size_t r = 0; r < kRegisters; ++r) {
      of_register[r] += mixed((salt + r * 0x1234567U) ^ state.registers[r]);
    }
  }
  Fingerprints result{};
  for (std::size_t dead = 0; dead < kDeadSets; ++dead) {
    result[dead] = of_end;
    for (std::size_t r = 0; r < kRegisters; ++r) {
      if ((dead >> r & 1U) == 0) result[dead] += of_register[r];
    }
  }
  return result;
}

// What a constant is: an offset and a number have nothing in common.
enum class Meaning : std::uint8_t { kOffset, kDistance, kNumber };

Meaning meaning(const PatternInstruction& instruction) {
  if (info(instruction.operation).kind == OperationClass::kPacketLoad) return Meaning::kOffset;
  const auto parts = arithmetic_parts(instruction.operation);
  const bool shifts = parts && (parts->arithmetic == Arithmetic::kShiftLeft ||
                                parts->arithmetic == Arithmetic::kShiftRight);
  return shifts ? Meaning::kDistance : Meaning::kNumber;
}

// As the symbol means in the window so far.
bool means_the_same(const Pattern& window, const PatternInstruction& next) {
  return std::all_of(window.view().begin(), window.view().end(), [&](const auto& instruction) {
    const Term& term = instruction.operand.left;
    return info(instruction.operation).format == OperandFormat::kCell || !term.is_symbol ||
           term.value != next.operand.left.value || meaning(instruction) == meaning(next);
  });
}

// Of replacements that cost the same: instructions that the window has, in its order; and then,
// those that are at least of the same name.
std::size_t likeness(const Pattern& window, const Pattern& replacement) {
  constexpr std::size_t kKept = 16;
  std::size_t alike = 0;
  std::size_t at = 0;
  for (const PatternInstruction& instruction : replacement.view()) {
    for (std::size_t i = at; i < window.count; ++i) {
      if (!(window.instructions[i] == instruction)) continue;
      alike += kKept;
      at = i + 1;
      break;
    }
    alike += static_cast<std::size_t>(
        std::count_if(window.view().begin(), window.view().end(), [&](const auto& other) {
          return info(other.operation).mnemonic == info(instruction.operation).mnemonic;
        }));
  }
  return alike;
}

bool is_subset(unsigned part, unsigned whole) { return (part & ~whole) == 0; }

// A pattern whose names come in order, and the registers' new names.
struct Canonical {
  Pattern pattern;
  std::array<std::uint8_t, kRegisters> renamed = {0, 1, 0xff, 0xff};

  std::uint8_t rename(std::uint8_t registers) const {
    std::uint8_t result = 0;
    for (std::size_t r = 0; r < kRegisters; ++r) {
      if ((registers >> r & 1U) != 0 && renamed[r] < kRegisters) {
        result = static_cast<std::uint8_t>(result | 1U << renamed[r]);
      }
    }
    return result;
  }
};

Canonical canonical(std::span<const PatternInstruction> part) {
  Canonical result;
  std::array<std::uint32_t, kSymbols> symbols;
  symbols.fill(kSymbols);
  std::uint32_t next_symbol = 0;
  std::uint8_t next_cell = 2;
  for (PatternInstruction instruction : part) {
    const bool cell = info(instruction.operation).format == OperandFormat::kCell;
    Term& term = instruction.operand.left;
    if (cell) {
      std::uint8_t& name = result.renamed[2 + term.value];
      if (name == 0xff) name = next_cell++;
      term.value = name - 2U;
    } else if (term.is_symbol) {
      if (symbols[term.value] == kSymbols) symbols[term.value] = next_symbol++;
      term.value = symbols[term.value];
    }
    result.pattern.instructions[result.pattern.count++] = instruction;
  }
  // A cell that does not occur keeps its bit free.
  return result;
}

std::uint64_t key_of(const Pattern& pattern) {
  std::uint64_t key = pattern.count;
  for (const PatternInstruction& instruction : pattern.view()) {
    key = mixed(key ^ (static_cast<std::uint64_t>(instruction.operation) << 40U |
                       static_cast<std::uint64_t>(instruction.operand.left.is_symbol) << 32U |
                       instruction.operand.left.value));
  }
  return key;
}

class RuleSearch {
 public:
  explicit RuleSearch(Order order) : order_(order), few_(ordered(small_samples)) {
    std::mt19937_64 random(2);
    many_ = wide_samples(kManySamples, random);
    windows_ = window_alphabet();
    for (std::size_t i = 0; i < kFewSamples; ++i) {
      start_[i] = {few_[i].registers, true, false, 0};
    }
    tabulate();
  }

  // Windows of one, two and three instructions, one after the other: the longer ones ask what is
  // known of the shorter ones.
  std::vector<Rule> run(SearchCounts& counts) {
    for (std::size_t length = 1; length <= kLongestWindow; ++length) {
      Pattern window;
      extend(window, length, start_, 0, 0);
    }
    counts.windows += looked_at_;
    counts.replacements = std::max(counts.replacements, replacements_.size());
    return std::move(found_);
  }

 private:
  template <typename Make>
  std::vector<Sample> ordered(Make make) const {
    std::mt19937_64 random(1);
    std::vector<Sample> samples = make(kFewSamples, random);
    if (order_ == Order::kAny) return samples;
    for (Sample& sample : samples) {
      auto& values = sample.symbols.values;
      values[1] = values[0] + 3 + static_cast<std::uint32_t>(random() % 4);
      values[2] = values[1] + 3;
      if (order_ == Order::kDescending) std::swap(values[0], values[2]);
    }
    return samples;
  }

  void run_on_samples(const PatternInstruction& instruction, States& states) const {
    for (std::size_t i = 0; i < kFewSamples; ++i) {
      SampleMachine machine(few_[i]);
      const Symbols<SampleMachine> symbols{few_[i].symbols.values};
      WindowRun<SampleMachine>(machine, symbols).step(instruction, states[i]);
    }
  }

  void tabulate() {
    const std::vector<PatternInstruction> alphabet = replacement_alphabet();
    add_replacement({}, start_);
    for (const PatternInstruction& first : alphabet) {
      Pattern pattern;
      pattern.instructions[0] = first;
      pattern.count = 1;
      States after_first = start_;
      run_on_samples(first, after_first);
      add_replacement(pattern, after_first);
      if (ends_window(first)) continue;
      for (const PatternInstruction& second : alphabet) {
        pattern.instructions[1] = second;
        pattern.count = 2;
        States after = after_first;
        run_on_samples(second, after);
        add_replacement(pattern, after);
      }
    }
    for (auto& table : by_fingerprint_) std::sort(table.begin(), table.end());
  }

  void add_replacement(const Pattern& pattern, const States& states) {
    const auto number = static_cast<std::uint32_t>(replacements_.size());
    replacements_.push_back(pattern);
    const Fingerprints prints = fingerprints(states, ending(pattern));
    for (std::size_t dead = 0; dead < kDeadSets; ++dead) {
      by_fingerprint_[dead].emplace_back(prints[dead], number);
    }
  }

  void extend(Pattern& window, std::size_t length, const States& states, std::uint32_t symbols,
              std::uint32_t cells) {
    for (const PatternInstruction& next : windows_) {
      if (ends_window(next) && window.count + 1U < length) continue;
      std::uint32_t symbols_then = symbols;
      std::uint32_t cells_then = cells;
      const Term& term = next.operand.left;
      const bool is_cell = info(next.operation).format == OperandFormat::kCell;
      if (term.is_symbol) {
        std::uint32_t& used = is_cell ? cells_then : symbols_then;
        if (term.value > used) continue;  // names come in order
        if (term.value == used) {
          ++used;
        } else if (!is_cell && !means_the_same(window, next)) {
          continue;
        }
      }
      window.instructions[window.count++] = next;
      States after = states;
      run_on_samples(next, after);
      if (window.count == length) {
        look_at(window, after);
      } else {
        extend(window, length, after, symbols_then, cells_then);
      }
      --window.count;
    }
  }

  // For each dead set a part of the window can be replaced in.
  bool is_reducible(std::span<const PatternInstruction> part, std::uint8_t dead) const {
    const Canonical known = canonical(part);
    const auto found = reducible_.find(key_of(known.pattern));
    if (found == reducible_.end()) return false;
    const std::uint8_t renamed =
        ending(known.pattern) == Ending::kReturn ? kAllRegisters : known.rename(dead);
    return (found->second >> renamed & 1U) != 0;
  }

  bool has_reducible_part(const Pattern& window, std::uint8_t dead) const {
    if (window.count < 2) return false;
    const auto all = window.view();
    if (is_reducible(all.subspan(1), dead)) return true;
    // Registers of rules have the bits of registers of programs.
    const RegisterUse last = register_use(all.back().operation, all.back().operand.left.value);
    const bool returns = ending(window) == Ending::kReturn;
    const unsigned live_at_end = returns ? 0U : kAllRegisters & ~unsigned{dead};
    const unsigned live = (live_at_end & ~unsigned{last.writes}) | last.reads;
    return is_reducible(all.first(all.size() - 1),
                        static_cast<std::uint8_t>(kAllRegisters & ~live));
  }

  std::optional<Condition> condition_of(const Pattern& window) const {
    struct Load {
      std::uint8_t symbol;
      std::uint8_t size;
    };
    std::vector<Load> loads;
    for (const PatternInstruction& instruction : window.view()) {
      const auto symbol = static_cast<std::uint8_t>(instruction.operand.left.value);
      switch (instruction.operation) {
        case Operation::kLoadWordAbsolute:
          loads.push_back({symbol, 4});
          break;
        case Operation::kLoadHalfAbsolute:
          loads.push_back({symbol, 2});
          break;
        case Operation::kLoadByteAbsolute:
        case Operation::kLoadXHeaderLength:
          loads.push_back({symbol, 1});
          break;
        default:
          break;
      }
    }
    if (loads.size() != 2 || loads[0].symbol == loads[1].symbol) return std::nullopt;
    if (order_ == Order::kDescending) std::swap(loads[0], loads[1]);
    return Condition{loads[0].symbol, loads[0].size, loads[1].symbol, loads[1].size};
  }

  void look_at(const Pattern& window, const States& states) {
    std::optional<Condition> condition;
    if (order_ != Order::kAny) {
      condition = condition_of(window);
      if (!condition) return;
    }
    ++looked_at_;
    const Ending end = ending(window);
    const Names names = names_in(window);
    std::uint8_t registers = kRegisterA | kRegisterX;
    for (std::size_t cell = 0; cell < kCells; ++cell) {
      if ((names.cells >> cell & 1U) != 0) registers |= register_of_cell(cell);
    }
    const Fingerprints prints = fingerprints(states, end);
    std::uint32_t reducible = 0;  // bits of dead sets
    std::array<std::size_t, kDeadSets> cost;
    cost.fill(cost_of(window));
    for (unsigned dead = 0; dead < kDeadSets; ++dead) {
      if (end == Ending::kReturn && dead != 0) break;
      if (!is_subset(dead, registers)) continue;
      for (unsigned less = 0; less < dead; ++less) {
        if (is_subset(less, dead)) cost[dead] = std::min(cost[dead], cost[less]);
      }
      const auto set = static_cast<std::uint8_t>(dead);
      if (has_reducible_part(window, set)) {
        reducible |= 1U << dead;
        continue;
      }
      Rule rule{window, {}, set, condition};
      if (!replace(rule, prints[dead], names, cost[dead])) continue;
      cost[dead] = cost_of(rule.replacement);
      reducible |= 1U << dead;
      found_.push_back(rule);
    }
    if (reducible == 0 || window.count == kLongestWindow) return;
    std::uint32_t closed = 0;  // with every set that contains one of them
    for (unsigned dead = 0; dead < kDeadSets; ++dead) {
      for (unsigned less = 0; less <= dead; ++less) {
        if ((reducible >> less & 1U) != 0 && is_subset(less, dead)) closed |= 1U << dead;
      }
    }
    reducible_[key_of(window)] = closed;
  }

  // The cheapest replacement below that cost that holds in all samples.
  bool replace(Rule& rule, std::uint64_t print, const Names& names, std::size_t cost) const {
    const auto& table = by_fingerprint_[rule.dead];
    bool found = false;
    std::size_t most_alike = 0;
    for (auto at = std::lower_bound(table.begin(), table.end(), std::pair(print, 0U));
         at != table.end() && at->first == print; ++at) {
      const Pattern& pattern = replacements_[at->second];
      const std::size_t alike = likeness(rule.window, pattern);
      const bool better =
          cost_of(pattern) < cost || (found && cost_of(pattern) == cost && alike > most_alike);
      if (!better) continue;
      const Names used = names_in(pattern);
      if (!is_subset(used.symbols, names.symbols) || !is_subset(used.cells, names.cells)) continue;
      Rule tried = rule;
      tried.replacement = pattern;
      if (ending(pattern) != ending(rule.window) || !holds_in(tried, many_)) continue;
      rule = tried;
      cost = cost_of(pattern);
      most_alike = alike;
      found = true;
    }
    return found;
  }

  Order order_;
  std::vector<Sample> few_;
  std::vector<Sample> many_;
  States start_;
  std::vector<PatternInstruction> windows_;
  std::vector<Pattern> replacements_;
  std::array<std::vector<std::pair<std::uint64_t, std::uint32_t>>, kDeadSets> by_fingerprint_;
  std::unordered_map<std::uint64_t, std::uint32_t> reducible_;  // dead sets, by key
  std::vector<Rule> found_;
  std::size_t looked_at_ = 0;
};

}  // namespace

std::size_t cost_of(const Pattern& pattern) {
  const bool jumps =
      pattern.count > 0 && pattern.instructions[pattern.count - 1U].operation == Operation::kJump;
  return std::size_t{2} * pattern.count - (jumps ? 1U : 0U);
}

bool is_as_general(const Rule& general, const Rule& special) {
  if (general.window.count != special.window.count) return false;
  if (!is_subset(general.dead, special.dead)) return false;
  if (general.condition && general.condition != special.condition) return false;
  if (cost_of(general.replacement) > cost_of(special.replacement)) return false;
  std::array<std::optional<Term>, kSymbols> bound;
  for (std::size_t i = 0; i < general.window.count; ++i) {
    const PatternInstruction& one = general.window.instructions[i];
    const PatternInstruction& other = special.window.instructions[i];
    if (one.operation != other.operation) return false;
    const bool cell = info(one.operation).format == OperandFormat::kCell;
    if (cell || !one.operand.left.is_symbol) {
      if (!(one.operand == other.operand)) return false;
      continue;
    }
    auto& term = bound[one.operand.left.value];
    if (term && !(*term == other.operand.left)) return false;
    term = other.operand.left;
  }
  return true;
}

std::vector<Rule> candidate_rules(SearchCounts& counts) {
  std::vector<Rule> rules;
  for (const Order order : {Order::kAny, Order::kAscending, Order::kDescending}) {
    const std::vector<Rule> found = RuleSearch(order).run(counts);
    rules.insert(rules.end(), found.begin(), found.end());
  }
  std::vector<Rule> kept;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    bool is_case = false;
    for (std::size_t j = 0; j < rules.size() && !is_case; ++j) {
      if (i == j || !is_as_general(rules[j], rules[i])) continue;
      is_case = !is_as_general(rules[i], rules[j]) || j < i;
    }
    if (!is_case) kept.push_back(rules[i]);
  }
  counts.candidates = kept.size();
  return kept;
}

}  // namespace bpfc::peephole
