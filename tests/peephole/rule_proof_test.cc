// Every row of compiler/peephole/rules.def is proved again. BPFC_DERIVE=1 in the environment runs
// the search again too, and takes minutes.
#include "peephole/derive/rule_proof.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "peephole/derive/search.h"
#include "peephole/rule_text.h"

namespace bpfc::peephole {
namespace {

constexpr std::chrono::seconds kTimeout{5};

TEST(RuleProof, EveryRowIsProved) {
  for (const Rule& rule : rules().all()) {
    EXPECT_EQ(prove_rule(rule, kTimeout), RuleProof::kProved) << to_row(rule);
  }
}

// Less dead, another constant, no condition.
TEST(RuleProof, WhatIsNotSoIsRefuted) {
  for (const Rule& rule : rules().all()) {
    if (rule.dead == 0) continue;
    Rule wrong = rule;
    wrong.dead = 0;
    EXPECT_EQ(prove_rule(wrong, kTimeout), RuleProof::kRefuted) << to_row(wrong);
  }
  for (const Rule& wrong : {
           parse_rule("ldb [k]; ldh [l]", "ldh [l]", "", ""),
           parse_rule("ldb [k]; ld [l]", "ld [l]", "", "k + 1 <= l + 5"),
           parse_rule("rsh #k; rsh #l", "rsh #k", "", ""),
           parse_rule("ld #k; jgt #l, T, F", "ja T", "A", ""),
           parse_rule("ldx #k; lsh x", "lsh #l", "X", ""),
           parse_rule("tax; ldh [x + k]", "ldh [x + k]", "X", ""),
           parse_rule("ldb [x + k]; ldb [x + l]", "ldb [x + l]", "", "k + 1 <= l + 1"),
       }) {
    EXPECT_EQ(prove_rule(wrong, kTimeout), RuleProof::kRefuted) << to_row(wrong);
  }
}

TEST(RuleProof, SearchFindsEveryRow) {
  if (std::getenv("BPFC_DERIVE") == nullptr) {
    GTEST_SKIP() << "BPFC_DERIVE is not set: the search takes minutes";
  }
  SearchCounts counts;
  const std::vector<Rule> found = candidate_rules(counts);
  for (const Rule& rule : rules().all()) {
    EXPECT_TRUE(std::any_of(found.begin(), found.end(), [&](const Rule& other) {
      return to_row(other) == to_row(rule);
    })) << to_row(rule);
  }
}

}  // namespace
}  // namespace bpfc::peephole
