// What a program decides by fields at fixed places: the tests that it makes of them, and what
// follows from their results.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "jit/field_value.h"
#include "jit/set_search.h"
#include "vm/flow.h"
#include "vm/needed_length.h"

namespace bpfc::jit {

// A program that has come to the start of a block: what its registers and cells hold. It ends in 0
// there if less has been captured than NeededLengths is certain of.
struct Continuation {
  std::uint32_t block = 0;
  // Of those that are live there.
  std::vector<std::pair<RegisterSet, FieldValue>> values;

  // NOLINTNEXTLINE(modernize-use-nullptr): there is none
  friend auto operator<=>(const Continuation&, const Continuation&) = default;
};

// What packets come to: a verdict, or a place to go on from.
struct Outcome {
  std::uint32_t verdict = 0;
  std::optional<std::uint32_t> continuation;  // index

  // NOLINTNEXTLINE(modernize-use-nullptr): there is none
  friend auto operator<=>(const Outcome&, const Outcome&) = default;
};

// Whether a field is in a set.
struct SetTest {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  ValueSet set;
};

// A test and what its result leads to: nodes, or, from kFirstOutcome on, outcomes. Or, where
// `otherwise` is given, two ways of which it is not known which a packet goes: what follows is what
// both say, or, where they differ, this outcome.
struct DecisionNode {
  std::uint32_t test = 0;
  std::uint32_t on_true = 0;
  std::uint32_t on_false = 0;
  std::optional<std::uint32_t> otherwise = std::nullopt;
};
inline constexpr std::uint32_t kFirstOutcome = 1U << 31U;
// Each is searched for every packet.
inline constexpr std::size_t kMostSets = 4;

struct FieldDecision {
  // Numbered together: the sets follow the tests.
  std::vector<FieldTest> tests;
  std::vector<SetTest> sets;
  std::vector<DecisionNode> nodes;  // in no order
  std::vector<Outcome> outcomes;
  std::vector<Continuation> continuations;
  std::uint32_t start = 0;  // a node, or an outcome
  // With so many captured bytes no test looks past them. With fewer nothing here holds.
  std::uint32_t least_captured = 0;
};

// At most `most_tests` and kMostSets, of fields that end at `farthest_end` or before; the program
// goes on by itself where it wants more, or another kind of test. Not for programs that loop.
FieldDecision decide_by_fields(const VerifiedProgram& program, const Flow& flow,
                               const NeededLengths& lengths, std::size_t most_tests,
                               std::uint32_t farthest_end);

}  // namespace bpfc::jit
