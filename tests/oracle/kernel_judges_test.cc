// Generated programs on generated packets, in the interpreter and in the kernel.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "judge/packet_judge.h"
#include "tests/oracle/kernel_comparison.h"
#include "tests/vm/program_generator.h"
#include "vm/opcode.h"

namespace bpfc::oracle {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kTimeForGenerated = std::chrono::seconds(8);
constexpr std::size_t kGeneratedPrograms = 40'000;
constexpr std::size_t kDeepPrograms = 1'000;
constexpr std::size_t kFramesInABatch = 32;

class KernelJudges : public KernelComparison {
 protected:
  // Addressed to the receiving interface or to others; with the headers that the kernel looks into.
  std::vector<std::uint8_t> frame(testing::ProgramGenerator& generator, std::size_t length) const {
    std::vector<std::uint8_t> bytes = generator.packet(length);
    if (length < kEthernetHeader) return bytes;
    const auto* packet_judge = dynamic_cast<const judge::PacketJudge*>(&judge());
    switch (generator.below(4)) {
      case 0:
        std::fill_n(bytes.begin(), 6, std::uint8_t{0xff});
        break;
      case 1:
        if (packet_judge == nullptr) break;
        std::copy_n(packet_judge->interfaces().far.address.begin(), 6, bytes.begin());
        break;
      default:
        break;
    }
    constexpr std::array<std::uint16_t, 8> kTypes{0x0800, 0x86dd, 0x8100, 0x88a8,
                                                  0x9100, 0x0806, 0x8847, 0x0030};
    for (std::size_t at = 12; at + 2 <= length && at <= 20; at += 4) {
      if (generator.one_in(6)) continue;
      const std::uint16_t type = kTypes[generator.below(kTypes.size())];
      bytes[at] = static_cast<std::uint8_t>(type >> 8U);
      bytes[at + 1] = static_cast<std::uint8_t>(type & 0xffU);
      if (type == 0x0800 && at + 3 <= length) bytes[at + 2] = 0x45;
      if (type == 0x86dd && at + 3 <= length) bytes[at + 2] = 0x60;
    }
    return bytes;
  }
};

TEST_P(KernelJudges, AgreeOnGeneratedPrograms) {
  testing::ProgramGenerator generator(testing::test_seed());
  const auto limit = Clock::now() + kTimeForGenerated;
  while (programs() < kGeneratedPrograms && Clock::now() < limit) {
    const std::uint32_t longest = generator.one_in(4) ? 1000 : 60;
    const std::uint32_t length = kEthernetHeader + generator.below(longest);
    std::vector<VerifiedProgram> batch;
    while (batch.size() < judge().most_programs()) {
      auto program = generator.verified(24, length, Rules::kKernel);
      if (judge::is_deterministic(program)) batch.push_back(std::move(program));
    }
    Frames frames;
    while (frames.size() < kFramesInABatch) {
      const std::uint32_t other = kEthernetHeader + generator.below(length);
      frames.push_back(frame(generator, generator.one_in(3) ? other : length));
    }
    ASSERT_NO_FATAL_FAILURE(compare(batch, frames));
  }
  report("generated programs");
  EXPECT_GT(verdicts(), 1000U);
}

// Up to as long as programs may be, with jumps of any length.
VerifiedProgram deep_program(testing::ProgramGenerator& generator, std::uint32_t length) {
  constexpr std::uint32_t kNearest = 60;
  Program program;
  while (program.size() + 1 < length) {
    const auto left = length - static_cast<std::uint32_t>(program.size()) - 1;
    const auto near = static_cast<std::uint8_t>(generator.below(std::min(left, 256U)));
    const auto other = static_cast<std::uint8_t>(generator.below(std::min(left, 256U)));
    switch (generator.below(8)) {
      case 0:
        program.push_back({encode(Operation::kJump), 0, 0, generator.below(left)});
        break;
      case 1:
        program.push_back(
            {encode(Operation::kJumpGreaterConstant), near, other, generator.word() >> 8U});
        break;
      case 2:
        program.push_back({encode(Operation::kJumpAnyBitX), near, other, 0});
        break;
      case 3:
        program.push_back({encode(Operation::kLoadWordAbsolute), 0, 0, generator.below(kNearest)});
        break;
      case 4:
        program.push_back({encode(Operation::kTransferAToX), 0, 0, 0});
        break;
      case 5:
        program.push_back({encode(Operation::kShiftRightConstant), 0, 0, generator.below(32)});
        break;
      default:
        program.push_back({encode(Operation::kXorConstant), 0, 0, generator.word()});
        break;
    }
  }
  program.push_back({encode(Operation::kReturnA), 0, 0, 0});
  return *verify(program, Rules::kKernel);
}

TEST_P(KernelJudges, AgreeOnDeepJumps) {
  testing::ProgramGenerator generator(testing::test_seed());
  const auto limit = Clock::now() + kTimeForGenerated;
  while (programs() < kDeepPrograms && Clock::now() < limit) {
    std::vector<VerifiedProgram> batch;
    while (batch.size() < judge().most_programs()) {
      constexpr std::array<std::uint32_t, 5> kLengths{257, 258, 700, 2000, kKernelMaxInstructions};
      batch.push_back(deep_program(generator, kLengths[batch.size() % kLengths.size()]));
    }
    Frames frames;
    while (frames.size() < kFramesInABatch) frames.push_back(frame(generator, 70));
    ASSERT_NO_FATAL_FAILURE(compare(batch, frames));
  }
  report("deep jumps");
  EXPECT_GT(verdicts(), 1000U);
}

INSTANTIATE_TEST_SUITE_P(Judges, KernelJudges,
                         ::testing::Values(unix_judge_case(), packet_judge_case()),
                         [](const auto& judge_case) { return judge_case.param.name; });

}  // namespace
}  // namespace bpfc::oracle
