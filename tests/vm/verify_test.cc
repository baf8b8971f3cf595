#include "bpfc/verify.h"

#include <gtest/gtest.h>

#include "tests/vm/program_generator.h"
#include "vm/ancillary.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

constexpr Instruction make(Operation operation, std::uint32_t k = 0, std::uint8_t jt = 0,
                           std::uint8_t jf = 0) {
  return {encode(operation), jt, jf, k};
}
constexpr Instruction kReturn = make(Operation::kReturnConstant, 1);

std::optional<std::pair<VerifyRule, std::size_t>> broken(const Program& program, Rules rules) {
  const auto verified = verify(program, rules);
  if (verified) return std::nullopt;
  return std::pair{verified.error().rule, verified.error().instruction};
}

struct Case {
  const char* what;
  Program program;
  std::optional<VerifyRule> kernel;
  std::optional<VerifyRule> libpcap;
  std::size_t index = 0;
};

using enum Operation;

const Case kCases[] = {
    {"empty", {}, VerifyRule::kEmpty, VerifyRule::kEmpty},
    {"one ret", {kReturn}, {}, {}},
    {"4096", Program(4096, kReturn), {}, {}},
    {"4097", Program(4097, kReturn), VerifyRule::kTooLong, {}, 4096},
    {"unknown opcode",
     {kReturn, {0x0e, 0, 0, 0}, kReturn},
     VerifyRule::kUnknownOpcode,
     VerifyRule::kUnknownOpcode,
     1},
    {"high bits of a code",
     {{0x106, 0, 0, 0}},
     VerifyRule::kUnknownOpcode,
     VerifyRule::kUnknownOpcode},
    {"no ret", {make(kLoadConstant)}, VerifyRule::kNoReturn, VerifyRule::kNoReturn},
    {"ja to the last", {make(kJump, 1), kReturn, kReturn}, {}, {}},
    {"ja past the last",
     {make(kJump, 2), kReturn, kReturn},
     VerifyRule::kJumpOutOfRange,
     VerifyRule::kJumpOutOfRange},
    {"ja to itself",
     {kReturn, make(kJump, 0xffffffffU), kReturn},
     VerifyRule::kJumpOutOfRange,
     {},
     1},
    {"ja to before the first",
     {make(kJump, 0xfffffffeU), kReturn},
     VerifyRule::kJumpOutOfRange,
     VerifyRule::kJumpOutOfRange},
    {"jt past the last",
     {make(kJumpEqualConstant, 0, 1, 0), kReturn},
     VerifyRule::kJumpOutOfRange,
     VerifyRule::kJumpOutOfRange},
    {"jf past the last",
     {make(kJumpAnyBitX, 0, 0, 1), kReturn},
     VerifyRule::kJumpOutOfRange,
     VerifyRule::kJumpOutOfRange},
    {"division by 0",
     {make(kDivideConstant, 0), kReturn},
     VerifyRule::kDivisionByZero,
     VerifyRule::kDivisionByZero},
    {"modulus by 0",
     {make(kModuloConstant, 0), kReturn},
     VerifyRule::kDivisionByZero,
     VerifyRule::kDivisionByZero},
    {"division by X", {make(kDivideX, 0), kReturn}, {}, {}},
    {"shift by 31", {make(kShiftLeftConstant, 31), kReturn}, {}, {}},
    {"lsh 32", {make(kShiftLeftConstant, 32), kReturn}, VerifyRule::kShiftTooFar, {}},
    {"rsh 32", {make(kShiftRightConstant, 32), kReturn}, VerifyRule::kShiftTooFar, {}},
    {"M[16]",
     {make(kStoreCell, 16), kReturn},
     VerifyRule::kScratchOutOfRange,
     VerifyRule::kScratchOutOfRange},
    {"unwritten", {make(kLoadXCell, 3), kReturn}, VerifyRule::kScratchUnwritten, {}},
    {"written", {make(kStoreXCell, 3), make(kLoadCell, 3), kReturn}, {}, {}},
    {"written on one branch only",
     {make(kJumpEqualConstant, 0, 0, 1), make(kStoreCell, 3), make(kLoadCell, 3), kReturn},
     VerifyRule::kScratchUnwritten,
     {},
     2},
    {"written before a branch",
     {make(kStoreCell, 3), make(kJumpEqualConstant, 0, 0, 1), make(kTransferAToX),
      make(kLoadCell, 3), kReturn},
     {},
     {}},
    {"state flows out of a ret",
     {make(kJumpEqualConstant, 0, 0, 1), kReturn, make(kStoreCell, 1), make(kLoadCell, 1), kReturn},
     {},
     {}},
    {"the unwritten state flows out of a ret into a target that is written",
     {make(kJumpEqualConstant, 0, 0, 2), make(kStoreCell, 1), make(kJump, 1), kReturn,
      make(kLoadCell, 1), kReturn},
     VerifyRule::kScratchUnwritten,
     {},
     4},
    {"unreachable read after ja", {make(kJump, 1), make(kLoadCell, 1), kReturn}, {}, {}},
    {"ancillary 4", {make(kLoadByteAbsolute, kAncillaryBase + 4), kReturn}, {}, {}},
    {"ancillary 5",
     {make(kLoadWordAbsolute, kAncillaryBase + 5), kReturn},
     VerifyRule::kUnknownAncillary,
     {}},
    {"ancillary 64",
     {make(kLoadHalfAbsolute, kAncillaryBase + 64), kReturn},
     VerifyRule::kUnknownAncillary,
     {}},
    {"indexed and msh know no ancillary loads",
     {make(kLoadWordIndexed, kAncillaryBase + 5), make(kLoadXHeaderLength, kAncillaryBase + 5),
      kReturn},
     {},
     {}},
    {"opcodes come before the cells",
     {make(kLoadCell, 3), {0xff, 0, 0, 0}},
     VerifyRule::kUnknownOpcode,
     VerifyRule::kUnknownOpcode,
     1},
    {"the ret comes before the cells",
     {make(kLoadCell, 3)},
     VerifyRule::kNoReturn,
     VerifyRule::kNoReturn},
};

TEST(Verify, Cases) {
  for (const Case& c : kCases) {
    for (const Rules rules : {Rules::kKernel, Rules::kLibpcap}) {
      SCOPED_TRACE(c.what);
      const auto expected = rules == Rules::kKernel ? c.kernel : c.libpcap;
      const auto found = broken(c.program, rules);
      ASSERT_EQ(found.has_value(), expected.has_value());
      if (expected) {
        EXPECT_EQ(*found, std::pair(*expected, c.index));
      }
    }
  }
}

TEST(Verify, EveryOpcodeAloneIsJudged) {
  for (std::uint32_t code = 0; code <= 0xffff; ++code) {
    const Program program = {make(kStoreCell, 1),
                             {static_cast<std::uint16_t>(code), 0, 0, 1},
                             make(kStoreCell, 1),
                             kReturn};
    const bool valid = decode(static_cast<std::uint16_t>(code)).has_value();
    EXPECT_EQ(verify(program, Rules::kKernel).has_value(), valid) << code;
    EXPECT_EQ(verify(program, Rules::kLibpcap).has_value(), valid) << code;
  }
}

TEST(Verify, DecodesToAbsoluteTargets) {
  const Program program = {make(kLoadHalfAbsolute, 12), make(kJumpEqualConstant, 0x800, 0, 1),
                           make(kJump, 1), kReturn, make(kReturnA)};
  const auto verified = verify(program, Rules::kKernel);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->program(), program);
  EXPECT_EQ(verified->rules(), Rules::kKernel);
  const auto decoded = verified->decoded();
  ASSERT_EQ(decoded.size(), 5U);
  EXPECT_EQ(decoded[0].operation, kLoadHalfAbsolute);
  EXPECT_EQ(decoded[0].k, 12U);
  EXPECT_EQ(decoded[0].on_true, 1U);
  EXPECT_EQ(decoded[1].on_true, 2U);
  EXPECT_EQ(decoded[1].on_false, 3U);
  EXPECT_EQ(decoded[2].on_true, 4U);
  EXPECT_EQ(decoded[2].on_false, 4U);
}

TEST(Verify, BackwardTargetsAreAbsoluteToo) {
  const auto verified =
      verify(Program{make(kTransferAToX), make(kJump, 0xfffffffeU), kReturn}, Rules::kLibpcap);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->decoded()[1].on_true, 0U);
}

TEST(Verify, MessagesNameTheInstructionAndTheRule) {
  const auto message = [](const Program& program) {
    return verify(program, Rules::kKernel).error().message;
  };
  EXPECT_EQ(message({}), "the program has no instructions");
  EXPECT_EQ(message(Program(5000, kReturn)),
            "the program has 5000 instructions, and 4096 are allowed");
  EXPECT_EQ(message({kReturn, {0x55, 0, 0, 0}}), "instruction 1: opcode 0x55 does not exist");
  EXPECT_EQ(message({make(kJump, 9), kReturn}), "instruction 0: jumps past the last instruction");
  EXPECT_EQ(message({kReturn, make(kJump, 0xfffffffeU), kReturn}), "instruction 1: jumps backward");
  EXPECT_EQ(message({make(kModuloConstant, 0), kReturn}), "instruction 0: mod by the constant 0");
  EXPECT_EQ(message({make(kShiftLeftConstant, 40), kReturn}), "instruction 0: shifts by 40 bits");
  EXPECT_EQ(message({make(kLoadCell, 16), kReturn}), "instruction 0: M[16] does not exist");
  EXPECT_EQ(message({make(kLoadCell, 2), kReturn}),
            "instruction 0: M[2] is read where it may not have been written");
  EXPECT_EQ(message({make(kLoadWordAbsolute, kAncillaryBase + 3), kReturn}),
            "instruction 0: there is no ancillary load 3");
  EXPECT_EQ(message({make(kLoadConstant)}), "instruction 0: the last instruction is not a ret");
}

// What verify() lets pass keeps the promises that interpreters rely on; nothing crashes it.
TEST(Verify, WhatPassesIsInRange) {
  testing::ProgramGenerator generator(testing::test_seed());
  std::size_t passed = 0;
  for (int round = 0; round < 50'000; ++round) {
    const Program program =
        round % 10 == 0 ? generator.arbitrary(20) : generator.nearly_valid(20, 40);
    const auto kernel = verify(program, Rules::kKernel);
    const auto libpcap = verify(program, Rules::kLibpcap);
    if (kernel) {
      EXPECT_TRUE(libpcap) << "the kernel's rules are the stricter ones";
    }
    for (const auto* verified : {&kernel, &libpcap}) {
      if (!*verified) {
        EXPECT_FALSE(verified->error().message.empty());
        continue;
      }
      ++passed;
      const auto decoded = (*verified)->decoded();
      ASSERT_EQ(decoded.size(), program.size());
      for (std::size_t i = 0; i < decoded.size(); ++i) {
        const OperationInfo& row = info(decoded[i].operation);
        if (row.kind == OperationClass::kReturn) continue;
        ASSERT_LT(decoded[i].on_true, decoded.size());
        ASSERT_LT(decoded[i].on_false, decoded.size());
        if ((*verified)->rules() == Rules::kKernel) {
          ASSERT_GT(decoded[i].on_true, i);
        }
        if (row.format == OperandFormat::kCell) {
          ASSERT_LT(decoded[i].k, kScratchCells);
        }
      }
    }
  }
  EXPECT_GT(passed, 1000U);
}

}  // namespace
}  // namespace bpfc
