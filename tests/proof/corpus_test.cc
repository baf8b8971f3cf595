// Optimized programs are proved to be the unoptimized ones. What is not proved in time is tried on
// packets, and listed. BPFC_PROOF_COUNT=20000 proves more expressions.
#include "tests/proof/corpus.h"

#include <gtest/gtest.h>

#include <chrono>

#include "bpfc/prove.h"
#include "judge/packet_generator.h"
#include "tests/proof/test_solver.h"

namespace bpfc {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr std::uint64_t kEffort = 200'000;

void try_on_packets(const testing::ProgramPair& pair) {
  const VerifiedProgram* programs[] = {&pair.unoptimized, &pair.optimized};
  judge::PacketGenerator generator(programs, 1, kEffort);
  for (const judge::TestPacket& packet : generator.branch_packets()) {
    ASSERT_EQ(interpret(pair.unoptimized, packet.view()), interpret(pair.optimized, packet.view()));
  }
}

void prove_all(const std::vector<testing::ProgramPair>& pairs) {
  std::size_t proved = 0;
  std::size_t same_text = 0;
  std::size_t by_solver = 0;
  Milliseconds slowest{0};
  Milliseconds all{0};
  std::string slowest_name;
  std::vector<std::string> unknown;
  for (const auto& pair : pairs) {
    SCOPED_TRACE(pair.name);
    ProofOptions options;
    options.timeout = std::chrono::milliseconds(600);
    const auto start = std::chrono::steady_clock::now();
    auto proof = equivalence(pair.unoptimized, pair.optimized, options);
    if (proof && proof->answer == Answer::kUnknown && testing::test_solver() != nullptr) {
      options.solver = testing::test_solver();
      options.diagrams = false;
      ++by_solver;
      proof = equivalence(pair.unoptimized, pair.optimized, options);
    }
    const Milliseconds spent = std::chrono::steady_clock::now() - start;
    all += spent;
    if (spent > slowest) {
      slowest = spent;
      slowest_name = pair.name;
    }
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_NE(proof->answer, Answer::kNo);
    if (pair.unoptimized.program() == pair.optimized.program()) ++same_text;
    if (proof->answer == Answer::kYes) ++proved;
    if (proof->answer != Answer::kUnknown) continue;
    unknown.push_back(pair.name + " (" + proof->reason + ")");
    try_on_packets(pair);
  }
  std::printf(
      "%zu pairs, %zu proved (%zu the same program), %zu needed the solver, %zu unknown; %.0f ms, "
      "slowest %.1f ms: %s\n",
      pairs.size(), proved, same_text, by_solver, unknown.size(), all.count(), slowest.count(),
      slowest_name.c_str());
  for (const std::string& name : unknown) std::printf("  not proved: %s\n", name.c_str());
  EXPECT_LE(unknown.size() * 20, pairs.size());
}

TEST(Optimizer, IsProvedOnGoldenFiles) {
  const auto pairs = testing::golden_pairs();
  EXPECT_GT(pairs.size(), 200U);
  prove_all(pairs);
}

TEST(Optimizer, IsProvedOnExpressions) {
  const std::size_t count = testing::proof_count(1200);
  const auto pairs = testing::expression_pairs(count);
  EXPECT_GE(pairs.size(), count);
  prove_all(pairs);
}

}  // namespace
}  // namespace bpfc
