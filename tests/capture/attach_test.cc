// Attaching, on sockets of this process alone.
#include "bpfc/attach.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "tests/vm/program_generator.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

using enum Operation;

constexpr Instruction make(Operation operation, std::uint32_t k = 0) {
  return {encode(operation), 0, 0, k};
}

VerifiedProgram verified(const Program& program, Rules rules = Rules::kKernel) {
  auto made = verify(program, rules);
  EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
  return *std::move(made);
}

VerifiedProgram keep(std::uint32_t bytes) { return verified({make(kReturnConstant, bytes)}); }

class Attach : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair_.data()), 0);
    const auto tried = attach_filter(filtered(), keep(1));
    if (!tried && tried.error().kind != SocketErrorKind::kNoMemory) {
      GTEST_SKIP() << tried.error().message;
    }
    ASSERT_TRUE(detach_filter(filtered()));
  }
  void TearDown() override {
    for (const int socket : pair_) close(socket);
  }

  int filtered() const { return pair_[1]; }
  // What arrives of ten bytes.
  ssize_t arriving() const {
    std::array<char, 10> bytes{};
    EXPECT_EQ(send(pair_[0], bytes.data(), bytes.size(), MSG_DONTWAIT), 10);
    return recv(filtered(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  }

 private:
  std::array<int, 2> pair_{-1, -1};
};

TEST_F(Attach, FiltersUntilDetached) {
  EXPECT_EQ(arriving(), 10);
  ASSERT_TRUE(attach_filter(filtered(), keep(3)));
  EXPECT_EQ(arriving(), 3);
  ASSERT_TRUE(attach_filter(filtered(), keep(0)));
  EXPECT_EQ(arriving(), -1);
  ASSERT_TRUE(detach_filter(filtered()));
  EXPECT_EQ(arriving(), 10);
}

TEST_F(Attach, SaysThatThereIsNothingToDetach) {
  const auto detached = detach_filter(filtered());
  ASSERT_FALSE(detached);
  EXPECT_EQ(detached.error().kind, SocketErrorKind::kNoFilter);
  EXPECT_EQ(detached.error().system_error, ENOENT);
  EXPECT_EQ(detached.error().message, "the socket has no filter to detach");
}

TEST_F(Attach, LocksForGood) {
  ASSERT_TRUE(attach_filter(filtered(), keep(4)));
  ASSERT_TRUE(lock_filter(filtered()));
  ASSERT_TRUE(lock_filter(filtered()));
  for (const auto& result : {attach_filter(filtered(), keep(10)), detach_filter(filtered())}) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, SocketErrorKind::kLocked);
    EXPECT_EQ(result.error().system_error, EPERM);
    EXPECT_EQ(result.error().message,
              "the socket's filter is locked (SO_LOCK_FILTER) until the socket is closed: only a "
              "new socket can have another");
  }
  EXPECT_EQ(arriving(), 4);
  EXPECT_EQ(attached_filter(filtered()), keep(4).program());
}

TEST_F(Attach, ReadsBackWhatWasAttached) {
  EXPECT_EQ(attached_filter(filtered()), Program());
  testing::ProgramGenerator generator(testing::test_seed());
  for (int i = 0; i < 2000; ++i) {
    const VerifiedProgram program = generator.verified(i % 10 == 0 ? 300 : 30, 60, Rules::kKernel);
    ASSERT_TRUE(attach_filter(filtered(), program));
    ASSERT_EQ(attached_filter(filtered()), program.program());
  }
  Program longest(kKernelMaxInstructions, make(kTransferAToX));
  longest.back() = make(kReturnA);
  ASSERT_TRUE(attach_filter(filtered(), verified(longest)));
  EXPECT_EQ(attached_filter(filtered()), longest);
  ASSERT_TRUE(detach_filter(filtered()));
  EXPECT_EQ(attached_filter(filtered()), Program());
}

TEST_F(Attach, WantsTheRulesOfTheKernel) {
  const auto result =
      attach_filter(filtered(), verified({make(kReturnConstant, 1)}, Rules::kLibpcap));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, SocketErrorKind::kNotKernelRules);
  EXPECT_EQ(result.error().system_error, 0);
}

TEST(AttachErrors, NameWhatFailed) {
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(file, 0);
  for (const auto& [descriptor, error] : {std::pair{-1, EBADF}, std::pair{file, ENOTSOCK}}) {
    const std::string words = std::strerror(error);
    const SocketError attached = attach_filter(descriptor, keep(1)).error();
    EXPECT_EQ(attached,
              (SocketError{SocketErrorKind::kSystem, error, "cannot attach a filter: " + words}));
    EXPECT_EQ(lock_filter(descriptor).error().message, "cannot lock the filter: " + words);
    EXPECT_EQ(detach_filter(descriptor).error().message, "cannot detach the filter: " + words);
    EXPECT_EQ(attached_filter(descriptor).error().message, "cannot read the filter back: " + words);
  }
  close(file);
}

}  // namespace
}  // namespace bpfc
