#include "peephole/peephole.h"

#include <gtest/gtest.h>

#include "bpfc/interpreter.h"
#include "bpfc/listing.h"
#include "peephole/numbers.h"
#include "peephole/rule_text.h"
#include "tests/vm/program_generator.h"

namespace bpfc::peephole {
namespace {

using testing::ProgramGenerator;

Program listing(const char* text) {
  const auto program = parse_program(text);
  if (!program) throw std::runtime_error(program.error().message);
  return *program;
}

Program shortened_listing(const char* text) { return shortened(listing(text)); }

// The rows of rules.def, as they stand there.
constexpr const char* kRows[] = {
#define BPFC_RULE(window, replacement, dead, condition) \
  "BPFC_RULE(\"" window "\", \"" replacement "\", \"" dead "\", \"" condition "\")",
#include "peephole/rules.def"
#undef BPFC_RULE
};

// A program in which the rule's window stands, with constants that are allowed and cells that are
// written; behind it nothing but the dead registers is dead.
Program program_with(const Rule& rule, ProgramGenerator& generator) {
  Symbols<Numbers> symbols{};
  Numbers numbers;
  const WindowRun<Numbers> run(numbers, symbols);
  do {
    for (std::uint32_t& value : symbols.values) value = generator.below(40);
  } while (!run.allowed(rule.window) || !run.allowed(rule.replacement) ||
           (rule.condition && !run.holds(*rule.condition)));
  Program program = {{encode(Operation::kLoadPacketLength), 0, 0, 0},
                     {encode(Operation::kStoreCell), 0, 0, 3},
                     {encode(Operation::kLoadWordAbsolute), 0, 0, 0},
                     {encode(Operation::kStoreCell), 0, 0, 5},
                     {encode(Operation::kLoadXHeaderLength), 0, 0, 0},
                     {encode(Operation::kLoadByteAbsolute), 0, 0, 1}};
  for (const PatternInstruction& pattern : rule.window.view()) {
    const Term& term = pattern.operand.left;
    Instruction instruction{encode(pattern.operation), 0, 0, term.value};
    if (info(pattern.operation).format == OperandFormat::kCell) {
      instruction.k = term.value == 0 ? 3 : 5;
    } else if (term.is_symbol) {
      instruction.k = symbols.values[term.value];
    }
    program.push_back(instruction);
  }
  // Where it jumps to, a return on one of the ways.
  if (ending(rule.window) == Ending::kJump) {
    program.back().jf = 1;
    program.push_back({encode(Operation::kReturnConstant), 0, 0, 77});
  }
  // What is not dead is returned, all of it at once.
  const auto live = [&](std::uint8_t bit) { return (rule.dead & bit) == 0; };
  if (ending(rule.window) != Ending::kReturn) {
    if (!live(kRegisterA)) program.push_back({encode(Operation::kLoadConstant), 0, 0, 9});
    if (live(kRegisterX)) {
      program.push_back({encode(Operation::kAddX), 0, 0, 0});
    }
    for (std::size_t cell = 0; cell < kCells; ++cell) {
      if (!live(register_of_cell(cell))) continue;
      program.push_back({encode(Operation::kLoadXCell), 0, 0, cell == 0 ? 3U : 5U});
      program.push_back({encode(Operation::kMultiplyConstant), 0, 0, 31});
      program.push_back({encode(Operation::kAddX), 0, 0, 0});
    }
    program.push_back({encode(Operation::kReturnA), 0, 0, 0});
  }
  return program;
}

void expect_same_verdicts(const VerifiedProgram& left, const VerifiedProgram& right,
                          ProgramGenerator& generator, int packets) {
  for (int i = 0; i < packets; ++i) {
    const std::vector<std::uint8_t> bytes = generator.packet(generator.below(64));
    const Packet packet{.captured = bytes, .wire_length = static_cast<std::uint32_t>(bytes.size())};
    std::uint64_t executed_left = 0;
    std::uint64_t executed_right = 0;
    ASSERT_EQ(interpret(left, packet, &executed_left), interpret(right, packet, &executed_right))
        << to_listing(left.program()) << "becomes\n"
        << to_listing(right.program()) << bytes.size() << " bytes";
    EXPECT_GE(executed_left, executed_right);
  }
}

TEST(PeepholeRules, AreReadAsTheyStand) {
  ASSERT_EQ(rules().all().size(), std::size(kRows));
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    EXPECT_EQ(to_row(rules().all()[i]), kRows[i]);
  }
}

TEST(PeepholeRules, EachShortensItsWindow) {
  ProgramGenerator generator(testing::test_seed());
  for (const Rule& rule : rules().all()) {
    const RuleTable only{std::span(&rule, 1)};
    for (int round = 0; round < 20; ++round) {
      const Program program = program_with(rule, generator);
      const auto before = verify(program, Rules::kKernel);
      ASSERT_TRUE(before) << to_row(rule) << before.error().message << "\n" << to_listing(program);
      std::size_t uses = 0;
      const Program shorter = shortened(program, only, {&uses, 1});
      ASSERT_GT(uses, 0U) << to_row(rule) << "\n" << to_listing(program);
      ASSERT_LT(shorter.size(), program.size()) << to_row(rule);
      const auto after = verify(shorter, Rules::kKernel);
      ASSERT_TRUE(after) << to_row(rule);
      expect_same_verdicts(*before, *after, generator, 20);
      if (HasFatalFailure()) FAIL() << to_row(rule);
    }
  }
}

TEST(Peephole, KeepsTheVerdictsOfRandomPrograms) {
  ProgramGenerator generator(testing::test_seed());
  std::size_t shorter = 0;
  for (int round = 0; round < 20'000; ++round) {
    const Rules by = round % 2 == 0 ? Rules::kKernel : Rules::kLibpcap;
    const VerifiedProgram program = generator.verified(12, 40, by);
    const Program result = shortened(program.program());
    ASSERT_LE(result.size(), program.program().size());
    if (result == program.program()) continue;
    ++shorter;
    // What the kernel takes it still takes.
    const bool kernel = verify(program.program(), Rules::kKernel).has_value();
    const auto verified = verify(result, kernel ? Rules::kKernel : Rules::kLibpcap);
    ASSERT_TRUE(verified) << to_listing(program.program()) << "becomes\n" << to_listing(result);
    for (const Rules rules_of : {Rules::kKernel, Rules::kLibpcap}) {
      const auto before = verify(program.program(), rules_of);
      const auto after = verify(result, rules_of);
      if (!before) continue;
      ASSERT_TRUE(after);
      expect_same_verdicts(*before, *after, generator, 8);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(shorter, 1000U);
}

TEST(Peephole, ShortensWhatPacketsNeedNot) {
  // One rule makes room for the next.
  EXPECT_EQ(shortened_listing("(000) ld #0x1\n(001) st M[0]\n(002) ldx M[0]\n(003) ldb [7]\n"
                              "(004) jeq x jt 5 jf 6\n(005) ret #1\n(006) ret #0\n"),
            listing("(000) ldx #0x1\n(001) ldb [7]\n(002) jeq x jt 3 jf 4\n(003) ret #1\n"
                    "(004) ret #0\n"));
  // The check of the first load is part of the second one's.
  EXPECT_EQ(shortened_listing("(000) ldb [3]\n(001) ldh [12]\n(002) ret\n"),
            listing("(000) ldh [12]\n(001) ret\n"));
  EXPECT_EQ(shortened_listing("(000) ldb [14]\n(001) ldh [12]\n(002) ret\n"),
            listing("(000) ldb [14]\n(001) ldh [12]\n(002) ret\n"));
}

TEST(Peephole, KnowsTheRegistersAtTheStart) {
  EXPECT_EQ(shortened_listing("(000) ld #0x0\n(001) ldx #0x0\n(002) st M[0]\n(003) ldb [x + 7]\n"
                              "(004) ldx M[0]\n(005) add x\n(006) ret\n"),
            listing("(000) st M[0]\n(001) ldb [x + 7]\n(002) ldx M[0]\n(003) add x\n(004) ret\n"));
  const Program later =
      listing("(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 3\n(002) ld #0x0\n(003) ret\n");
  EXPECT_EQ(shortened(later), later);
}

TEST(Peephole, LeavesWindowsThatAreJumpedInto) {
  const Program program = listing(
      "(000) ldb [0]\n(001) jeq #0x1 jt 2 jf 4\n(002) ldx M[0]\n(003) tax\n(004) txa\n(005) ret\n");
  std::size_t uses[1] = {};
  const Rule rule = parse_rule("tax; txa", "tax", "", "");
  const RuleTable only{std::span(&rule, 1)};
  EXPECT_EQ(shortened(program, only, uses), program);
  EXPECT_EQ(uses[0], 0U);
}

TEST(Peephole, LeavesRegistersThatAreRead) {
  const Program program =
      listing("(000) ld #0x7\n(001) tax\n(002) jeq x jt 3 jf 4\n(003) ret\n(004) ret #0\n");
  const Rule rule = parse_rule("ld #k; tax", "ldx #k", "A", "");
  EXPECT_EQ(shortened(program, RuleTable{std::span(&rule, 1)}), program);
}

TEST(Peephole, DropsWhatIsNotReached) {
  EXPECT_EQ(
      shortened_listing("(000) ldb [0]\n(001) jset #0x0 jt 2 jf 3\n(002) ret #5\n(003) ret\n"),
      listing("(000) ldb [0]\n(001) ret\n"));
}

TEST(Peephole, KeepsToTheKernelsCheckOfCells) {
  // The kernel goes through the program line by line: it takes the read, which nothing reaches,
  // only because of the store, which nothing needs.
  const Program program =
      listing("(000) ldb [0]\n(001) st M[0]\n(002) ret\n(003) ld M[0]\n(004) ret\n");
  ASSERT_TRUE(verify(program, Rules::kKernel));
  EXPECT_EQ(shortened(program), listing("(000) ldb [0]\n(001) ret\n"));
}

TEST(Peephole, LeavesWhatItCannotRead) {
  const Program loop = {{encode(Operation::kLoadByteAbsolute), 0, 0, 0},
                        {encode(Operation::kAddConstant), 0, 0, 0},
                        {encode(Operation::kJump), 0, 0, ~std::uint32_t{1}},
                        {encode(Operation::kReturnA), 0, 0, 0}};
  EXPECT_EQ(shortened(loop), loop);
  const Program broken = {{0xffff, 1, 2, 3}};
  EXPECT_EQ(shortened(broken), broken);
  EXPECT_EQ(shortened({}), Program{});
}

}  // namespace
}  // namespace bpfc::peephole
