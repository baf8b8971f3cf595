// What tests of `bpfc -i` share: two hosts, a folder, and a capture to start and to end.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/cli/command_runner.h"
#include "tests/live/capture_file.h"
#include "tests/live/child_process.h"
#include "tests/live/two_hosts.h"

namespace bpfc::live_test {

using Frame = TwoHosts::Frame;

// An ARP request; its last byte is the number.
inline Frame frame(int number) {
  Frame bytes = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0,  0, 0, 0, 9, 8, 6, 0, 1, 8, 0,  6, 4, 0,
                 1,    2,    0,    0,    0,    0,    9, 10, 9, 9, 9, 0, 0, 0, 0, 0, 0, 10, 9, 9};
  bytes.resize(59);
  bytes.push_back(static_cast<std::uint8_t>(number));
  return bytes;
}

class CaptureTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    hosts_ = std::make_unique<TwoHosts>(std::vector<Frame>{frame(200)});
  }
  static void TearDownTestSuite() { hosts_.reset(); }
  void SetUp() override {
    if (!hosts_->why_not().empty()) GTEST_SKIP() << hosts_->why_not();
  }

  ChildProcess start(std::vector<std::string> words, const ChildOptions& options = {}) {
    if (words.empty() || words.front() != "-i") words.insert(words.begin(), {"-i", kInterface});
    ChildProcess capture(cli_test::bpfc_path(), words, options);
    EXPECT_TRUE(capture.says("listening on"));
    return capture;
  }
  void send(int count, int first = 0) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(hosts_->send(frame(first + i)));
  }
  std::string file(const std::string& name) const { return folder_.path(name); }
  static ChildEnd end(ChildProcess& capture, int signal = SIGINT) {
    capture.send(signal);
    return capture.wait();
  }
  static std::string contents(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  static constexpr const char* kInterface = TwoHosts::kInterface;
  static inline std::unique_ptr<TwoHosts> hosts_;
  cli_test::ScratchFolder folder_;
};

}  // namespace bpfc::live_test
