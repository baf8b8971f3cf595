// All packets as decision diagrams: the domain (proof/symbolic_run.h) in which most questions are
// decided without a solver. Loads are of bytes that are known by position: where an offset is
// computed, each value that it may have is a case. Where these are too many, bytes behind a
// computed base may be taken for other ones than those anywhere else: what holds then holds all the
// more of real packets, but a packet that is found may be none. What this cannot do, or only with
// too many nodes, it gives up: offsets relative to the network or link-layer header, netlink
// attributes, products of variables.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "proof/ancillary_fields.h"
#include "proof/diagram_word.h"
#include "proof/packet_solver.h"

namespace bpfc::proof {

class DiagramMachine {
 public:
  using Word = DiagramWord;
  using Condition = Diagram;
  struct Loaded {
    Word value;
    Condition succeeds;
  };

  static constexpr std::size_t kMostStates = 32;
  static constexpr std::uint32_t kTestsASegment = 1000;

  // `bases`: whether bytes behind a computed base may stand for themselves, as above.
  DiagramMachine(const Search& search, bool bases);

  static Word constant(std::uint32_t value) { return constant_word(value); }
  Word wire_length() { return variables(kWireLength); }
  Word compute(Arithmetic arithmetic, const Word& left, const Word& right) {
    return proof::compute(store_, arithmetic, left, right, rules_);
  }
  Word choose(Condition condition, const Word& yes, const Word& no) {
    return proof::choose(store_, condition, yes, no);
  }
  static bool same(const Word& left, const Word& right) { return left == right; }
  Condition compare(Comparison comparison, const Word& left, const Word& right) {
    return proof::compare(store_, comparison, left, right);
  }
  static Condition always() { return kTrue; }
  Condition both(Condition left, Condition right) { return store_.both(left, right); }
  Condition either(Condition left, Condition right) { return store_.either(left, right); }
  static Condition opposite(Condition condition) { return negate(condition); }
  static bool never(Condition condition) { return condition == kFalse; }
  Loaded load(const Word& index, std::uint32_t k, unsigned size, Condition when);
  Loaded ancillary(AncillaryLoad load, const Word& a, const Word& x, Condition when);
  bool stopped() const { return gave_up_ || store_.exhausted(); }

  // Why, once it has stopped.
  std::string reason() const;
  // A packet that meets the condition, and not of any: like the first of those in `likely` that one
  // can be like, and then the shortest, or the other way round.
  Finding packet(Condition condition, const std::vector<std::vector<KnownByte>>& likely,
                 bool shortest_of_all);

 private:
  using Variable = DiagramStore::Variable;
  // The first of each word's 32 variables, from the highest bit down. Ancillary fields come first,
  // by number, and the captured length last: few functions of it are behind many of the bytes.
  static constexpr Variable kWireLength = 512;
  static constexpr Variable kFlags = 560;  // see Flag
  static constexpr Variable kFirstByte = 1024;
  static constexpr std::uint32_t kMostBytes = 1U << 28U;
  static constexpr Variable kFirstFarByte = 0xa0000000U;  // see far_byte()
  static constexpr Variable kFirstRoom = 0xf0000000U;     // 32 a base
  static constexpr Variable kCapturedLength = 0xffffff00U;
  static constexpr std::uint32_t kMostBases = 256;
  // Distances from a base count from this far before it.
  static constexpr std::int64_t kBeforeBase = 4096;
  static constexpr std::int64_t kMostDistance = 65536;
  enum Flag : std::uint8_t { kHasInterface, kHasHardwareType, kHasAncillary };

  static Variable field(AncillaryLoad load) { return static_cast<Variable>(load) * 8; }
  Word variables(Variable first, std::size_t bits = 32);
  Condition captured_at_least(std::uint64_t length);
  // False, as below: gave up. `distance` counts from kBeforeBase.
  bool find_base(const Word& index, std::uint32_t k, std::uint32_t& base, std::int64_t& distance);
  bool load_from_base(const Word& index, std::uint32_t k, unsigned size, Loaded& loaded);
  static Variable far_byte(std::uint32_t base, std::int64_t distance) {
    return kFirstFarByte + (base << 20U) + static_cast<Variable>(distance) * 8;
  }
  static Variable room(std::uint32_t base) { return kFirstRoom + base * 32; }
  bool load_at(std::uint64_t offset, unsigned size, Condition when, Loaded& loaded);

  Condition with_likely(Condition condition, const std::vector<std::vector<KnownByte>>& likely);
  Condition with_shortest(Condition condition);
  Condition preferred(Condition condition, Condition wish);
  // Of one packet that meets the condition.
  std::vector<Variable> true_variables(Condition condition) const;
  static std::uint32_t read_word(const std::vector<Variable>& set, Variable first);
  bool holds(Condition condition, const std::vector<Variable>& set) const;
  void fill(const std::vector<Variable>& set, std::uint32_t captured, Witness& witness) const;
  void fill_far_bytes(const std::vector<Variable>& set, Witness& witness) const;

  DiagramStore store_;
  Rules rules_;
  bool with_bases_;
  std::chrono::steady_clock::time_point deadline_;
  std::vector<Word> bases_;
  std::unordered_map<std::uint64_t, Condition> captured_at_least_;
  AncillarySet loads_;
  bool gave_up_ = false;
  std::string reason_;
};

// By diagrams alone. `bases` as above: then the packet may be a guess.
Finding find_by_diagrams(const Search& search, bool bases);

}  // namespace bpfc::proof
