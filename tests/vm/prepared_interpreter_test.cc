// The fast interpreter, row by row; the random tests are in tests/judge/engines_random_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "bpfc/interpreter.h"
#include "bpfc/listing.h"
#include "tests/vm/program_generator.h"
#include "vm/ancillary.h"
#include "vm/opcode.h"
#include "vm/packet_load.h"

namespace bpfc {
namespace {

using enum Operation;

constexpr Instruction make(Operation operation, std::uint32_t k = 0, std::uint8_t jt = 0,
                           std::uint8_t jf = 0) {
  return {encode(operation), jt, jf, k};
}

// Whether it is one packet or one of many: interpret()'s verdict, which is returned.
std::uint32_t agreed(const VerifiedProgram& program, const Interpreter& interpreter,
                     const Packet& packet) {
  const std::uint32_t expected = interpret(program, packet);
  EXPECT_EQ(interpreter.run(packet), expected) << to_listing(program.program());
  const PacketView view{packet.captured.data(), static_cast<std::uint32_t>(packet.captured.size()),
                        packet.wire_length};
  const std::uint32_t of_view = interpret(program, to_packet(view));
  EXPECT_EQ(interpreter.run(view), of_view) << to_listing(program.program());
  const std::array<PacketView, 3> views = {view, view, view};
  std::array<std::uint32_t, 4> verdicts{};
  verdicts.back() = 7;
  interpreter.run_batch(views, verdicts);
  EXPECT_EQ(verdicts, (std::array<std::uint32_t, 4>{of_view, of_view, of_view, 7}));
  return expected;
}

std::uint32_t agreed(const VerifiedProgram& program, const Packet& packet) {
  return agreed(program, Interpreter(program), packet);
}

void expect_agreed(const Program& program, const Packet& packet = {}) {
  bool valid = false;
  for (const Rules rules : {Rules::kKernel, Rules::kLibpcap}) {
    if (const auto verified = verify(program, rules)) {
      valid = true;
      agreed(*verified, packet);
    }
  }
  EXPECT_TRUE(valid) << to_listing(program);
}

// Every opcode, with operands at all edges, and what it leaves in A, in X and in a cell.
TEST(PreparedInterpreter, EveryOpcode) {
  constexpr std::uint32_t kOperands[] = {
      0,          1,  2,  3,  4,      5,       8,          15,          29,
      30,         31, 32, 33, 0xffff, 0x10000, 0x7fffffff, 0x80000000U, kAncillaryBase,
      0xffffffffU};
  const std::array<std::uint8_t, 32> bytes = {0x45, 0x11, 0x22, 0xff, 0x80, 0x00, 0x7f, 0xfe,
                                              0x01, 0x02, 0x03, 0x04, 0x08, 0x00, 0x46, 0x00};
  const auto reads_k = [](const OperationInfo& row) {
    return row.format != OperandFormat::kNone && row.format != OperandFormat::kIndexRegister &&
           row.format != OperandFormat::kPacketLength;
  };
  const auto reads_x = [](const OperationInfo& row) {
    return row.format == OperandFormat::kIndexed || row.format == OperandFormat::kIndexRegister;
  };
  for (const OperationInfo& row : kOperations) {
    for (const std::uint32_t k : kOperands) {
      if (k != kOperands[0] && !reads_k(row)) continue;
      for (const std::uint32_t value : kOperands) {
        if (value != kOperands[1] && !reads_x(row)) continue;
        Instruction tested = make(row.operation, k, 1, 0);
        if (row.format == OperandFormat::kCell) tested.k = k & 15U;
        if (row.kind == OperationClass::kJump) tested.k = k & 1U;
        for (const Operation result : {kTransferXToA, kLoadCell}) {
          const Program program = {make(kLoadConstant, 77),
                                   make(kStoreCell, tested.k & 15U),
                                   make(kLoadConstant, 0x80000010U),
                                   make(kLoadXConstant, value),
                                   tested,
                                   make(kReturnA),
                                   make(result, tested.k & 15U),
                                   make(kReturnA)};
          for (const Rules rules : {Rules::kKernel, Rules::kLibpcap}) {
            const auto verified = verify(program, rules);
            if (!verified) continue;
            const Interpreter interpreter(*verified);
            for (const std::size_t captured : {0U, 1U, 4U, 16U, 32U}) {
              agreed(*verified, interpreter,
                     {.captured = std::span(bytes).first(captured),
                      .wire_length = 1500,
                      .network_offset = 2,
                      .link_offset = 1});
            }
          }
        }
      }
      if (::testing::Test::HasFailure()) return;
    }
  }
}

// A load, alone and with what is tested of it, of packets that end around its end.
TEST(PreparedInterpreter, LoadsAtThePacketsEnd) {
  std::array<std::uint8_t, 80> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  for (const Operation load : {kLoadWordAbsolute, kLoadHalfAbsolute, kLoadByteAbsolute,
                               kLoadWordIndexed, kLoadHalfIndexed, kLoadByteIndexed}) {
    for (const std::uint32_t offset : {0U, 1U, 14U, 31U}) {
      for (std::size_t captured = 0; captured < bytes.size(); ++captured) {
        const Packet packet{.captured = std::span(bytes).first(captured), .wire_length = 80};
        expect_agreed({make(kLoadXHeaderLength, 2), make(load, offset), make(kReturnA)}, packet);
        // Accepts what is too short to be asked.
        expect_agreed({make(kLoadByteAbsolute, 0), make(kJumpEqualConstant, 9, 0, 1),
                       make(kReturnConstant, 5), make(kLoadXHeaderLength, 2), make(load, offset),
                       make(kJumpGreaterConstant, 100, 1, 0), make(kReturnConstant, 6),
                       make(kReturnConstant, 0)},
                      packet);
      }
    }
  }
}

TEST(PreparedInterpreter, IndexedLoadsThatWrap) {
  const std::array<std::uint8_t, 8> bytes = {1, 2, 3, 4, 5, 6, 7, 8};
  for (const std::uint32_t x : {0U, 1U, 7U, 8U, 0x7fffffffU, 0x80000000U, 0xfffffff8U, ~0U}) {
    for (const std::uint32_t k :
         {0U, 1U, 2U, 7U, 9U, 0x7fffffffU, 0x80000000U, kLinkBase, kNetworkBase, ~0U}) {
      for (const Operation load : {kLoadWordIndexed, kLoadHalfIndexed, kLoadByteIndexed}) {
        expect_agreed({make(kLoadXConstant, x), make(load, k), make(kReturnA)},
                      {.captured = bytes, .wire_length = 9, .network_offset = 3});
        expect_agreed(
            {make(kLoadXConstant, x), make(load, k), make(kJumpGreaterConstant, 0x300, 0, 1),
             make(kReturnConstant, 1), make(kReturnConstant, 2)},
            {.captured = bytes, .wire_length = 9, .link_offset = 2});
      }
    }
  }
}

TEST(PreparedInterpreter, AncillaryLoads) {
  const std::array<std::uint8_t, 8> bytes = {1, 2, 3, 4, 5, 6, 7, 8};
  Ancillary known;
  known.protocol = 0x0800;
  known.mark = 77;
  known.vlan_tag = 5;
  known.vlan_tag_present = true;
  known.random = 3;
  Ancillary device = known;
  device.interface_index = 4;
  device.hardware_type = 1;
  for (const AncillaryInfo& row : kAncillaryLoads) {
    for (const Operation load : {kLoadWordAbsolute, kLoadHalfAbsolute, kLoadByteAbsolute}) {
      for (const Ancillary* ancillary : std::array<const Ancillary*, 3>{&known, &device, nullptr}) {
        const Packet packet{.captured = bytes, .wire_length = 8, .ancillary = ancillary};
        const std::uint32_t k = ancillary_offset(row.load);
        expect_agreed(
            {make(kLoadConstant, 6), make(kLoadXConstant, 2), make(load, k), make(kReturnA)},
            packet);
        // Short packets get as far as that, and may be accepted there.
        expect_agreed(
            {make(kLoadConstant, 6), make(load, k), make(kJumpEqualConstant, 5, 0, 2),
             make(kLoadByteAbsolute, 30), make(kReturnConstant, 1), make(kReturnConstant, 0)},
            packet);
      }
    }
  }
}

TEST(PreparedInterpreter, StopsLoops) {
  // Counts to a million and more, and is stopped before; and to a thousand, and is not.
  for (const std::uint32_t rounds : {1000U, 1U << 17U, 1U << 20U}) {
    const Program program = {make(kLoadXConstant, 1), make(kAddX),
                             make(kJumpEqualConstant, rounds, 1, 0), make(kJump, ~0U - 2),
                             make(kReturnConstant, 9)};
    const auto verified = verify(program, Rules::kLibpcap);
    ASSERT_TRUE(verified);
    EXPECT_EQ(agreed(*verified, {}), rounds < 1U << 18U ? 9U : 0U);
  }
  // Compares with X.
  agreed(*verify(Program{make(kLoadXConstant, 7), make(kAddConstant, 1), make(kJumpEqualX, 0, 1, 0),
                         make(kJump, ~0U - 2), make(kReturnA)},
                 Rules::kLibpcap),
         {});
  // The step limit to the instruction: one more before the loop, and it ends one round earlier.
  for (std::size_t before = 0; before < 8; ++before) {
    for (const std::uint32_t rounds : {349'523U, 349'524U, 349'525U, 349'526U, 349'527U}) {
      Program program(before, make(kLoadConstant, 0));
      program.push_back(make(kAddConstant, 1));
      program.push_back(make(kJumpEqualConstant, rounds, 1, 0));
      program.push_back(make(kJump, ~0U - 2));
      program.push_back(make(kReturnA));
      agreed(*verify(program, Rules::kLibpcap), {});
    }
  }
}

// Cells that were not written are 0, for each packet of a batch anew.
TEST(PreparedInterpreter, CellsStartAsZero) {
  const Program program = {make(kLoadCell, 3), make(kAddConstant, 5), make(kStoreCell, 3),
                           make(kReturnA)};
  EXPECT_EQ(agreed(*verify(program, Rules::kLibpcap), {}), 5U);
}

TEST(PreparedInterpreter, FarOffsets) {
  std::vector<std::uint8_t> bytes(70'000, 3);
  for (const std::uint32_t k : {65'533U, 65'534U, 65'535U, 65'536U, 69'998U, 69'999U}) {
    for (const Operation load : {kLoadHalfAbsolute, kLoadHalfIndexed}) {
      for (const std::size_t captured : {65'535U, 65'536U, 65'537U, 65'538U, 70'000U}) {
        expect_agreed({make(load, k), make(kJumpEqualConstant, 0x303, 1, 0), make(load, k + 2),
                       make(kJumpEqualConstant, 0x303, 0, 1), make(kReturnConstant, 1),
                       make(kReturnConstant, 0)},
                      {.captured = std::span(bytes).first(captured), .wire_length = 70'000});
      }
    }
  }
}

// A chain, a search and neither of many values, and all their neighbours.
TEST(PreparedInterpreter, Sets) {
  for (const std::size_t count : {2U, 3U, 8U, 9U, 60U, 120U}) {
    for (const std::uint32_t distance : {1U, 2U, 7U, 0x01234567U}) {
      Program program = {make(kLoadWordAbsolute, 0)};
      for (std::size_t i = 0; i < count; ++i) {
        const auto to_end = static_cast<std::uint8_t>(count - i);
        program.push_back(
            make(kJumpEqualConstant, static_cast<std::uint32_t>(i) * distance, to_end, 0));
      }
      program.push_back(make(kReturnA));
      program.push_back(make(kReturnConstant, 0x77));
      const auto verified = verify(program, Rules::kKernel);
      ASSERT_TRUE(verified);
      for (std::uint32_t i = 0; i < count + 1; ++i) {
        for (const std::uint32_t value : {i * distance - 1, i * distance, i * distance + 1}) {
          const std::array<std::uint8_t, 4> bytes = {
              static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
              static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
          agreed(*verified, {.captured = bytes, .wire_length = 4});
        }
      }
    }
  }
}

TEST(PreparedInterpreter, MovesAndRunsNothing) {
  const auto accept = *verify(Program{make(kReturnConstant, 1)}, Rules::kKernel);
  const auto reject = *verify(Program{make(kReturnConstant, 0)}, Rules::kKernel);
  Interpreter first(accept);
  Interpreter second(std::move(first));
  EXPECT_EQ(second.run(PacketView{}), 1U);
  first = Interpreter(reject);
  EXPECT_EQ(first.run(PacketView{}), 0U);
  first = std::move(second);
  EXPECT_EQ(first.run(Packet{}), 1U);
  first.run_batch({}, {});
}

// Larger than the kernel takes, in time that is not quadratic.
TEST(PreparedInterpreter, LongPrograms) {
  constexpr std::size_t kLoads = 20'000;
  Program program;
  for (std::size_t i = 0; i < kLoads; ++i) {
    program.push_back(make(kLoadByteAbsolute, static_cast<std::uint32_t>(i % 8)));
    program.push_back(make(kJumpEqualConstant, static_cast<std::uint32_t>(i % 7) + 100, 0, 1));
    program.push_back(make(kJump, static_cast<std::uint32_t>(3 * (kLoads - i) - 2)));
  }
  program.push_back(make(kReturnConstant, 1));
  program.push_back(make(kReturnConstant, 2));
  Program chain = {make(kLoadWordAbsolute, 0)};
  for (std::size_t i = 0; i < kLoads; ++i) {
    chain.push_back(make(kJumpEqualConstant, static_cast<std::uint32_t>(i * i), 0, 1));
    chain.push_back(make(kJump, static_cast<std::uint32_t>(2 * (kLoads - i) - 1)));
  }
  chain.push_back(make(kReturnConstant, 1));
  chain.push_back(make(kReturnConstant, 2));
  const std::array<std::uint8_t, 8> bytes = {0, 0, 0, 9, 5, 6, 7, 8};
  const std::array<std::uint8_t, 8> others = {0, 0, 0, 8, 5, 6, 7, 102};
  for (const Program& one : {program, chain}) {
    const auto verified = verify(one, Rules::kLibpcap);
    ASSERT_TRUE(verified) << verified.error().message;
    const Interpreter interpreter(*verified);
    for (const auto& captured : {bytes, others}) {
      const Packet packet{.captured = captured, .wire_length = 8};
      EXPECT_EQ(interpreter.run(packet), interpret(*verified, packet));
    }
  }
}

}  // namespace
}  // namespace bpfc
