#include "bpfc/program_cost.h"

#include <gtest/gtest.h>

#include <numeric>

#include "bpfc/listing.h"
#include "tests/vm/program_generator.h"

namespace bpfc {
namespace {

std::optional<ProgramPaths> paths_of(const char* listing) {
  const auto program = parse_program(listing);
  if (!program) return std::nullopt;
  return measure_paths(*verify(*program, Rules::kLibpcap));
}

TEST(ProgramCost, MeasuresTheWaysToEachInstruction) {
  const auto paths = paths_of(
      "(000) ldh [12]\n"
      "(001) jeq #0x800 jt 2 jf 4\n"
      "(002) ldb [23]\n"
      "(003) jeq #0x1 jt 5 jf 4\n"
      "(004) ret #0\n"
      "(005) ret #1\n"
      "(006) ret #2\n");
  ASSERT_TRUE(paths);
  EXPECT_EQ(paths->whole, (PathLength{3, 5}));
  EXPECT_EQ(paths->to,
            (std::vector<PathLength>{{1, 1}, {2, 2}, {3, 3}, {4, 4}, {3, 5}, {5, 5}, {0, 0}}));
}

TEST(ProgramCost, MeasuresASingleReturn) {
  EXPECT_EQ(paths_of("(000) ret #1\n")->whole, (PathLength{1, 1}));
}

TEST(ProgramCost, HasNoLengthForALoop) {
  const Program loop = {
      {0x80, 0, 0, 0}, {0x15, 1, 0, 0}, {0x05, 0, 0, 0xfffffffd}, {0x16, 0, 0, 0}};
  EXPECT_EQ(measure_paths(*verify(loop, Rules::kLibpcap)), std::nullopt);
  std::vector<std::uint64_t> visits(loop.size());
  EXPECT_EQ(interpret_counting(*verify(loop, Rules::kLibpcap), {.captured = {}, .wire_length = 60},
                               visits, 100),
            0U);
  EXPECT_EQ(visits, (std::vector<std::uint64_t>{34, 34, 34, 0}));
}

TEST(ProgramCost, CountsWhatTheInterpreterExecutes) {
  testing::ProgramGenerator generator(testing::test_seed());
  for (int round = 0; round < 3000; ++round) {
    for (const Rules rules : {Rules::kKernel, Rules::kLibpcap}) {
      const VerifiedProgram program = generator.verified(30, 40, rules);
      const auto paths = measure_paths(program);
      const auto bytes = generator.packet(generator.below(60));
      const Packet packet{.captured = bytes, .wire_length = 60};
      std::vector<std::uint64_t> visits(program.program().size());
      std::uint64_t executed = 0;
      ASSERT_EQ(interpret_counting(program, packet, visits, 1000),
                interpret(program, packet, &executed, 1000));
      ASSERT_EQ(std::accumulate(visits.begin(), visits.end(), std::uint64_t{0}), executed);
      if (!paths) continue;
      ASSERT_LE(executed, paths->whole.longest);
      for (std::size_t i = 0; i < visits.size(); ++i) {
        ASSERT_LE(visits[i], paths->to[i].shortest == 0 ? 0U : 1U);
      }
    }
  }
}

}  // namespace
}  // namespace bpfc
