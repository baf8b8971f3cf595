// Programs that trying and proving makes cheaper.
#include <gtest/gtest.h>

#include "bpfc/compile.h"
#include "bpfc/listing.h"
#include "compiler/reduction/expected_cost.h"
#include "compiler/reduction/reduce.h"
#include "compiler/reduction/steps.h"
#include "tests/vm/program_generator.h"

namespace bpfc::reduction {
namespace {

Program listing(const char* text) {
  const auto program = parse_program(text);
  if (!program) throw std::runtime_error(program.error().message);
  return *program;
}

void expect_same_verdicts(const Program& before, const Program& after,
                          testing::ProgramGenerator& generator, int packets) {
  for (const Rules rules : {Rules::kKernel, Rules::kLibpcap}) {
    const auto left = verify(before, rules);
    const auto right = verify(after, rules);
    ASSERT_TRUE(left && right) << to_listing(before) << "becomes\n" << to_listing(after);
    for (int i = 0; i < packets; ++i) {
      const std::vector<std::uint8_t> bytes = generator.packet(generator.below(64));
      const Packet packet{.captured = bytes,
                          .wire_length = static_cast<std::uint32_t>(bytes.size())};
      ASSERT_EQ(interpret(*left, packet), interpret(*right, packet))
          << to_listing(before) << "becomes\n"
          << to_listing(after);
    }
  }
}

TEST(Steps, AreAssembledAsTheyWere) {
  testing::ProgramGenerator generator(testing::test_seed());
  int assembled_count = 0;
  for (int round = 0; round < 5000; ++round) {
    const VerifiedProgram program = generator.verified(20, 40, Rules::kKernel);
    const auto decoded = program.decoded();
    const auto again = assembled({decoded.begin(), decoded.end()});
    ASSERT_TRUE(again);
    ASSERT_LE(again->size(), program.program().size());
    // What is not reached was all that wrote a cell, as the kernel sees it.
    if (!verify(*again, Rules::kKernel)) continue;
    ++assembled_count;
    expect_same_verdicts(program.program(), *again, generator, 4);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(assembled_count, 4000);
}

TEST(Steps, GetAJumpWhereTheyLeadElsewhere) {
  const auto verified =
      verify(listing("(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 4\n(002) ld #0x7\n"
                     "(003) ret\n(004) ldb [1]\n(005) tax\n(006) txa\n(007) ret\n"),
             Rules::kKernel);
  const auto decoded = verified->decoded();
  Steps steps(decoded.begin(), decoded.end());
  steps[2].on_true = steps[2].on_false = 5;
  EXPECT_EQ(to_listing(assembled(steps).value()),
            to_listing(listing("(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 4\n(002) ld #0x7\n"
                               "(003) ja 5\n(004) ldb [1]\n(005) tax\n(006) txa\n(007) ret\n")));
  // A return needs none.
  steps[2].on_true = steps[2].on_false = 7;
  EXPECT_EQ(assembled(steps).value()[3].code, 0x16);
}

TEST(Reduction, TakesAwayWhatNoPacketNeeds) {
  const struct {
    const char* what;
    const char* program;
    std::size_t size;
  } rows[] = {
      {"a test that another one has decided",
       "(000) ldb [0]\n(001) jeq #0x4 jt 2 jf 6\n(002) ldb [1]\n(003) jeq #0x5 jt 4 jf 6\n"
       "(004) ldb [0]\n(005) jgt #0x3 jt 7 jf 6\n(006) ret #0\n(007) ret #1\n",
       6},
      {"a test of bits that others have decided, through another load",
       "(000) ldh [0]\n(001) jeq #0x102 jt 2 jf 5\n(002) ldb [1]\n(003) and #0x6\n"
       "(004) jeq #0x2 jt 6 jf 5\n(005) ret #0\n(006) ret #1\n",
       4},
      {"a mask that takes nothing away",
       "(000) ldb [0]\n(001) and #0xff\n(002) jeq #0x4 jt 3 jf 4\n(003) ret #1\n(004) ret #0\n", 4},
      {"a bounds check that a later load makes",
       "(000) ldb [3]\n(001) ldb [9]\n(002) jeq #0x4 jt 3 jf 4\n(003) ret #1\n(004) ret #0\n", 4},
      {"nothing", "(000) ldb [0]\n(001) jeq #0x4 jt 2 jf 3\n(002) ret #1\n(003) ret #0\n", 4},
      {"nothing: the load may fail where what follows accepts",
       "(000) ldb [9]\n(001) ldb [3]\n(002) jeq #0x4 jt 3 jf 4\n(003) ret #1\n(004) ret #2\n", 5},
  };
  testing::ProgramGenerator generator(1);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    const Program before = listing(row.program);
    const Program after = reduced(before);
    EXPECT_EQ(after.size(), row.size) << to_listing(after);
    expect_same_verdicts(before, after, generator, 200);
  }
}

TEST(Reduction, KeepsTheVerdictsOfRandomPrograms) {
  testing::ProgramGenerator generator(testing::test_seed());
  int cheaper = 0;
  for (int round = 0; round < 60; ++round) {
    const Program program = generator.verified(14, 40, Rules::kKernel).program();
    const Program after = reduced(program);
    const auto before_cost = cost(program, nullptr);
    const auto after_cost = cost(after, nullptr);
    if (!before_cost) {
      EXPECT_EQ(program, after);
      continue;
    }
    ASSERT_TRUE(after_cost);
    ASSERT_LE(*after_cost, *before_cost);
    cheaper += *after_cost < *before_cost ? 1 : 0;
    expect_same_verdicts(program, after, generator, 200);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(cheaper, 20);
}

TEST(Reduction, CountsOnAProfile) {
  // Nine of ten packets begin with 1.
  Profile profile;
  for (std::uint8_t i = 0; i < 10; ++i) {
    const std::uint8_t bytes[] = {i == 0 ? std::uint8_t{2} : std::uint8_t{1}, 5};
    profile.add(bytes, 2);
  }
  const auto program = verify(
      listing("(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 3\n(002) ret #1\n(003) ldb [1]\n(004) ret\n"),
      Rules::kKernel);
  EXPECT_DOUBLE_EQ(counted_cost(*program, profile), 3.1);
}

TEST(Reduction, GuessesByWhatIsLikely) {
  const auto of = [](const char* text) {
    return guessed_cost(*verify(listing(text), Rules::kKernel));
  };
  // IPv4 is asked for before a longer way, or after.
  EXPECT_LT(
      of("(000) ldh [12]\n(001) jeq #0x800 jt 4 jf 2\n(002) ldb [1]\n(003) ret\n(004) ret #1\n"),
      of("(000) ldh [12]\n(001) jeq #0x800 jt 2 jf 4\n(002) ldb [1]\n(003) ret\n(004) ret #1\n"));
  EXPECT_LT(of("(000) ld [20]\n(001) and #0x1fff00ff\n(002) jeq #0x6 jt 5 jf 3\n(003) ldb "
               "[1]\n(004) ret\n(005) ret #1\n"),
            of("(000) ld [20]\n(001) and #0x1fff00ff\n(002) jeq #0x7 jt 5 jf 3\n(003) ldb "
               "[1]\n(004) ret\n(005) ret #1\n"));
}

// A list that another level would fit into the kernel's limit.
TEST(Reduction, LeavesNoProgramThatOnlyFullMakesTooLong) {
  std::string hosts;
  std::uint32_t address = 12345;
  for (int i = 0; i < 1700; ++i) {
    address = address * 1664525U + 1013904223U;
    hosts += (i == 0 ? "host 10." : " or host 10.") + std::to_string(address >> 24U) + "." +
             std::to_string(address >> 16U & 0xffU) + "." + std::to_string(address >> 8U & 0xffU);
  }
  CompileOptions options;
  options.optimization = Optimization::kFull;
  const auto compiled = compile(hosts, options);
  ASSERT_TRUE(compiled);
  EXPECT_LE(compiled->program.size(), kKernelMaxInstructions);
}

}  // namespace
}  // namespace bpfc::reduction
