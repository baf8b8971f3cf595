#include "bpfc/interpreter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/vm/program_generator.h"
#include "vm/ancillary.h"
#include "vm/opcode.h"
#include "vm/packet_load.h"

namespace bpfc {
namespace {

using enum Operation;

constexpr std::array<std::uint8_t, 8> kBytes = {0x45, 0x11, 0x22, 0x33, 0x84, 0x55, 0x66, 0x77};
constexpr std::uint32_t kRejected = 0;

constexpr Instruction make(Operation operation, std::uint32_t k = 0, std::uint8_t jt = 0,
                           std::uint8_t jf = 0) {
  return {encode(operation), jt, jf, k};
}

std::uint32_t run(const Program& program, Rules rules, Packet packet = {}) {
  if (packet.captured.empty()) packet.captured = kBytes;
  if (packet.wire_length == 0) packet.wire_length = 1500;
  const auto verified = verify(program, rules);
  if (!verified) {
    ADD_FAILURE() << verified.error().message;
    return 0xdead;
  }
  return interpret(*verified, packet);
}

// A after the instructions, in both worlds.
void expect_a(Program program, std::uint32_t kernel, std::uint32_t libpcap, const char* what) {
  program.push_back(make(kReturnA));
  EXPECT_EQ(run(program, Rules::kKernel), kernel) << what;
  EXPECT_EQ(run(program, Rules::kLibpcap), libpcap) << what;
}
void expect_a(Program program, std::uint32_t both, const char* what) {
  expect_a(std::move(program), both, both, what);
}

TEST(Interpreter, PacketLoads) {
  expect_a({make(kLoadWordAbsolute, 4)}, 0x84556677U, "ld, last");
  expect_a({make(kLoadWordAbsolute, 5)}, kRejected, "ld, one past");
  expect_a({make(kLoadHalfAbsolute, 6)}, 0x6677, "ldh, last");
  expect_a({make(kLoadHalfAbsolute, 7)}, kRejected, "ldh, one past");
  expect_a({make(kLoadByteAbsolute, 7)}, 0x77, "ldb, last");
  expect_a({make(kLoadByteAbsolute, 8)}, kRejected, "ldb, one past");
  expect_a({make(kLoadXConstant, 3), make(kLoadWordIndexed, 1)}, 0x84556677U, "ld [x+k]");
  expect_a({make(kLoadXConstant, 3), make(kLoadWordIndexed, 2)}, kRejected, "ld [x+k], past");
  expect_a({make(kLoadXConstant, 3), make(kLoadHalfIndexed, 3)}, 0x6677, "ldh [x+k]");
  expect_a({make(kLoadXConstant, 3), make(kLoadByteIndexed, 4)}, 0x77, "ldb [x+k]");
  expect_a({make(kLoadXHeaderLength, 0), make(kTransferXToA)}, 20, "msh");
  expect_a({make(kLoadXHeaderLength, 4), make(kTransferXToA)}, 16, "msh, high bits");
  expect_a({make(kLoadConstant, 9), make(kLoadXHeaderLength, 8)}, kRejected, "msh, past");
  expect_a({make(kLoadConstant, 9), make(kLoadXHeaderLength, 7)}, 9, "msh keeps A");
}

TEST(Interpreter, IndexedLoadsThatWrap) {
  expect_a({make(kLoadXConstant, 0xffffffffU), make(kLoadByteIndexed, 2)}, 0x11, kRejected,
           "X + k = 2^32 + 1");
  expect_a({make(kLoadXConstant, 0x7fffffffU), make(kLoadByteIndexed, 1)}, kRejected, "2^31");
  expect_a({make(kLoadWordAbsolute, 0x7fffffffU)}, kRejected, "2^31 - 1");
  expect_a({make(kLoadWordAbsolute, kAncillaryBase - 1)}, kRejected, "far behind the header");
}

TEST(Interpreter, LoadsRelativeToHeaders) {
  Packet packet{.captured = kBytes, .network_offset = 4, .link_offset = 1};
  const auto both = [&](Operation load, std::uint32_t k, std::uint32_t kernel) {
    const Program program = {make(load, k), make(kReturnA)};
    EXPECT_EQ(run(program, Rules::kKernel, packet), kernel);
    EXPECT_EQ(run(program, Rules::kLibpcap, packet), kRejected);
  };
  both(kLoadByteAbsolute, kNetworkBase, 0x84);
  both(kLoadWordAbsolute, kNetworkBase, 0x84556677U);
  both(kLoadWordAbsolute, kNetworkBase + 1, kRejected);
  both(kLoadByteAbsolute, kLinkBase + 1, 0x22);
  both(kLoadByteAbsolute, kLinkBase - 1, kRejected);
  both(kLoadByteAbsolute, 0x80000000U, kRejected);
  const Program indexed = {make(kLoadXConstant, 2), make(kLoadByteIndexed, kNetworkBase),
                           make(kReturnA)};
  EXPECT_EQ(run(indexed, Rules::kKernel, packet), 0x66U);
  const Program header_length = {make(kLoadXHeaderLength, kNetworkBase), make(kTransferXToA),
                                 make(kReturnA)};
  EXPECT_EQ(run(header_length, Rules::kKernel, packet), 16U);
  packet.link_offset = 0xffffffffU;
  both(kLoadByteAbsolute, kLinkBase + 1, kRejected);
}

TEST(Interpreter, ValuesAndTransfers) {
  expect_a({}, 0, "A starts as 0");
  expect_a({make(kLoadConstant, 5), make(kTransferXToA)}, 0, "X starts as 0");
  expect_a({make(kLoadPacketLength)}, 1500, "ld #pktlen");
  expect_a({make(kLoadXPacketLength), make(kTransferXToA)}, 1500, "ldx #pktlen");
  expect_a({make(kLoadConstant, 5), make(kTransferAToX), make(kLoadConstant, 6), make(kAddX)}, 11,
           "tax");
  expect_a(
      {make(kLoadConstant, 5), make(kStoreCell, 15), make(kLoadConstant, 6), make(kLoadCell, 15)},
      5, "st, ld M");
  expect_a({make(kLoadXConstant, 5), make(kStoreXCell, 0), make(kLoadXConstant, 6),
            make(kLoadXCell, 0), make(kTransferXToA)},
           5, "stx, ldx M");
  EXPECT_EQ(run({make(kLoadCell, 3), make(kReturnA)}, Rules::kLibpcap), 0U);
  EXPECT_EQ(run({make(kReturnConstant, 0xffffffffU)}, Rules::kKernel), 0xffffffffU);
}

// Each row of the table runs the arithmetic that it names, with its operand.
TEST(Interpreter, ArithmeticAndBranchesDoWhatTheTableSays) {
  testing::ProgramGenerator generator(testing::test_seed());
  for (int round = 0; round < 20'000; ++round) {
    const std::uint32_t a = generator.one_in(2) ? generator.word() : generator.below(40);
    const std::uint32_t x = generator.one_in(2) ? generator.word() : generator.below(40);
    const std::uint32_t k = 1 + generator.below(31);
    const Rules rules = generator.one_in(2) ? Rules::kKernel : Rules::kLibpcap;
    for (const OperationInfo& row : kOperations) {
      Program program = {make(kLoadConstant, a), make(kLoadXConstant, x),
                         make(row.operation, k, 1, 0)};
      if (const auto parts = arithmetic_parts(row.operation)) {
        program.push_back(make(kReturnA));
        const std::uint32_t right = parts->right == RightOperand::kX ? x : k;
        EXPECT_EQ(run(program, rules), compute(parts->arithmetic, a, right, rules).value_or(0));
      } else if (const auto branch = branch_parts(row.operation)) {
        program.push_back(make(kReturnConstant, 7));
        program.push_back(make(kReturnConstant, 8));
        const std::uint32_t right = branch->right == RightOperand::kX ? x : k;
        EXPECT_EQ(run(program, rules), compare(branch->comparison, a, right) ? 8U : 7U);
      }
    }
  }
}

TEST(Interpreter, ShiftsAndDivision) {
  const Program shift = {make(kLoadConstant, 1), make(kLoadXConstant, 33), make(kShiftLeftX)};
  expect_a(shift, 2, 0, "lsh x, 33");
  expect_a({make(kLoadConstant, 9), make(kDivideX)}, kRejected, "div x, 0");
  expect_a({make(kLoadConstant, 9), make(kModuloX)}, kRejected, "mod x, 0");
  EXPECT_EQ(
      run({make(kLoadConstant, 1), make(kShiftLeftConstant, 32), make(kReturnA)}, Rules::kLibpcap),
      0U);
}

TEST(Interpreter, AncillaryLoads) {
  Ancillary known;
  known.interface_index = 7;
  known.vlan_tag = 100;
  known.vlan_tag_present = true;
  const Packet packet{.captured = kBytes, .ancillary = &known};
  const auto load = [](Operation operation, AncillaryLoad what) {
    return Program{make(kLoadConstant, 5), make(operation, ancillary_offset(what)), make(kReturnA)};
  };
  for (const auto operation : {kLoadByteAbsolute, kLoadHalfAbsolute, kLoadWordAbsolute}) {
    const bool byte = operation == kLoadByteAbsolute;
    EXPECT_EQ(run(load(operation, AncillaryLoad::kInterfaceIndex), Rules::kKernel, packet), 7U);
    EXPECT_EQ(run(load(operation, AncillaryLoad::kInterfaceIndex), Rules::kLibpcap, packet), 0U);
    EXPECT_EQ(run(load(operation, AncillaryLoad::kVlanTag), Rules::kKernel, packet), 100U);
    EXPECT_EQ(run(load(operation, AncillaryLoad::kVlanTag), Rules::kLibpcap, packet),
              byte ? 100U : 0U);
    EXPECT_EQ(run(load(operation, AncillaryLoad::kVlanTagPresent), Rules::kLibpcap, packet),
              byte ? 1U : 0U);
  }
  EXPECT_EQ(run(load(kLoadByteAbsolute, AncillaryLoad::kInterfaceIndex), Rules::kKernel), 5U);
  EXPECT_EQ(run(load(kLoadByteAbsolute, AncillaryLoad::kVlanTag), Rules::kKernel), 0U);
  EXPECT_EQ(run(load(kLoadByteAbsolute, AncillaryLoad::kVlanTag), Rules::kLibpcap), 0U);
  // Not by way of X.
  EXPECT_EQ(run({make(kLoadXConstant, kAncillaryBase), make(kLoadWordIndexed, 8),
                 make(kReturnConstant, 9)},
                Rules::kKernel, packet),
            kRejected);
}

TEST(Interpreter, CountsWhatItExecutes) {
  const auto verified = verify(
      Program{make(kLoadHalfAbsolute, 0), make(kJump, 1), make(kReturnA), make(kReturnConstant, 3)},
      Rules::kKernel);
  ASSERT_TRUE(verified);
  std::uint64_t executed = 10;
  EXPECT_EQ(interpret(*verified, {.captured = kBytes}, &executed), 3U);
  EXPECT_EQ(executed, 13U);
  EXPECT_EQ(interpret(*verified, {}, &executed), kRejected);
  EXPECT_EQ(executed, 14U);
}

TEST(Interpreter, StopsEndlessPrograms) {
  const auto endless = verify(
      Program{make(kAddConstant, 1), make(kJump, 0xfffffffeU), make(kReturnA)}, Rules::kLibpcap);
  ASSERT_TRUE(endless);
  std::uint64_t executed = 0;
  EXPECT_EQ(interpret(*endless, {}, &executed, 1000), kRejected);
  EXPECT_EQ(executed, 1000U);
  executed = 0;
  EXPECT_EQ(interpret(*endless, {}, &executed), kRejected);
  EXPECT_EQ(executed, 1U << 20);
  // Counts to 100 and ends by itself.
  const auto loop = verify(Program{make(kAddConstant, 1), make(kJumpEqualConstant, 100, 1, 0),
                                   make(kJump, 0xfffffffdU), make(kReturnA)},
                           Rules::kLibpcap);
  ASSERT_TRUE(loop);
  EXPECT_EQ(interpret(*loop, {}), 100U);
  // The limit says nothing of programs that only go forward.
  Program straight(3000, make(kJump, 0));
  straight.push_back(make(kReturnConstant, 1));
  EXPECT_EQ(interpret(*verify(straight, Rules::kLibpcap), {}, nullptr, 10), 1U);
}

// Under the sanitizers: whatever verifies, runs, and reads nothing but the packet.
TEST(Interpreter, RunsWhateverVerifies) {
  testing::ProgramGenerator generator(testing::test_seed());
  for (int round = 0; round < 20'000; ++round) {
    const std::uint32_t length = generator.below(70);
    const Rules rules = round % 2 == 0 ? Rules::kKernel : Rules::kLibpcap;
    const VerifiedProgram program = generator.verified(30, length, rules);
    const std::vector<std::uint8_t> bytes = generator.packet(length);
    const Packet packet{.captured = bytes,
                        .wire_length = length + generator.below(3),
                        .network_offset = generator.below(length + 3),
                        .link_offset = generator.below(length + 3)};
    EXPECT_EQ(interpret(program, packet, nullptr, 1000), interpret(program, packet, nullptr, 1000));
  }
}

}  // namespace
}  // namespace bpfc
