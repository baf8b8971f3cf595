// How large the kernel makes a filter, and what is said when that is too large; in a network
// namespace whose limit the test sets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iostream>

#include "bpfc/attach.h"
#include "bpfc/compile.h"
#include "bpfc/listing.h"
#include "capture/kernel_conversion.h"
#include "judge/attach_pace.h"
#include "judge/network_namespace.h"
#include "tests/vm/program_generator.h"
#include "vm/ancillary.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

using ::testing::HasSubstr;
using enum Operation;

constexpr std::size_t kAmple = 4'000'000;
// struct bpf_prog before its instructions differs between kernels, by no more than this.
constexpr std::size_t kHeaderDifference = 32;

constexpr Instruction make(Operation operation, std::uint32_t k = 0, std::uint8_t jt = 0,
                           std::uint8_t jf = 0) {
  return {encode(operation), jt, jf, k};
}

VerifiedProgram verified(const Program& program) {
  auto made = verify(program, Rules::kKernel);
  EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
  return *std::move(made);
}

// `body` many times, then `ret #1`.
VerifiedProgram repeated(const Program& body, std::size_t times) {
  Program program;
  for (std::size_t i = 0; i < times; ++i) program.insert(program.end(), body.begin(), body.end());
  program.push_back(make(kReturnConstant, 1));
  return verified(program);
}

class FilterCharge : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    why_not = judge::enter_network_namespace();
    if (why_not.empty()) why_not = judge::set_option_memory(kAmple);
  }
  void SetUp() override {
    if (!why_not.empty()) GTEST_SKIP() << why_not;
    ASSERT_EQ(judge::set_option_memory(kAmple), "");
    socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ASSERT_GE(socket_, 0);
  }
  void TearDown() override {
    if (socket_ >= 0) close(socket_);
  }

  // What the kernel says that it has charged.
  std::size_t charged() const {
    std::array<std::uint32_t, SK_MEMINFO_VARS> usage{};
    socklen_t size = sizeof usage;
    EXPECT_EQ(getsockopt(socket_, SOL_SOCKET, SO_MEMINFO, usage.data(), &size), 0);
    return usage[SK_MEMINFO_OPTMEM];
  }

  Expected<void, SocketError> attach(const VerifiedProgram& program) {
    auto attached = attach_filter(socket_, program);
    if (attached) pace_.attached();
    return attached;
  }

  void compare(const VerifiedProgram& program) {
    const auto attached = attach(program);
    ASSERT_TRUE(attached) << attached.error().message << "\n" << to_listing(program.program());
    const std::size_t truth = charged();
    const std::size_t estimate = filter_charge(program);
    const std::size_t apart = truth > estimate ? truth - estimate : estimate - truth;
    ASSERT_LE(apart, truth / 20 + kHeaderDifference) << to_listing(program.program());
    ++compared_;
    exact_ += apart == 0 ? 1 : 0;
    if (apart > worst_) worst_ = apart;
  }

  void report(const char* what) const {
    std::cout << what << ": " << compared_ << " programs, " << exact_
              << " estimates exact, the worst " << worst_ << " bytes off\n";
  }

  static inline std::string why_not;
  int socket_ = -1;
  judge::AttachPace pace_;
  std::size_t compared_ = 0;
  std::size_t exact_ = 0;
  std::size_t worst_ = 0;
};

TEST_F(FilterCharge, IsWithinFivePercentOfEveryInstruction) {
  for (const OperationInfo& row : kOperations) {
    for (const std::uint32_t k :
         {0U, 1U, 15U, 0x7fffU, 0x8000U, 0x7fffffffU, 0x80000000U, 0xfff00000U, 0xffffffffU}) {
      for (const auto& [jt, jf] : {std::pair<int, int>{0, 0}, {1, 0}, {0, 1}, {1, 1}, {1, 2}}) {
        const bool branches = row.kind == OperationClass::kBranch;
        if (!branches && jt + jf > 0) continue;
        const Instruction instruction{row.code, static_cast<std::uint8_t>(jt),
                                      static_cast<std::uint8_t>(jf), k};
        Program program(2, make(kStoreCell, k <= 15 ? k : 0));
        program.insert(program.end(), 200, instruction);
        program.insert(program.end(), 4, make(kReturnConstant, 1));
        const auto checked = verify(program, Rules::kKernel);
        if (!checked) continue;
        ASSERT_NO_FATAL_FAILURE(compare(*checked)) << row.mnemonic << " " << k;
      }
    }
  }
  for (const AncillaryInfo& row : kAncillaryLoads) {
    ASSERT_NO_FATAL_FAILURE(
        compare(repeated({make(kLoadWordAbsolute, ancillary_offset(row.load))}, 200)))
        << row.name;
  }
  report("single instructions");
  EXPECT_GT(compared_, 200U);
}

TEST_F(FilterCharge, IsWithinFivePercentOfGeneratedPrograms) {
  testing::ProgramGenerator generator(testing::test_seed());
  for (int i = 0; i < 10'000; ++i) {
    const std::size_t length = i % 20 == 0 ? 1000 : i % 4 == 0 ? 100 : 20;
    ASSERT_NO_FATAL_FAILURE(compare(generator.verified(length, 60, Rules::kKernel)));
  }
  report("generated programs");
}

TEST_F(FilterCharge, IsWithinFivePercentOfRealFilters) {
  std::ifstream list(BPFC_SOURCE_DIR "/tests/data/expressions.txt");
  const std::string prefix = "EN10MB\t";
  for (std::string line; std::getline(list, line);) {
    if (!line.starts_with(prefix)) continue;
    for (const Optimization level : {Optimization::kNone, Optimization::kDefault}) {
      CompileOptions options;
      options.target = Target::kLiveLinux;
      options.optimization = level;
      const auto compiled = compile(line.substr(prefix.size()), options);
      if (!compiled) continue;  // names, which nobody resolves here
      const auto program = verify(compiled->program, Rules::kKernel);
      ASSERT_TRUE(program.has_value()) << line;
      ASSERT_NO_FATAL_FAILURE(compare(*program)) << line;
    }
  }
  report("real filters");
  EXPECT_GT(compared_, 500U);
}

// The least limit under which a program can be attached to a socket without a filter.
TEST_F(FilterCharge, IsWhatTheLimitIsComparedWith) {
  testing::ProgramGenerator generator(testing::test_seed());
  for (int i = 0; i < 60; ++i) {
    const VerifiedProgram program = generator.verified(i < 40 ? 40 : 1500, 60, Rules::kKernel);
    const std::size_t estimate = filter_charge(program);
    std::size_t refused = 0;
    std::size_t sufficient = kAmple;
    while (sufficient - refused > 1) {
      const std::size_t limit = (refused + sufficient) / 2;
      ASSERT_EQ(judge::set_option_memory(limit), "");
      const auto attached = attach(program);
      if (attached) {
        sufficient = limit;
        ASSERT_TRUE(detach_filter(socket_));
      } else {
        ASSERT_EQ(attached.error().kind, SocketErrorKind::kNoMemory) << attached.error().message;
        refused = limit;
      }
    }
    const std::size_t apart =
        sufficient > estimate + 1 ? sufficient - estimate - 1 : estimate + 1 - sufficient;
    ASSERT_LE(apart, sufficient / 20 + kHeaderDifference) << to_listing(program.program());
  }
}

TEST_F(FilterCharge, SaysWhatWouldDo) {
  const VerifiedProgram program = repeated({make(kLoadWordAbsolute, 12)}, 1000);
  ASSERT_EQ(judge::set_option_memory(20'480), "");
  ASSERT_TRUE(attach(verified({make(kReturnConstant, 1)})));
  const auto attached = attach(program);
  ASSERT_FALSE(attached);
  EXPECT_EQ(attached.error().kind, SocketErrorKind::kNoMemory);
  EXPECT_EQ(attached.error().system_error, ENOMEM);
  const std::string& message = attached.error().message;
  EXPECT_THAT(message, HasSubstr("the filter of 1001 instructions needs about " +
                                 std::to_string(filter_charge(program)) + " bytes"));
  EXPECT_THAT(message, HasSubstr("that the socket holds already"));
  EXPECT_THAT(message, HasSubstr("net.core.optmem_max allows 20480: run `sudo sysctl "));
  // The former filter stays, and the value in the message is enough.
  EXPECT_EQ(attached_filter(socket_)->size(), 1U);
  const std::string assignment = "net.core.optmem_max=";
  const std::size_t wanted =
      std::stoul(message.substr(message.find(assignment) + assignment.size()));
  ASSERT_EQ(judge::set_option_memory(wanted), "");
  EXPECT_TRUE(attach(program));
}

// A jump over `filling` and over single instructions, so that its length is met exactly; and then
// perhaps one behind them all.
VerifiedProgram jump_over(Instruction jump, std::size_t filling, std::size_t single,
                          bool jump_behind) {
  Program program(filling, make(kLoadWordAbsolute, 12));
  program.insert(program.end(), single, make(kTransferAToX));
  jump.k = jump.code == encode(kJump) ? static_cast<std::uint32_t>(program.size()) : jump.k;
  program.insert(program.begin(), jump);
  if (jump.code != encode(kJump)) {
    program.insert(program.begin() + 1,
                   make(kJump, static_cast<std::uint32_t>(program.size() - 1)));
  }
  if (jump_behind) program.push_back(make(kJump, 0));
  program.push_back(make(kReturnConstant, 1));
  return verified(program);
}

TEST_F(FilterCharge, KnowsHowFarTheKernelJumps) {
  std::size_t refused = 0;
  std::size_t accepted = 0;
  for (const Instruction jump :
       {make(kJump), make(kJumpEqualConstant, 1, 0, 1), make(kJumpAnyBitConstant, 1, 0, 1),
        make(kJumpEqualConstant, 0xffffffffU, 1, 0), make(kJumpGreaterX, 0, 1, 1)}) {
    for (const bool jump_behind : {false, true}) {
      for (std::size_t single = 0; single < 40; ++single) {
        const VerifiedProgram program = jump_over(jump, 2338, single, jump_behind);
        const auto attached = attach(program);
        ASSERT_EQ(capture::kernel_conversion(program).far_jump.has_value(), !attached) << single;
        accepted += attached ? 1 : 0;
        if (attached) continue;
        ++refused;
        EXPECT_EQ(attached.error().kind, SocketErrorKind::kRefused);
        EXPECT_EQ(attached.error().system_error, EINVAL);
        EXPECT_THAT(attached.error().message,
                    HasSubstr("cannot convert the filter: in its extended form the jump at ("));
      }
    }
  }
  std::cout << "far jumps: " << accepted << " accepted, " << refused << " refused\n";
  EXPECT_GT(refused, 0U);
  EXPECT_GT(accepted, 0U);
}

// Mostly loads, with jumps of all kinds and lengths among them.
VerifiedProgram long_program(testing::ProgramGenerator& generator) {
  const std::uint32_t length = 2100 + generator.below(kKernelMaxInstructions - 2100);
  const std::uint32_t jumps_one_in = 2 + generator.below(200);
  Program program;
  for (std::uint32_t i = 0; i + 1 < length; ++i) {
    const std::uint32_t behind = length - i - 1;
    const auto jump = [&] {
      return static_cast<std::uint8_t>(generator.below(std::min(behind, 256U)));
    };
    if (!generator.one_in(jumps_one_in)) {
      program.push_back(make(kLoadWordAbsolute, 12));
    } else if (generator.one_in(2)) {
      program.push_back(make(kJump, generator.below(behind)));
    } else {
      program.push_back(make(generator.one_in(2) ? kJumpEqualConstant : kJumpAnyBitConstant,
                             generator.word(), jump(), jump()));
    }
  }
  program.push_back(make(kReturnConstant, 1));
  return verified(program);
}

TEST_F(FilterCharge, KnowsWhichLongProgramsTheKernelConverts) {
  testing::ProgramGenerator generator(testing::test_seed());
  std::size_t refused = 0;
  constexpr int kPrograms = 400;
  for (int i = 0; i < kPrograms; ++i) {
    const VerifiedProgram program = long_program(generator);
    const auto attached = attach(program);
    ASSERT_EQ(capture::kernel_conversion(program).far_jump.has_value(), !attached)
        << (attached ? "" : attached.error().message) << "\n"
        << to_listing(program.program());
    if (attached) {
      ASSERT_NO_FATAL_FAILURE(compare(program));
    } else {
      ++refused;
    }
  }
  std::cout << "long programs: " << kPrograms << ", " << refused << " refused\n";
}

}  // namespace
}  // namespace bpfc
