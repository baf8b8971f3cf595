// interpret() under Rules::kKernel against the filter that the kernel runs. What a filter returns
// is visible as min(return value, length of the datagram), so that programs which return A are also
// run with its bytes singled out.
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>

#include "bpfc/interpreter.h"
#include "bpfc/listing.h"
#include "judge/datagram_pair.h"
#include "judge/kernel_judge.h"
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

class KernelVerdict : public ::testing::Test {
 protected:
  void SetUp() override {
    auto pair = judge::DatagramPair::make();
    if (!pair) GTEST_SKIP() << pair.error();
    kernel_.emplace(*std::move(pair));
    const auto processor = judge::stay_on_processor();
    if (!processor) GTEST_SKIP() << "the thread cannot be kept on one processor";
    known_.cpu = *processor;
  }

  // Attaches; false (a failure) where verify() or the kernel refuses.
  bool attach(const Program& program) {
    auto verified = verify(program, Rules::kKernel);
    EXPECT_TRUE(verified.has_value()) << (verified ? "" : verified.error().message);
    if (!verified) return false;
    const auto attached = kernel_->attach(*verified);
    EXPECT_TRUE(attached) << attached.error().message << '\n' << to_listing(program);
    if (HasFailure()) return false;
    verified_.emplace(*std::move(verified));
    return true;
  }

  // On AF_UNIX the network header is where the packet starts, and there is no link-layer header.
  void compare(std::span<const std::uint8_t> bytes) {
    const Packet packet{.captured = bytes,
                        .wire_length = static_cast<std::uint32_t>(bytes.size()),
                        .network_offset = 0,
                        .link_offset = 0xffffffffU,
                        .ancillary = &known_};
    const auto judged = kernel_->verdict(bytes);
    ASSERT_TRUE(judged.has_value());
    ++compared_;
    ASSERT_EQ(std::min<std::uint64_t>(interpret(*verified_, packet), bytes.size()), *judged)
        << "of " << bytes.size() << " bytes\n"
        << to_listing(verified_->program()) << to_c_array(verified_->program())
        << ::testing::PrintToString(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
  }

  // The program, then `ret a`, with every byte of A.
  void compare_a(const Program& body, std::span<const std::uint8_t> bytes) {
    for (const std::uint32_t shift : {0U, 8U, 16U, 24U}) {
      Program program = body;
      program.insert(program.end(),
                     {make(kShiftRightConstant, shift), make(kAndConstant, 0xff), make(kReturnA)});
      if (attach(program)) compare(bytes);
      if (HasFailure()) return;
    }
  }

  std::optional<judge::DatagramPair> kernel_;
  Ancillary known_;
  std::optional<VerifiedProgram> verified_;
  std::uint64_t compared_ = 0;
};

constexpr std::uint32_t kEdges[] = {0,  1,  2,  7,          31,          32,          33,
                                    63, 64, 65, 0x7fffffff, 0x80000000U, 0xfffffffeU, 0xffffffffU};

std::vector<std::uint8_t> counting_packet(std::size_t length) {
  std::vector<std::uint8_t> bytes(length);
  for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 + 129);
  return bytes;
}

TEST_F(KernelVerdict, ArithmeticAtItsEdges) {
  const auto bytes = counting_packet(256);
  for (const OperationInfo& row : kOperations) {
    const auto parts = arithmetic_parts(row.operation);
    if (!parts) continue;
    for (const std::uint32_t a : kEdges) {
      for (const std::uint32_t right : kEdges) {
        const bool by_x = parts->right == RightOperand::kX;
        const Program body = {make(kLoadConstant, a), make(kLoadXConstant, by_x ? right : 5),
                              make(row.operation, by_x ? 0 : right)};
        Program whole = body;
        whole.push_back(make(kReturnA));
        if (verify(whole, Rules::kKernel)) compare_a(body, bytes);
        if (HasFatalFailure() || HasFailure()) return;
      }
    }
  }
}

TEST_F(KernelVerdict, ComparisonsAtTheirEdges) {
  const auto bytes = counting_packet(4);
  for (const OperationInfo& row : kOperations) {
    const auto parts = branch_parts(row.operation);
    if (!parts) continue;
    for (const std::uint32_t a : kEdges) {
      for (const std::uint32_t right : kEdges) {
        const bool by_x = parts->right == RightOperand::kX;
        if (!attach({make(kLoadConstant, a), make(kLoadXConstant, by_x ? right : 5),
                     make(row.operation, by_x ? 0 : right, 1, 0), make(kReturnConstant, 1),
                     make(kReturnConstant, 2)})) {
          return;
        }
        compare(bytes);
        if (HasFailure()) return;
      }
    }
  }
}

TEST_F(KernelVerdict, LoadsAtTheirEdges) {
  constexpr std::uint32_t kLength = 256;
  const auto bytes = counting_packet(kLength);
  const std::uint32_t offsets[] = {0,
                                   1,
                                   2,
                                   3,
                                   kLength - 5,
                                   kLength - 4,
                                   kLength - 3,
                                   kLength - 2,
                                   kLength - 1,
                                   kLength,
                                   kLength + 1,
                                   0xffff,
                                   0x7fff,
                                   0x8000,
                                   0x7fffffff,
                                   0x80000000U,
                                   kLinkBase - 1,
                                   kLinkBase,
                                   kLinkBase + 1,
                                   kNetworkBase - 1,
                                   kNetworkBase,
                                   kNetworkBase + 1,
                                   kNetworkBase + kLength - 4,
                                   kNetworkBase + kLength - 3,
                                   kNetworkBase + kLength - 1,
                                   kNetworkBase + kLength,
                                   kAncillaryBase - 1,
                                   kAncillaryBase,
                                   kAncillaryBase + 4,
                                   0xfffffffeU,
                                   0xffffffffU};
  for (const std::uint32_t k : offsets) {
    for (const auto load : {kLoadWordAbsolute, kLoadHalfAbsolute, kLoadByteAbsolute}) {
      if (k >= kAncillaryBase && !find_ancillary(k)) continue;
      compare_a({make(kLoadConstant, 0x12345678), make(load, k)}, bytes);
    }
    compare_a({make(kLoadConstant, 0x12345678), make(kLoadXHeaderLength, k)}, bytes);
    compare_a({make(kLoadXHeaderLength, k), make(kTransferXToA)}, bytes);
    for (const std::uint32_t x : {0U, 1U, 4U, 255U, 0x7fffffffU, 0x80000000U, 0xfffffffcU,
                                  0xffffffffU, 0U - k, 256U - k, 255U - k, 252U - k}) {
      for (const auto load : {kLoadWordIndexed, kLoadHalfIndexed, kLoadByteIndexed}) {
        compare_a({make(kLoadXConstant, x), make(load, k)}, bytes);
        if (HasFailure()) return;
      }
    }
  }
}

TEST_F(KernelVerdict, ValuesAndCells) {
  const auto bytes = counting_packet(300);
  compare_a({make(kLoadPacketLength)}, bytes);
  compare_a({make(kLoadXPacketLength), make(kTransferXToA)}, bytes);
  compare_a({make(kLoadConstant, 0xdeadbeef), make(kStoreCell, 15), make(kLoadConstant, 1),
             make(kLoadCell, 15)},
            bytes);
  compare_a({make(kLoadXConstant, 0xdeadbeef), make(kStoreXCell, 0), make(kLoadXConstant, 1),
             make(kLoadXCell, 0), make(kTransferXToA)},
            bytes);
  compare_a(
      {make(kLoadConstant, 0xdeadbeef), make(kTransferAToX), make(kLoadConstant, 1), make(kAddX)},
      bytes);
  compare_a({}, bytes);
  compare_a({make(kTransferXToA)}, bytes);
  for (const std::uint32_t kept : {0U, 1U, 299U, 300U, 301U, 0xffffffffU}) {
    if (attach({make(kReturnConstant, kept)})) compare(bytes);
  }
  if (attach({make(kJump, 1), make(kReturnConstant, 1), make(kReturnConstant, 2)})) compare(bytes);
}

TEST_F(KernelVerdict, AncillaryLoads) {
  const auto bytes = counting_packet(300);
  for (const AncillaryInfo& row : kAncillaryLoads) {
    if (row.load == AncillaryLoad::kRandom) continue;
    for (const auto load : {kLoadWordAbsolute, kLoadHalfAbsolute, kLoadByteAbsolute}) {
      SCOPED_TRACE(row.name);
      compare_a({make(kLoadConstant, 77), make(kLoadXConstant, 0x01020304),
                 make(load, ancillary_offset(row.load))},
                bytes);
    }
  }
}

// Lists of attributes, some of them damaged.
TEST_F(KernelVerdict, NetlinkAttributes) {
  testing::ProgramGenerator generator(testing::test_seed());
  for (int round = 0; round < 3000 && !HasFailure(); ++round) {
    std::vector<std::uint8_t> bytes = generator.packet(64);
    std::size_t at = 0;
    while (at + 4 < bytes.size()) {
      const std::uint32_t length =
          generator.one_in(10) ? generator.below(70) : 4 + generator.below(13);
      bytes[at] = static_cast<std::uint8_t>(length);
      bytes[at + 1] = 0;
      bytes[at + 2] = static_cast<std::uint8_t>(generator.below(4));
      bytes[at + 3] = generator.one_in(8) ? 0x80 : 0;
      // Half of the lists nest.
      at += round % 2 == 0 ? 4 : ((length + 3) & ~3U) + (length < 4 ? 4 : 0);
    }
    for (const auto load :
         {AncillaryLoad::kNetlinkAttribute, AncillaryLoad::kNestedNetlinkAttribute}) {
      const std::uint32_t type = generator.one_in(12) ? generator.word() : generator.below(4);
      const std::uint32_t start =
          generator.one_in(12) ? generator.word() : generator.below(17) * (round % 3 == 0 ? 1 : 4);
      if (!attach({make(kLoadConstant, start), make(kLoadXConstant, type),
                   make(kLoadWordAbsolute, ancillary_offset(load)), make(kAddConstant, 1),
                   make(kReturnA)})) {
        return;
      }
      compare(bytes);
      compare(std::span(bytes).first(1 + generator.below(63)));
    }
  }
}

bool uses_random(const Program& program) {
  for (const Instruction& instruction : program) {
    const auto operation = decode(instruction.code);
    if (operation && info(*operation).format == OperandFormat::kAbsolute &&
        instruction.k == ancillary_offset(AncillaryLoad::kRandom)) {
      return true;
    }
  }
  return false;
}

TEST_F(KernelVerdict, GeneratedProgramsAndPackets) {
  constexpr std::uint64_t kVerdicts = 240'000;
  constexpr auto kTimeLimit = std::chrono::seconds(60);
  testing::ProgramGenerator generator(testing::test_seed());
  std::uint64_t accepting = 0;
  const auto start = std::chrono::steady_clock::now();
  while (compared_ < kVerdicts && std::chrono::steady_clock::now() - start < kTimeLimit) {
    const std::uint32_t length = 1 + generator.below(generator.one_in(3) ? 300 : 40);
    Program program = generator.verified(24, length, Rules::kKernel).program();
    if (uses_random(program)) continue;
    if (program.back().code == encode(kReturnA) && generator.one_in(2)) {
      program.pop_back();
      program.insert(program.end(), {make(kShiftRightConstant, generator.below(4) * 8),
                                     make(kAndConstant, 0xff), make(kReturnA)});
      // Jumps to the former end now end in the tail, which is as good.
    }
    if (!attach(program)) return;
    for (int i = 0; i < 8; ++i) {
      const auto bytes =
          generator.packet(generator.one_in(3) ? 1 + generator.below(length + 3) : length);
      compare(bytes);
      if (HasFailure()) return;
      accepting += interpret(*verified_, {.captured = bytes, .ancillary = &known_}) != 0 ? 1 : 0;
    }
  }
  std::cout << compared_ << " verdicts compared, about " << accepting << " of them not 0\n";
  EXPECT_GE(compared_, kVerdicts) << "the time was up";
  EXPECT_GT(accepting, compared_ / 5);
}

}  // namespace
}  // namespace bpfc
