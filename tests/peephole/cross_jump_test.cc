#include "peephole/cross_jump.h"

#include <gtest/gtest.h>

#include "bpfc/interpreter.h"
#include "bpfc/listing.h"
#include "peephole/peephole.h"
#include "tests/vm/program_generator.h"

namespace bpfc::peephole {
namespace {

Program listing(const char* text) {
  const auto program = parse_program(text);
  if (!program) throw std::runtime_error(program.error().message);
  return *program;
}

TEST(CrossJump, LeadsToTheLastOfEqualWays) {
  const struct {
    const char* what;
    const char* before;
    const char* after;  // and without what is not reached
  } rows[] = {
      {"returns, and a test before them, whatever is tested",
       "(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 5\n"
       "(002) ldb [1]\n(003) jeq #0x6 jt 8 jf 4\n(004) jeq #0x7 jt 8 jf 9\n"
       "(005) ldb [2]\n(006) jeq #0x8 jt 8 jf 7\n(007) jeq #0x7 jt 8 jf 9\n"
       "(008) ret #1\n(009) ret #0\n",
       "(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 4\n"
       "(002) ldb [1]\n(003) jeq #0x6 jt 7 jf 6\n"
       "(004) ldb [2]\n(005) jeq #0x8 jt 7 jf 6\n(006) jeq #0x7 jt 7 jf 8\n"
       "(007) ret #1\n(008) ret #0\n"},
      {"what stands behind a load stays, and the others lead there",
       "(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 4\n"
       "(002) ldb [1]\n(003) jeq #0x7 jt 6 jf 7\n"
       "(004) jeq #0x2 jt 6 jf 5\n(005) jeq #0x7 jt 6 jf 7\n(006) ret #1\n(007) ret #0\n",
       "(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 4\n"
       "(002) ldb [1]\n(003) jeq #0x7 jt 6 jf 7\n"
       "(004) jeq #0x2 jt 6 jf 5\n(005) jeq #0x7 jt 6 jf 7\n(006) ret #1\n(007) ret #0\n"},
      {"loads and all",
       "(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 4\n(002) ldb [1]\n(003) jeq #0x2 jt 6 jf 7\n"
       "(004) ldb [1]\n(005) jeq #0x2 jt 6 jf 7\n(006) ret #1\n(007) ret #0\n",
       "(000) ldb [0]\n(001) ldb [1]\n(002) jeq #0x2 jt 3 jf 4\n(003) ret #1\n(004) ret #0\n"},
      {"two returns",
       "(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 3\n(002) ret #1\n"
       "(003) jeq #0x2 jt 4 jf 5\n(004) ret #1\n(005) ret #0\n",
       "(000) ldb [0]\n(001) jeq #0x1 jt 3 jf 2\n"
       "(002) jeq #0x2 jt 3 jf 4\n(003) ret #1\n(004) ret #0\n"},
      {"over jumps",
       "(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 3\n(002) ja 4\n(003) jeq #0x2 jt 4 jf 5\n"
       "(004) ret #1\n(005) ret #0\n",
       "(000) ldb [0]\n(001) jeq #0x1 jt 3 jf 2\n(002) jeq #0x2 jt 3 jf 4\n"
       "(003) ret #1\n(004) ret #0\n"},
      {"other operands are other instructions",
       "(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 4\n(002) jgt #0x7 jt 3 jf 5\n(003) ret #1\n"
       "(004) jgt #0x8 jt 5 jf 6\n(005) ret #2\n(006) ret #0\n",
       "(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 4\n(002) jgt #0x7 jt 3 jf 5\n(003) ret #1\n"
       "(004) jgt #0x8 jt 5 jf 6\n(005) ret #2\n(006) ret #0\n"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(to_listing(shortened(listing(row.before))), to_listing(listing(row.after)));
  }
}

// A jump between is an instruction more.
TEST(CrossJump, MakesNoWayLonger) {
  const auto program = verify(
      listing("(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 4\n(002) ldb [1]\n(003) jeq #0x2 jt 9 jf 10\n"
              "(004) jeq #0x3 jt 5 jf 7\n(005) ldb [1]\n(006) ja 8\n(007) ldb [2]\n"
              "(008) jeq #0x2 jt 9 jf 10\n(009) ret #1\n(010) ret #0\n"),
      Rules::kKernel);
  ASSERT_TRUE(program);
  EXPECT_FALSE(cross_jumped(program->decoded()));
}

// A way that lies further off than a conditional jump reaches is left.
TEST(CrossJump, ReachesAsFarAsJumpsDo) {
  for (const std::uint32_t between : {250U, 251U, 252U, 253U, 254U, 255U, 256U, 257U, 300U}) {
    Program program =
        listing("(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 3\n(002) ret #1\n(003) ret #2\n");
    program.resize(3);
    for (std::uint32_t i = 0; i < between; ++i) program.push_back({0x54, 0, 0, 0xff - i % 2});
    program.push_back({0x06, 0, 0, 1});
    const auto before = verify(program, Rules::kKernel);
    ASSERT_TRUE(before);
    const auto jumped = cross_jumped(before->decoded());
    EXPECT_EQ(jumped.has_value(), between + 1 <= 255U) << between;
    EXPECT_TRUE(!jumped || (*jumped)[1].jt == between + 1);
  }
}

// Halves of one program behind a test, the second changed here and there.
TEST(CrossJump, KeepsVerdictsAndWhatIsExecuted) {
  testing::ProgramGenerator generator(testing::test_seed());
  int jumped_count = 0;
  for (int round = 0; round < 100'000; ++round) {
    const Rules rules = round % 2 == 0 ? Rules::kKernel : Rules::kLibpcap;
    const Program half = generator.verified(10, 32, rules).program();
    Program program = {{0x30, 0, 0, generator.below(8)},
                       {0x45, static_cast<std::uint8_t>(half.size()), 0, 1U << generator.below(8)}};
    program.insert(program.end(), half.begin(), half.end());
    program.insert(program.end(), half.begin(), half.end());
    if (generator.one_in(2)) {
      Instruction& changed = program[2 + generator.below(static_cast<std::uint32_t>(half.size()))];
      changed.k ^= generator.below(3);
    }
    const auto before = verify(program, rules);
    if (!before) continue;
    bool backward = false;
    for (std::size_t i = 0; i < before->decoded().size(); ++i) {
      const DecodedInstruction& step = before->decoded()[i];
      backward = backward || (program[i].code == 0x05 && step.on_true <= i);
    }
    if (backward) continue;
    const auto jumped = cross_jumped(before->decoded());
    if (!jumped) continue;
    ++jumped_count;
    const auto after = verify(*jumped, rules);
    if (!after) continue;  // the kernel wants cells written before they are read, line by line
    for (int i = 0; i < 8; ++i) {
      const std::vector<std::uint8_t> bytes = generator.packet(generator.below(48));
      const Packet packet{.captured = bytes,
                          .wire_length = static_cast<std::uint32_t>(bytes.size())};
      std::uint64_t executed_before = 0;
      std::uint64_t executed_after = 0;
      ASSERT_EQ(interpret(*before, packet, &executed_before),
                interpret(*after, packet, &executed_after))
          << to_listing(program) << "becomes\n"
          << to_listing(*jumped);
      ASSERT_LE(executed_after, executed_before);
    }
  }
  EXPECT_GT(jumped_count, 1000);
}

}  // namespace
}  // namespace bpfc::peephole
