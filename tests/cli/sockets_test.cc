// bpfc sockets while a tcpdump captures, in a network namespace of the test's own.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <sstream>
#include <thread>

#include "command_runner.h"
#include "tests/capture/test_network.h"

namespace bpfc::cli_test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

// A program that runs beside the test, and is ended with it.
class Companion {
 public:
  Companion(const std::string& path, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), path);
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    process_ = fork();
    if (process_ != 0) return;
    const int nothing = ::open("/dev/null", O_RDWR);
    for (const int stream : {0, 1, 2}) dup2(nothing, stream);
    execv(path.c_str(), words.data());
    _exit(127);
  }
  ~Companion() { end(); }
  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;

  pid_t process() const { return process_; }
  bool runs() {
    if (process_ > 0 && waitpid(process_, nullptr, WNOHANG) == process_) process_ = -1;
    return process_ > 0;
  }
  void end() {
    if (!runs()) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
  }

 private:
  pid_t process_ = -1;
};

// The lines of a listing, without what they are indented by.
std::string listing_in(const std::string& text) {
  std::string listing;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t start = line.find_first_not_of(' ');
    if (start != std::string::npos && line[start] == '(') listing += line.substr(start) + "\n";
  }
  return listing;
}

// What `bpfc sockets -i INTERFACE` prints once it shows that process; what it printed last, if that
// takes too long.
std::string wait_for(const std::string& interface, Companion& companion) {
  const std::string mark = "process: " + std::to_string(companion.process()) + " ";
  std::string text;
  for (int i = 0; i < 200 && companion.runs(); ++i) {
    text = run_bpfc({"sockets", "-i", interface}).out;
    // The socket is there before it is bound and filtered, and before its ring is.
    if (text.find(mark) != std::string::npos && text.find("(000)") != std::string::npos &&
        text.find("promiscuous") != std::string::npos) {
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  return text;
}

// bpfc in a process that has given its capabilities up for good.
Outcome run_without_capabilities(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {
      "-c", "exec setpriv --bounding-set=-all --inh-caps=-all \"$0\" \"$@\"", bpfc_path()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_program("/bin/sh", {.arguments = words});
}

class SocketsTest : public TestNetwork {};

// Beside a tcpdump.
class CaptureSocketsTest : public TestNetwork {
 protected:
  void SetUp() override {
    TestNetwork::SetUp();
    if (IsSkipped()) return;
    tcpdump_ = find_installed("tcpdump");
    if (tcpdump_.empty()) GTEST_SKIP() << "tcpdump is not installed";
    if (file_contents("/proc/self/setgroups") == "deny\n") {
      GTEST_SKIP() << "tcpdump changes its groups, which this user namespace forbids";
    }
  }
  std::string tcpdump_;
};

TEST_F(CaptureSocketsTest, ShowWhatTcpdumpFilters) {
  const std::vector<std::vector<std::string>> filters = {
      {"tcp port 80"}, {"-s", "96", "vlan 7 and udp"}, {"net 10.0.0.0/8 and not arp"}};
  for (std::vector<std::string> words : filters) {
    words.insert(words.begin(), {"-i", "cablea"});
    std::vector<std::string> live = words;
    live.insert(live.end() - 1, {"-w", "/dev/null"});
    Companion companion(tcpdump_, live);
    const std::string text = wait_for("cablea", companion);
    ASSERT_TRUE(companion.runs()) << "tcpdump has ended";
    EXPECT_THAT(text, HasSubstr("process: " + std::to_string(companion.process()) + " tcpdump\n"));
    EXPECT_THAT(text, HasSubstr(": raw, protocol all (0x0003), interface cablea ("));
    EXPECT_THAT(text, HasSubstr("promiscuous: cablea ("));
    EXPECT_THAT(text, HasSubstr("receive ring: TPACKET_V3, "));
    words.insert(words.end() - 1, "-d");
    const Outcome expected = run_program(tcpdump_, {.arguments = words});
    ASSERT_EQ(expected.exit_code, 0) << expected.err;
    EXPECT_EQ(listing_in(text), expected.out);
    EXPECT_NE(expected.out, "");
    EXPECT_EQ(run_bpfc({"sockets", "--interface", "cableb"}).out, "");
  }
}

TEST_F(CaptureSocketsTest, SayThatFiltersAreNotShown) {
  Companion companion(tcpdump_, {"-i", "cablea", "-w", "/dev/null", "tcp port 80"});
  ASSERT_NE(listing_in(wait_for("cablea", companion)), "");
  const Outcome outcome = run_without_capabilities({"sockets"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("interface cablea ("));
  EXPECT_THAT(outcome.out, HasSubstr("process: not known: run as root to see it\n"));
  EXPECT_THAT(outcome.out, ContainsRegex("filter: there is one, of [0-9]+ bytes in the kernel, "
                                         "that is not shown without CAP_NET_ADMIN"));
  EXPECT_THAT(outcome.err, HasSubstr("bpfc: the kernel shows filters to CAP_NET_ADMIN only"));
  EXPECT_EQ(listing_in(outcome.out), "");
}

TEST_F(SocketsTest, MayNotBeThere) {
  const Outcome outcome = run_bpfc({"sockets"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "bpfc: there are no such packet sockets in this network namespace\n");
}

TEST_F(SocketsTest, TakeAnInterfaceOnly) {
  const Outcome missing = run_bpfc({"sockets", "-i", "cablex"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("is called 'cablex': perhaps cablea or cableb"));
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"sockets", "tcp"}, {"sockets", "-W"}, {"sockets", "-i", ""}}) {
    EXPECT_EQ(run_bpfc(arguments).exit_code, 2);
  }
  EXPECT_THAT(run_bpfc({"sockets", "--help"}).out, HasSubstr("--interface"));
}

}  // namespace
}  // namespace bpfc::cli_test
