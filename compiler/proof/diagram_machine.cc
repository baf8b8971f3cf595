#include "proof/diagram_machine.h"

#include <fmt/format.h>

#include <algorithm>

#include "proof/ancillary_fields.h"
#include "proof/symbolic_run.h"
#include "vm/packet_load.h"

namespace bpfc::proof {
namespace {

// Small programs that take more are hopeless; large ones are due some for each instruction.
constexpr std::size_t kMostNodes = 1'000'000;
constexpr std::size_t kNodesAnInstruction = 1000;
constexpr std::size_t kMostNodesOfAll = 20'000'000;
// Of one computed offset: whatever the way there, and on the way there.
constexpr std::size_t kFewOffsets = 64;
constexpr std::size_t kMostOffsets = 1024;
// Bases below 2^24 leave no sum room to wrap.
constexpr std::size_t kBaseBits = 24;

}  // namespace

DiagramMachine::DiagramMachine(const Search& search, bool bases)
    : store_(std::min(kMostNodesOfAll,
                      std::max(kMostNodes, kNodesAnInstruction * (search.first.decoded().size() +
                                                                  search.second.decoded().size()))),
             search.deadline),
      rules_(search.first.rules()),
      with_bases_(bases),
      deadline_(search.deadline) {}

std::string DiagramMachine::reason() const {
  if (gave_up_) return reason_;
  return std::chrono::steady_clock::now() > deadline_ ? "the time is up"
                                                      : "the decision diagrams grow too large";
}

DiagramWord DiagramMachine::variables(Variable first, std::size_t bits) {
  Word word = constant_word(0);
  for (std::size_t i = 0; i < bits; ++i) {
    word[i] = store_.variable(first + static_cast<Variable>(31 - i));
  }
  return word;
}

Diagram DiagramMachine::captured_at_least(std::uint64_t length) {
  if (length > 0xffffffffU) return kFalse;
  const auto known = captured_at_least_.find(length);
  if (known != captured_at_least_.end()) return known->second;
  const Condition result = compare(Comparison::kGreaterOrEqual, variables(kCapturedLength),
                                   constant(static_cast<std::uint32_t>(length)));
  captured_at_least_.emplace(length, result);
  return result;
}

bool DiagramMachine::load_at(std::uint64_t offset, unsigned size, Condition when, Loaded& loaded) {
  if (rules_ == Rules::kLibpcap) {
    if (offset + size > kAncillaryBase) return true;
  } else if (offset >= kFirstSpecialOffset) {
    if (offset < kLinkBase) return true;
    reason_ = "a program loads relative to the network or the link-layer header";
    return false;
  }
  if (offset + size > kMostBytes) {
    reason_ = "a program loads from far behind any packet";
    return false;
  }
  loaded.succeeds = either(loaded.succeeds, both(when, captured_at_least(offset + size)));
  for (unsigned i = 0; i < size; ++i) {
    const Variable byte = kFirstByte + static_cast<Variable>(offset + i) * 8;
    for (unsigned bit = 0; bit < 8; ++bit) {
      Diagram& into = loaded.value[(size - 1 - i) * 8 + bit];
      into = either(into, both(when, store_.variable(byte + 7 - bit)));
    }
  }
  return true;
}

// Words that differ by a constant have one base.
bool DiagramMachine::find_base(const Word& index, std::uint32_t k, std::uint32_t& base,
                               std::int64_t& distance) {
  const auto is_clear = [](Diagram bit) { return bit == kFalse; };
  if (k >> kBaseBits != 0 || !std::all_of(index.begin() + kBaseBits, index.end(), is_clear)) {
    return false;
  }
  for (base = 0; base < bases_.size(); ++base) {
    const auto apart = constant_value(compute(Arithmetic::kSubtract, index, bases_[base]));
    if (!apart) continue;
    distance = kBeforeBase + static_cast<std::int32_t>(*apart) + std::int64_t{k};
    return true;
  }
  if (bases_.size() == kMostBases) return false;
  bases_.push_back(index);
  distance = kBeforeBase + std::int64_t{k};
  return true;
}

bool DiagramMachine::load_from_base(const Word& index, std::uint32_t k, unsigned size,
                                    Loaded& loaded) {
  std::uint32_t base = 0;
  std::int64_t distance = 0;
  if (!find_base(index, k, base, distance)) return false;
  if (distance < 0 || distance + size > kMostDistance) return false;
  loaded.succeeds = compare(Comparison::kGreaterOrEqual, variables(room(base)),
                            constant(static_cast<std::uint32_t>(distance + size)));
  for (unsigned i = 0; i < size; ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      loaded.value[(size - 1 - i) * 8 + bit] =
          store_.variable(far_byte(base, distance + i) + 7 - bit);
    }
  }
  return true;
}

DiagramMachine::Loaded DiagramMachine::load(const Word& index, std::uint32_t k, unsigned size,
                                            Condition when) {
  Loaded loaded{constant(0), kFalse};
  std::vector<WordValue> indices;
  if (const auto only = constant_value(index)) {
    indices.push_back({*only, kTrue});
  } else if (with_bases_ && load_from_base(index, k, size, loaded)) {
    return loaded;
  } else if (!values_of(store_, index, kTrue, kFewOffsets, indices) &&
             !values_of(store_, index, when, kMostOffsets, indices)) {
    gave_up_ = true;
    reason_ = "a program computes an offset that may be nearly anything";
    return loaded;
  }
  for (WordValue& at : indices) {
    // Without the way here, which would be in every bit of the result.
    if (at.condition != kTrue) {
      at.condition = compare(Comparison::kEqual, index, constant(at.value));
    }
    const std::uint64_t offset = rules_ == Rules::kKernel
                                     ? std::uint64_t{static_cast<std::uint32_t>(at.value + k)}
                                     : std::uint64_t{at.value} + k;
    if (!load_at(offset, size, at.condition, loaded)) {
      gave_up_ = true;
      break;
    }
  }
  return loaded;
}

DiagramMachine::Loaded DiagramMachine::ancillary(AncillaryLoad load, const Word& a, const Word& x,
                                                 Condition /*when*/) {
  loads_.add(load);
  Loaded loaded{constant(0), kTrue};
  if (load == AncillaryLoad::kXorX) {
    loaded.value = compute(Arithmetic::kXor, a, x);
    return loaded;
  }
  if (load == AncillaryLoad::kNetlinkAttribute || load == AncillaryLoad::kNestedNetlinkAttribute) {
    gave_up_ = true;
    reason_ = "a program searches for netlink attributes";
    return loaded;
  }
  loaded.value = variables(field(load), field_bits(load));
  if (rules_ == Rules::kLibpcap) {
    loaded.succeeds = store_.variable(kFlags + kHasAncillary);
  } else if (load == AncillaryLoad::kInterfaceIndex) {
    loaded.succeeds = store_.variable(kFlags + kHasInterface);
  } else if (load == AncillaryLoad::kHardwareType) {
    loaded.succeeds = store_.variable(kFlags + kHasHardwareType);
  }
  return loaded;
}

Diagram DiagramMachine::preferred(Condition condition, Condition wish) {
  const Condition granted = both(condition, wish);
  return granted == kFalse ? condition : granted;
}

Diagram DiagramMachine::with_likely(Condition condition,
                                    const std::vector<std::vector<KnownByte>>& likely) {
  for (const std::vector<KnownByte>& bytes : likely) {
    Condition result = condition;
    for (const KnownByte& byte : bytes) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        if ((byte.mask >> bit & 1U) == 0 || byte.position >= kMostBytes) continue;
        const Diagram variable = store_.variable(kFirstByte + byte.position * 8 + 7 - bit);
        result = both(result, (byte.value >> bit & 1U) != 0 ? variable : negate(variable));
      }
    }
    if (result != kFalse) return result;
  }
  return condition;
}

Diagram DiagramMachine::with_shortest(Condition condition) {
  const Word captured = variables(kCapturedLength);
  for (std::size_t bit = captured.size(); bit-- > 0;) {
    const Condition shorter = both(condition, negate(captured[bit]));
    condition = shorter != kFalse ? shorter : both(condition, captured[bit]);
  }
  return condition;
}

// Variables that the condition leaves open are no, where it holds either way.
std::vector<DiagramStore::Variable> DiagramMachine::true_variables(Condition condition) const {
  std::vector<Variable> result;
  while (!is_constant(condition)) {
    const bool yes = store_.low(condition) == kFalse;
    if (yes) result.push_back(store_.top(condition));
    condition = yes ? store_.high(condition) : store_.low(condition);
  }
  return result;
}

Finding DiagramMachine::packet(Condition condition,
                               const std::vector<std::vector<KnownByte>>& likely,
                               bool shortest_of_all) {
  Finding finding;
  const auto give_up = [&] {
    finding.reason = reason();
    return finding;
  };
  if (stopped()) return give_up();
  if (condition == kFalse) {
    finding.kind = Finding::Kind::kNone;
    return finding;
  }
  if (!shortest_of_all) condition = with_likely(condition, likely);
  condition = with_shortest(condition);
  if (shortest_of_all) condition = with_likely(condition, likely);
  const std::uint32_t captured = read_word(true_variables(condition), kCapturedLength);
  condition =
      preferred(condition, compare(Comparison::kGreaterOrEqual, wire_length(), constant(captured)));
  condition = preferred(condition, compare(Comparison::kEqual, wire_length(), constant(captured)));
  if (loads_.any()) {
    for (const Flag flag : {kHasInterface, kHasHardwareType, kHasAncillary}) {
      condition = preferred(condition, store_.variable(kFlags + flag));
    }
  }
  if (stopped()) return give_up();
  if (captured > kLongestWitness) {
    finding.reason = fmt::format("only packets of {} bytes and more would tell", captured);
    return finding;
  }
  finding.kind = Finding::Kind::kPacket;
  finding.shortest = bases_.empty();
  finding.guessed = !bases_.empty();
  fill(true_variables(condition), captured, finding.witness);
  return finding;
}

std::uint32_t DiagramMachine::read_word(const std::vector<Variable>& set, Variable first) {
  std::uint32_t value = 0;
  for (const Variable variable : set) {
    if (variable >= first && variable - first < 32) value |= 1U << (31 - (variable - first));
  }
  return value;
}

bool DiagramMachine::holds(Condition condition, const std::vector<Variable>& set) const {
  while (!is_constant(condition)) {
    const bool yes = std::find(set.begin(), set.end(), store_.top(condition)) != set.end();
    condition = yes ? store_.high(condition) : store_.low(condition);
  }
  return condition == kTrue;
}

// A guess: bases may overlap, and lengths contradict each other.
void DiagramMachine::fill_far_bytes(const std::vector<Variable>& set, Witness& witness) const {
  for (std::uint32_t base = 0; base < bases_.size(); ++base) {
    std::int64_t start = 0;
    for (std::size_t bit = 0; bit < kBaseBits; ++bit) {
      if (holds(bases_[base][bit], set)) start |= std::int64_t{1} << bit;
    }
    start -= kBeforeBase;
    const std::int64_t end = start + std::int64_t{read_word(set, room(base))};
    const auto captured = static_cast<std::int64_t>(witness.captured.size());
    if (end > captured && end <= std::int64_t{kLongestWitness}) {
      if (witness.wire_length == witness.captured.size()) {
        witness.wire_length = static_cast<std::uint32_t>(end);
      }
      witness.captured.resize(static_cast<std::size_t>(end));
    }
    for (const Variable variable : set) {
      if (variable < far_byte(base, 0) || variable >= far_byte(base, kMostDistance)) continue;
      const std::int64_t at = start + (variable - far_byte(base, 0)) / 8;
      if (at < 0 || at >= static_cast<std::int64_t>(witness.captured.size())) continue;
      witness.captured[static_cast<std::size_t>(at)] |=
          static_cast<std::uint8_t>(1U << (7 - (variable - kFirstFarByte) % 8));
    }
  }
}

void DiagramMachine::fill(const std::vector<Variable>& set, std::uint32_t captured,
                          Witness& witness) const {
  witness.captured.resize(captured);
  witness.wire_length = read_word(set, kWireLength);
  for (const Variable variable : set) {
    if (variable < kFirstByte || variable >= kFirstFarByte) continue;
    const std::uint32_t position = (variable - kFirstByte) / 8;
    if (position >= captured) continue;
    witness.captured[position] |=
        static_cast<std::uint8_t>(1U << (7 - (variable - kFirstByte) % 8));
  }
  fill_far_bytes(set, witness);
  const auto has = [&](Flag flag) {
    return std::find(set.begin(), set.end(), kFlags + flag) != set.end();
  };
  if (!loads_.any() || (rules_ == Rules::kLibpcap && !has(kHasAncillary))) return;
  AncillaryFields fields;
  for (const AncillaryInfo& row : kAncillaryLoads) {
    fields.values[field_index(row.load)] = read_word(set, field(row.load));
  }
  fields.has_interface = loads_.has(AncillaryLoad::kInterfaceIndex) && has(kHasInterface);
  fields.has_hardware_type = loads_.has(AncillaryLoad::kHardwareType) && has(kHasHardwareType);
  witness.ancillary = to_ancillary(fields);
}

Finding find_by_diagrams(const Search& search, bool bases) {
  DiagramMachine machine(search, bases);
  const auto first = SymbolicRun(search.first, machine).verdict();
  const auto second =
      &search.second == &search.first ? first : SymbolicRun(search.second, machine).verdict();
  return machine.packet(answers(machine, search.question, first, second), search.likely,
                        search.shortest_of_all);
}

}  // namespace bpfc::proof
