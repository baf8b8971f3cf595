// Mutants are found, and what is shown of them is small and true.
#include "judge/engine_comparison.h"

#include <gtest/gtest.h>

#include <iostream>

#include "bpfc/compile.h"
#include "bpfc/listing.h"
#include "judge/packet_generator.h"
#include "judge/unix_judge.h"
#include "vm/opcode.h"

namespace bpfc::judge {
namespace {

Program compiled(const char* text) { return compile(text, {})->program; }

VerifiedProgram checked(const Program& program) { return *verify(program, Rules::kKernel); }

// The program with one field of one instruction changed, in a few ways.
std::vector<Program> mutants(const Program& program) {
  std::vector<Program> all;
  for (std::size_t i = 0; i < program.size(); ++i) {
    const auto add = [&](auto change) {
      Program mutant = program;
      change(mutant[i]);
      if (verify(mutant, Rules::kKernel)) all.push_back(std::move(mutant));
    };
    const OperationInfo& row = info(*decode(program[i].code));
    const bool uses_k = row.kind != OperationClass::kReturn && row.format != OperandFormat::kNone &&
                        row.format != OperandFormat::kIndexRegister &&
                        row.format != OperandFormat::kPacketLength;
    if (uses_k) {
      add([](Instruction& now) { ++now.k; });
      add([](Instruction& now) { now.k ^= 0x10; });
    }
    if (row.kind == OperationClass::kReturn) {
      add([](Instruction& now) { now.k = now.k == 0 ? 262144 : 0; });
    }
    if (row.kind == OperationClass::kBranch) {
      add([](Instruction& now) { std::swap(now.jt, now.jf); });
      add([](Instruction& now) { ++now.jt; });
      add([](Instruction& now) { ++now.jf; });
      add([](Instruction& now) { now.code = encode(Operation::kJumpGreaterOrEqualConstant); });
      add([](Instruction& now) { now.code = encode(Operation::kJumpAnyBitConstant); });
    }
  }
  std::erase(all, program);
  return all;
}

std::optional<Disagreement> find(EngineComparison& comparison,
                                 std::span<const VerifiedProgram* const> programs) {
  // Some ways of mutants are closed: no use to look for long.
  constexpr std::uint64_t kEffort = 300'000;
  PacketGenerator generator(programs, 1, kEffort);
  EXPECT_TRUE(comparison.judge(generator.branch_packets()));
  for (int i = 0; i < 40 && !comparison.disagreement(); ++i) {
    std::vector<TestPacket> packets;
    packets.reserve(50);
    for (int j = 0; j < 50; ++j) packets.push_back(generator.random_packet());
    EXPECT_TRUE(comparison.judge(packets));
  }
  return comparison.disagreement();
}

// Some mutants are the same filter: a jump past a test that can come out in one way alone.
TEST(EngineComparisonTest, FindsMutants) {
  std::size_t found = 0;
  std::size_t tried = 0;
  std::size_t longest = 0;
  for (const char* text :
       {"tcp port 80", "portrange 8000-9000", "vlan 5 and udp", "ip6 and tcp dst port 22",
        "host 10.0.0.1 and not icmp", "tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420",
        "ip[2:2] > 576 or ip[6:2] & 0x1fff != 0", "len > 100 and arp"}) {
    const Program original = compiled(text);
    const VerifiedProgram right = checked(original);
    for (const Program& mutant : mutants(original)) {
      const VerifiedProgram wrong = checked(mutant);
      const VerifiedProgram* const programs[] = {&right, &wrong};
      EngineComparison comparison(programs, {});
      const auto disagreement = find(comparison, programs);
      ++tried;
      if (!disagreement) {
        std::cout << text << ": not found:\n" << to_listing(mutant);
        continue;
      }
      ++found;
      const TestPacket smallest = comparison.smallest(*disagreement);
      longest = std::max(longest, smallest.bytes.size());
      const auto opinions = comparison.opinions(smallest);
      ASSERT_EQ(opinions.size(), 2 * kUserEngines.size());
      EXPECT_NE(opinions[1]->verdict, opinions[1]->expected);
      EXPECT_EQ(interpret(right, smallest.view()) != 0, opinions[0]->verdict.accepts);
      EXPECT_EQ(interpret(wrong, smallest.view()) != 0, opinions[1]->verdict.accepts);
    }
  }
  std::cout << found << " of " << tried
            << " mutants found; the longest of the smallest packets has " << longest << " bytes\n";
  EXPECT_GT(found * 100, tried * 98);
}

TEST(EngineComparisonTest, TheKernelAgreesAboutTheMutant) {
  auto made = UnixJudge::make();
  if (!made) GTEST_SKIP() << made.error();
  Court court{made->get(), {Vantage::kUnixSocket}, false, 100'000};
  Court* const courts[] = {&court};
  const Program original = compiled("tcp port 80");
  Program mutant = original;
  for (Instruction& now : mutant) now.k = now.k == 80 ? 81 : now.k;
  const VerifiedProgram right = checked(original);
  const VerifiedProgram wrong = checked(mutant);
  const VerifiedProgram* const programs[] = {&right, &wrong};
  EngineComparison comparison(programs, courts);
  const auto disagreement = find(comparison, programs);
  ASSERT_TRUE(disagreement);
  EXPECT_EQ(disagreement->tally, 1U);
  constexpr std::size_t kKernels = 2 * kUserEngines.size();
  ASSERT_EQ(comparison.tallies().size(), 2 * kUserEngines.size() + 2);
  EXPECT_EQ(comparison.tallies()[kKernels].disagreements, 0U);
  EXPECT_GT(comparison.tallies()[kKernels + 1].disagreements, 0U);
  EXPECT_GT(comparison.tallies()[kKernels].accepted, 0U);
  const auto opinions = comparison.opinions(comparison.smallest(*disagreement));
  ASSERT_TRUE(opinions[kKernels + 1]);
  EXPECT_EQ(opinions[kKernels + 1]->verdict.accepts, opinions[1]->verdict.accepts);
  EXPECT_TRUE(comparison.refusals().empty());
}

// One that tells what it was asked, and errs as told.
class FalseJudge final : public KernelJudge {
 public:
  const char* name() const override { return "false"; }
  std::size_t most_programs() const override { return 9; }
  Expected<Judgement, std::string> verdicts(
      std::span<const VerifiedProgram> programs,
      std::span<const std::vector<std::uint8_t>> packets) override {
    if (asked + packets.size() > ends_after) return Unexpected<std::string>("no more");
    asked += packets.size();
    Judgement judgement;
    judgement.refusals.resize(programs.size());
    for (std::size_t i = 0; i < packets.size(); ++i) {
      if (packets[i].empty()) continue;
      Sighting sighting;
      sighting.packet = i;
      sighting.bytes = packets[i];
      for (const VerifiedProgram& program : programs) {
        const auto kept =
            std::min<std::size_t>(interpret(program, sighting.view()), packets[i].size());
        sighting.kept.push_back(packets[i].back() == 0x55 ? 0 : static_cast<std::uint32_t>(kept));
      }
      judgement.sightings.push_back(std::move(sighting));
    }
    return judgement;
  }

  std::size_t ends_after = 1'000'000;
  std::size_t asked = 0;
};

std::vector<TestPacket> numbered_packets(std::size_t count = 100) {
  std::vector<TestPacket> packets;
  for (std::size_t size = 0; size < count; ++size) {
    packets.push_back({std::vector<std::uint8_t>(size, static_cast<std::uint8_t>(size)),
                       static_cast<std::uint32_t>(size),
                       {}});
  }
  return packets;
}

TEST(EngineComparisonTest, FindsWhereAJudgeErrs) {
  FalseJudge judge;
  Court court{&judge, {Vantage::kUnixSocket}, false, 90};
  Court* const courts[] = {&court};
  const VerifiedProgram all = checked(compiled(""));
  const VerifiedProgram* const programs[] = {&all};
  EngineComparison comparison(programs, courts);
  ASSERT_TRUE(comparison.judge(numbered_packets()));
  const EngineTally& tally = comparison.tallies()[kUserEngines.size()];
  EXPECT_EQ(tally.packets, 89U);
  EXPECT_EQ(tally.not_judged, 11U);
  EXPECT_EQ(tally.disagreements, 1U);
  ASSERT_TRUE(comparison.disagreement());
  EXPECT_EQ(comparison.disagreement()->packet.bytes.size(), 0x55U);
  const TestPacket smallest = comparison.smallest(*comparison.disagreement());
  EXPECT_EQ(smallest.bytes, std::vector<std::uint8_t>{0x55});
}

TEST(EngineComparisonTest, GoesOnWithoutAJudgeThatStops) {
  FalseJudge judge;
  judge.ends_after = 50;
  Court court{&judge, {Vantage::kUnixSocket}, false, 1000};
  Court* const courts[] = {&court};
  const VerifiedProgram all = checked(compiled(""));
  const VerifiedProgram* const programs[] = {&all};
  EngineComparison comparison(programs, courts);
  // More than are sent at a time.
  const auto judged = comparison.judge(numbered_packets(1000));
  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error(), "no more");
  EXPECT_TRUE(comparison.judge(numbered_packets()));
  EXPECT_EQ(comparison.tallies()[0].packets, 1100U);
  EXPECT_EQ(comparison.tallies()[kUserEngines.size()].packets, 0U);
  EXPECT_EQ(comparison.tallies()[kUserEngines.size()].not_judged, 1100U);
}

}  // namespace
}  // namespace bpfc::judge
