// verify() under Rules::kKernel against SO_ATTACH_FILTER.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <iostream>

#include "bpfc/listing.h"
#include "bpfc/verify.h"
#include "judge/attach_pace.h"
#include "judge/datagram_pair.h"
#include "tests/vm/program_generator.h"
#include "vm/ancillary.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

static_assert(sizeof(sock_filter) == sizeof(Instruction));

// 0, or the errno of SO_ATTACH_FILTER, whatever the instructions are. ENOMEM says that the kernel's
// verifier has passed them and that they are too large for the socket.
int attach(int socket, const Program& program) {
  sock_fprog description{};
  description.len = static_cast<unsigned short>(program.size());
  description.filter = reinterpret_cast<sock_filter*>(const_cast<Instruction*>(program.data()));
  return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &description, sizeof description) == 0
             ? 0
             : errno;
}

class KernelVerify : public ::testing::Test {
 protected:
  void SetUp() override {
    auto pair = judge::DatagramPair::make();
    if (!pair) GTEST_SKIP() << pair.error();
    kernel_.emplace(*std::move(pair));
  }

  // Whether both accepted; a failure where they differ.
  bool compare(const Program& program) {
    const int error = attach(kernel_->receiver(), program);
    if (error == 0) pace_.attached();
    const bool accepted = error == 0 || error == ENOMEM;
    const auto verified = verify(program, Rules::kKernel);
    EXPECT_TRUE(accepted || error == EINVAL) << std::strerror(error);
    EXPECT_EQ(verified.has_value(), accepted)
        << (verified ? "verify() accepted" : verified.error().message) << '\n'
        << to_c_array(program);
    return accepted && verified;
  }

  std::optional<judge::DatagramPair> kernel_;
  judge::AttachPace pace_;
};

constexpr Instruction make(Operation operation, std::uint32_t k = 0, std::uint8_t jt = 0,
                           std::uint8_t jf = 0) {
  return {encode(operation), jt, jf, k};
}

TEST_F(KernelVerify, EveryOpcode) {
  int accepted = 0;
  for (std::uint32_t code = 0; code <= 0xffff; ++code) {
    accepted += compare({make(Operation::kStoreCell, 1),
                         {static_cast<std::uint16_t>(code), 0, 0, 1},
                         make(Operation::kReturnA),
                         make(Operation::kReturnA)});
  }
  EXPECT_EQ(accepted, 49);
}

TEST_F(KernelVerify, EveryAncillaryNumber) {
  for (const auto load :
       {Operation::kLoadByteAbsolute, Operation::kLoadHalfAbsolute, Operation::kLoadWordAbsolute,
        Operation::kLoadByteIndexed, Operation::kLoadXHeaderLength}) {
    for (std::uint32_t number = 0; number < 300; ++number) {
      compare({make(load, kAncillaryBase - 100 + number), make(Operation::kReturnA)});
    }
    for (const std::uint32_t k : {0U, 0x7fffffffU, 0x80000000U, 0xffe00000U, 0xffffffffU}) {
      compare({make(load, k), make(Operation::kReturnA)});
    }
  }
}

TEST_F(KernelVerify, LengthsAndLongJumps) {
  compare({});
  for (const std::size_t length : {1U, 2U, 4095U, 4096U, 4097U, 5000U}) {
    Program program(length, make(Operation::kReturnA));
    compare(program);
    for (const std::uint32_t beyond : {0U, 1U, 2U, 3U}) {
      program.front() = make(Operation::kJump, static_cast<std::uint32_t>(length) - 3 + beyond);
      compare(program);
    }
  }
}

// The programs are as good as valid, valid, or random bits; every rule is met many times.
TEST_F(KernelVerify, GeneratedPrograms) {
  constexpr int kRounds = 220'000;
  constexpr auto kTimeLimit = std::chrono::seconds(60);
  testing::ProgramGenerator generator(testing::test_seed());
  std::array<int, 10> refused_by_rule{};
  int accepted = 0;
  int compared = 0;
  const auto start = std::chrono::steady_clock::now();
  while (compared < kRounds && std::chrono::steady_clock::now() - start < kTimeLimit) {
    const Program program =
        compared % 50 == 0 ? generator.arbitrary(3) : generator.nearly_valid(12, 40);
    ++compared;
    if (compare(program)) {
      ++accepted;
    } else if (const auto verified = verify(program, Rules::kKernel); !verified) {
      ++refused_by_rule.at(static_cast<std::size_t>(verified.error().rule));
    }
    if (HasFailure()) break;
  }
  std::cout << compared << " programs tried: " << accepted << " both accept, "
            << compared - accepted << " both refuse, "
            << (HasFailure() ? "one differs" : "0 differ") << "; refused by rule:";
  for (const int count : refused_by_rule) std::cout << ' ' << count;
  std::cout << '\n';
  EXPECT_GE(compared, kRounds) << "the time was up";
  EXPECT_GT(accepted, compared / 10);
}

}  // namespace
}  // namespace bpfc
