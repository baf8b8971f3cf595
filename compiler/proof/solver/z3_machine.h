// All packets as terms of z3: the domain (proof/symbolic_run.h) in which every program can be run.
// The packet is an array of bytes; the lengths, the offsets of the headers and the ancillary fields
// are variables; the search for netlink attributes is a function of which nothing is known.
#pragma once

#include <z3++.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "proof/ancillary_fields.h"
#include "proof/packet_solver.h"
#include "vm/arithmetic.h"

namespace bpfc::proof {

class Z3Machine {
 public:
  // Numbers of terms. Where z3 would have to find out that a word is a constant or small, it is
  // known here.
  struct Word {
    std::uint32_t term = 0;
    friend bool operator==(Word, Word) = default;
  };
  struct Condition {
    std::uint32_t term = 0;
    friend bool operator==(Condition, Condition) = default;
  };
  struct Loaded {
    Word value;
    Condition succeeds;
  };

  static constexpr std::size_t kMostStates = 1;
  // z3 shares what terms have in common.
  static constexpr std::uint32_t kTestsASegment = 0xffffffffU;

  Z3Machine(z3::context& context, Rules rules, std::chrono::steady_clock::time_point deadline);

  Word constant(std::uint32_t value);
  Word wire_length() const { return wire_length_; }
  Word compute(Arithmetic arithmetic, Word left, Word right);
  Word choose(Condition condition, Word yes, Word no);
  bool same(Word left, Word right) const;
  Condition compare(Comparison comparison, Word left, Word right);
  static Condition always() { return kAlways; }
  Condition both(Condition left, Condition right);
  Condition either(Condition left, Condition right);
  Condition opposite(Condition condition);
  static bool never(Condition condition) { return condition == kNever; }
  Loaded load(Word index, std::uint32_t k, unsigned size, Condition when);
  Loaded ancillary(AncillaryLoad load, Word a, Word x, Condition when);
  bool stopped() const { return std::chrono::steady_clock::now() > deadline_; }

  const z3::expr& term(Condition condition) const { return conditions_[condition.term]; }
  // Conditions on the packet.
  z3::expr captured_at_most(std::uint32_t length);
  z3::expr wire_length_at_least_captured();
  z3::expr wire_length_is_captured();
  z3::expr has_bytes(const std::vector<KnownByte>& bytes);
  // The model's packet; none: it is too long to be made. All but what programs load is 0.
  static constexpr std::uint32_t kLongest = kLongestWitness;
  std::uint32_t captured_length(const z3::model& model) const;
  Witness witness(const z3::model& model) const;
  bool guesses() const { return guesses_; }

 private:
  static constexpr Condition kAlways{0};
  static constexpr Condition kNever{1};

  struct Known {
    std::optional<std::uint32_t> constant;
    std::uint32_t most = 0xffffffffU;
  };

  Word add(const z3::expr& word, std::uint32_t most = 0xffffffffU);
  Condition add_condition(const z3::expr& condition);
  const z3::expr& term(Word word) const { return words_[word.term]; }
  std::optional<std::uint32_t> constant_of(Word word) const { return known_[word.term].constant; }
  std::uint32_t most(Word word) const { return known_[word.term].most; }
  std::uint32_t most_of(Arithmetic arithmetic, Word left, Word right) const;
  z3::expr literal(std::uint32_t value) { return context_.bv_val(value, 32); }
  z3::expr shifted(Arithmetic arithmetic, const z3::expr& left, const z3::expr& right);
  // Whether `size` bytes from there on have been captured; beyond 2^32 too, if `position` is of 33
  // bits.
  z3::expr in_bounds(const z3::expr& position, unsigned size);
  z3::expr header_position(const z3::expr& offset, std::uint32_t base, const z3::expr& header);
  std::uint32_t number(const z3::model& model, const z3::expr& term) const;

  z3::context& context_;
  Rules rules_;
  std::chrono::steady_clock::time_point deadline_;
  std::vector<z3::expr> words_;
  std::vector<Known> known_;
  std::vector<z3::expr> conditions_;
  z3::expr bytes_;
  z3::expr captured_;
  z3::expr network_;
  z3::expr link_;
  Word wire_length_;
  std::array<std::optional<Word>, kAncillaryFields> fields_;
  std::vector<z3::expr> loaded_;  // positions of bytes
  AncillarySet loads_;
  bool loads_from_headers_ = false;
  bool guesses_ = false;
};

}  // namespace bpfc::proof
