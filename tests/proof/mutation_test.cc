// Programs with one instruction changed: each is refuted by a packet that the interpreter confirms,
// or proved to be the same all the same. What is not decided in time is tried on packets, and
// listed. BPFC_PROOF_COUNT says how many.
#include <gtest/gtest.h>

#include "bpfc/listing.h"
#include "bpfc/prove.h"
#include "judge/packet_generator.h"
#include "judge/random_source.h"
#include "tests/proof/corpus.h"
#include "tests/proof/test_solver.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

constexpr std::uint64_t kEffort = 50'000;

// One field of one instruction changed a little, or for good.
Instruction mutated(Instruction instruction, judge::RandomSource& random) {
  switch (random.below(6)) {
    case 0:
      instruction.k ^= 1U << random.below(32);
      break;
    case 1:
      instruction.k += random.one_in(2) ? 1U : 0xffffffffU;
      break;
    case 2:
      std::swap(instruction.jt, instruction.jf);
      break;
    case 3:
      ++instruction.jt;
      break;
    case 4:
      ++instruction.jf;
      break;
    default:
      instruction.code = kOperations[random.below(kOperations.size())].code;
      break;
  }
  return instruction;
}

std::optional<VerifiedProgram> mutant(const VerifiedProgram& program, judge::RandomSource& random) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    Program copy = program.program();
    Instruction& chosen = copy[random.below(copy.size())];
    const Instruction before = chosen;
    chosen = mutated(chosen, random);
    if (chosen == before) continue;
    auto verified = verify(copy, program.rules());
    if (verified) return std::move(*verified);
  }
  return std::nullopt;
}

bool differ_on_packets(const VerifiedProgram& first, const VerifiedProgram& second) {
  const VerifiedProgram* programs[] = {&first, &second};
  judge::PacketGenerator generator(programs, 1, kEffort);
  for (const judge::TestPacket& packet : generator.branch_packets()) {
    if (interpret(first, packet.view()) != interpret(second, packet.view())) return true;
  }
  return false;
}

TEST(Mutants, AreRefutedOrTheSame) {
  const std::size_t count = testing::proof_count(500);
  const auto pairs = testing::expression_pairs(count);
  judge::RandomSource random(7);
  std::size_t refuted = 0;
  std::size_t by_chance = 0;  // of the refuted, by packets that the prover did not find in time
  std::size_t same = 0;
  std::vector<std::string> unknown;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& pair = pairs[i * pairs.size() / count];
    const auto changed = mutant(pair.optimized, random);
    if (!changed) continue;
    SCOPED_TRACE(pair.name + ": " + to_one_line(changed->program()));
    ProofOptions options;
    options.timeout = std::chrono::seconds(1);
    options.solver = testing::test_solver();
    const auto proof = equivalence(pair.optimized, *changed, options);
    // An unconfirmed packet is an error.
    ASSERT_TRUE(proof) << proof.error().message;
    switch (proof->answer) {
      case Answer::kNo: {
        const Packet packet = proof->witness->view();
        EXPECT_NE(interpret(pair.optimized, packet), interpret(*changed, packet));
        ++refuted;
        break;
      }
      case Answer::kYes:
        EXPECT_FALSE(differ_on_packets(pair.optimized, *changed));
        ++same;
        break;
      case Answer::kUnknown:
        if (differ_on_packets(pair.optimized, *changed)) {
          ++refuted;
          ++by_chance;
          break;
        }
        unknown.push_back(pair.name + " (" + proof->reason +
                          "): " + to_one_line(changed->program()));
        break;
    }
  }
  std::printf("%zu mutants: %zu refuted (%zu by chance), %zu proved to be the same, %zu unknown\n",
              refuted + same + unknown.size(), refuted, by_chance, same, unknown.size());
  for (const std::string& name : unknown) std::printf("  unknown: %s\n", name.c_str());
  EXPECT_GE(refuted + same + unknown.size(), count * 99 / 100);
  EXPECT_LE(unknown.size() * 20, count);
}

}  // namespace
}  // namespace bpfc
