// A capture that cannot keep up loses packets, and says exactly how many: two processes flood the
// cable, and the reader of the capture's pipe is slow. The same for tcpdump, in turn, for
// comparison.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iostream>
#include <optional>
#include <thread>

#include "tests/capture/test_network.h"
#include "tests/cli/command_runner.h"
#include "tests/live/capture_file.h"
#include "tests/live/child_process.h"

namespace bpfc::live_test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kFlood = std::chrono::milliseconds(1500);
constexpr std::size_t kReadAtATime = 65536;
constexpr auto kReaderSleeps = std::chrono::milliseconds(4);

// Sends frames of 200 bytes until it is killed, or for ten seconds.
pid_t start_sender(const std::string& interface) {
  const pid_t sender = fork();
  if (sender != 0) return sender;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int raw = socket(AF_PACKET, SOCK_RAW, 0);
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  std::array<std::uint8_t, 200> frame{};
  frame[12] = 0x88;
  frame[13] = 0xb5;
  const auto limit = Clock::now() + std::chrono::seconds(10);
  while (Clock::now() < limit) {
    for (int i = 0; i < 1000; ++i) {
      (void)!sendto(raw, frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                    sizeof to);
    }
  }
  _exit(0);
}

// The number before `what` on a line of its own; none: there is no such line.
std::optional<std::uint64_t> count_of(const std::string& text, const std::string& what) {
  const std::size_t end = text.rfind(" " + what);
  if (end == std::string::npos) return std::nullopt;
  const std::size_t begin = text.find_last_not_of("0123456789", end - 1) + 1;
  if (begin >= end) return std::nullopt;
  return std::stoull(text.substr(begin, end - begin));
}

struct Overload {
  std::uint64_t captured = 0;
  std::uint64_t received = 0;
  std::uint64_t dropped = 0;
  std::uint64_t not_read = 0;
  std::uint64_t in_pipe = 0;
  bool whole = false;  // what came out of the pipe
  double processor_seconds = 0;
};

class OverloadTest : public TestNetwork {
 protected:
  // Runs the capture, floods it, reads its pipe slowly, and ends it.
  void overload(const std::string& path, const std::vector<std::string>& words, Overload& result) {
    ChildProcess capture(path, words, {.output_path = ""});
    ASSERT_TRUE(capture.says("listening on"));
    const std::string copy = folder_.path("copy.pcap");
    std::ofstream file(copy, std::ios::binary);
    const std::array senders = {start_sender(cable.near.name), start_sender(cable.near.name)};
    const auto start = Clock::now();
    bool flooding = true;
    std::vector<char> buffer(kReadAtATime);
    while (true) {
      if (flooding && Clock::now() - start > kFlood) {
        flooding = false;
        for (const pid_t sender : senders) {
          kill(sender, SIGKILL);
          waitpid(sender, nullptr, 0);
        }
        capture.send(SIGINT);
      }
      ASSERT_LT(Clock::now() - start, std::chrono::seconds(60)) << "the capture does not end";
      pollfd ready{capture.output(), POLLIN, 0};
      if (poll(&ready, 1, 50) <= 0) continue;
      const ssize_t count = read(capture.output(), buffer.data(), buffer.size());
      if (count <= 0) break;
      file.write(buffer.data(), count);
      std::this_thread::sleep_for(kReaderSleeps);
    }
    file.close();
    const ChildEnd end = capture.wait();
    ASSERT_EQ(end.exit_code, 0) << end.err;
    const auto captured = count_of(end.err, "packets captured");
    const auto received = count_of(end.err, "packets received by filter");
    const auto dropped = count_of(end.err, "packets dropped by kernel");
    ASSERT_TRUE(captured && received && dropped) << end.err;
    const CaptureContents piped = contents_of(copy);
    result = {*captured,
              *received,
              *dropped,
              count_of(end.err, "packets not read").value_or(0),
              piped.packets.size(),
              piped.damage.empty(),
              end.processor_seconds};
    std::cout << path.substr(path.rfind('/') + 1) << ": " << result.received << " received, "
              << result.dropped << " dropped, " << result.captured << " written, " << result.in_pipe
              << " in the pipe" << (result.whole ? ", " : " and a part of one, ")
              << result.processor_seconds << " s of processor, "
              << result.processor_seconds / static_cast<double>(result.captured) * 1e6
              << " us a packet written\n";
  }

  cli_test::ScratchFolder folder_;
};

TEST_F(OverloadTest, EveryPacketIsAccountedFor) {
  const std::vector<std::string> words = {"-i", cable.far.name, "-B", "1024", "-w", "-"};
  Overload ours;
  ASSERT_NO_FATAL_FAILURE(overload(cli_test::bpfc_path(), words, ours));
  EXPECT_GT(ours.dropped, 0U);
  EXPECT_GT(ours.captured, 0U);
  EXPECT_EQ(ours.received, ours.captured + ours.dropped);
  EXPECT_EQ(ours.captured, ours.in_pipe);
  EXPECT_EQ(ours.not_read, 0U);
  EXPECT_TRUE(ours.whole);

  std::vector<std::string> shared = words;
  shared.insert(shared.begin(), {"--threads", "2"});
  ASSERT_NO_FATAL_FAILURE(overload(cli_test::bpfc_path(), shared, ours));
  EXPECT_EQ(ours.received, ours.captured + ours.dropped);
  EXPECT_EQ(ours.captured, ours.in_pipe);

  const std::string tcpdump = cli_test::find_installed("tcpdump");
  if (tcpdump.empty()) GTEST_SKIP() << "tcpdump is not installed, and not compared with";
  std::vector<std::string> its = words;
  its.insert(its.begin(), {"-Z", "root"});
  Overload theirs;
  ASSERT_NO_FATAL_FAILURE(overload(tcpdump, its, theirs));
  // A signal that meets it in write() cuts its file off, so only what it says is looked at.
  EXPECT_GT(theirs.dropped, 0U);
}

}  // namespace
}  // namespace bpfc::live_test
