// Random programs: what is proved of them has to hold on packets, and both engines have to agree.
#include <gtest/gtest.h>

#include "bpfc/listing.h"
#include "bpfc/prove.h"
#include "tests/proof/test_solver.h"
#include "tests/vm/program_generator.h"

namespace bpfc {
namespace {

constexpr int kPrograms = 100;
constexpr int kPackets = 200;
constexpr std::uint32_t kPacketLength = 20;

// One instruction replaced by one of another such program.
VerifiedProgram changed(const VerifiedProgram& program, testing::ProgramGenerator& generator) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    Program copy = program.program();
    const auto at = generator.below(static_cast<std::uint32_t>(copy.size()));
    const VerifiedProgram other = generator.verified(copy.size(), kPacketLength, program.rules());
    copy[at] = other.program()[generator.below(static_cast<std::uint32_t>(other.program().size()))];
    const auto verified = verify(copy, program.rules());
    if (verified) return *verified;
  }
  return program;
}

// A packet that tells them apart, as a sentence; empty: none was met.
std::string difference(const VerifiedProgram& first, const VerifiedProgram& second,
                       testing::ProgramGenerator& generator) {
  for (int i = 0; i < kPackets; ++i) {
    const auto bytes = generator.packet(generator.below(2 * kPacketLength));
    Ancillary ancillary;
    if (generator.one_in(2)) ancillary.interface_index = generator.word();
    if (generator.one_in(2)) ancillary.hardware_type = 1;
    ancillary.mark = generator.word();
    ancillary.vlan_tag_present = generator.one_in(2);
    const Packet packet{.captured = bytes,
                        .wire_length = generator.one_in(2) ? kPacketLength : generator.word(),
                        .network_offset = generator.below(kPacketLength),
                        .link_offset = 0,
                        .ancillary = generator.one_in(3) ? nullptr : &ancillary};
    if (interpret(first, packet) != interpret(second, packet)) {
      return "a packet of " + std::to_string(bytes.size()) + " bytes tells them apart";
    }
  }
  return {};
}

void check(Rules rules) {
  testing::ProgramGenerator generator(testing::test_seed());
  int equal = 0;
  int different = 0;
  int both_engines = 0;
  for (int i = 0; i < kPrograms && !::testing::Test::HasFailure(); ++i) {
    const auto first = generator.verified(12, kPacketLength, rules);
    const auto second = changed(first, generator);
    SCOPED_TRACE(to_one_line(first.program()) + " | " + to_one_line(second.program()));
    std::optional<Answer> known;
    for (const bool diagrams : {true, false}) {
      ProofOptions options;
      options.diagrams = diagrams;
      options.solver = diagrams ? nullptr : testing::test_solver();
      options.timeout = std::chrono::milliseconds(200);
      const auto proof = equivalence(first, second, options);
      // A loop, or a witness that the interpreter does not confirm.
      if (!proof && proof.error().code == ProofFailure::kBackwardJump) break;
      ASSERT_TRUE(proof) << proof.error().message;
      if (proof->answer == Answer::kUnknown) continue;
      if (proof->answer == Answer::kYes) {
        EXPECT_EQ(difference(first, second, generator), "");
      }
      (proof->answer == Answer::kYes ? equal : different) += 1;
      if (known) {
        EXPECT_EQ(*known, proof->answer);
        ++both_engines;
      }
      known = proof->answer;
    }
  }
  std::printf("%d proved equal, %d different; both engines decided %d\n", equal, different,
              both_engines);
  EXPECT_GT(equal, kPrograms / 10);
  EXPECT_GT(different, kPrograms / 10);
}

TEST(Engines, AgreeByTheKernelsRules) { check(Rules::kKernel); }
TEST(Engines, AgreeByLibpcapsRules) { check(Rules::kLibpcap); }

}  // namespace
}  // namespace bpfc
