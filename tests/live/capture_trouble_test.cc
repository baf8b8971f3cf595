// bpfc -i where something goes wrong: the interface, the disk, the reader, memory, permission, and
// filters that the kernel does not take.
#include <gmock/gmock.h>

#include <thread>

#include "tests/live/capture_test.h"

namespace bpfc::live_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CaptureTroubleTest : public CaptureTest {};

TEST_F(CaptureTroubleTest, GoesOnWhenTheInterfaceComesBack) {
  ChildProcess capture = start({"-w", file("down.pcap"), "arp and ether src 2:0:0:0:0:9"});
  send(2);
  ASSERT_EQ(run_ip("link set client down"), "");
  EXPECT_TRUE(capture.says("the interface is down: waiting for it to come up again"));
  ASSERT_EQ(run_ip("link set client up"), "");
  for (int i = 0; i < 100 && !hosts_->send(frame(7)); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const ChildEnd ended = end(capture);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  const auto packets = packets_of(file("down.pcap"));
  ASSERT_GE(packets.size(), 3U);
  EXPECT_EQ(packets.back().bytes[59], 7);
}

TEST_F(CaptureTroubleTest, EndsWhenTheInterfaceIsGone) {
  ASSERT_EQ(run_ip("link add gone type veth peer name gone2"), "");
  ASSERT_EQ(run_ip("link set gone up"), "");
  ChildProcess capture = start({"-i", "gone", "--threads", "2", "-w", file("gone.pcap")});
  ASSERT_EQ(run_ip("link del gone"), "");
  const ChildEnd ended = capture.wait();
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("gone: the interface is gone"));
  EXPECT_EQ(ended.err.find("is gone"), ended.err.rfind("is gone"));
  EXPECT_THAT(ended.err, HasSubstr("0 packets captured"));
  EXPECT_EQ(packets_of(file("gone.pcap")).size(), 0U);
}

TEST_F(CaptureTroubleTest, LeavesWholePacketsWhereThereIsNoRoom) {
  ChildProcess capture = start({"-U", "-w", file("full.pcap"), "arp"}, {.longest_file = 1000});
  send(30);
  const ChildEnd ended = capture.wait();
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("full.pcap: cannot write: File too large"));
  EXPECT_EQ(packets_of(file("full.pcap")).size(), 12U);
  EXPECT_THAT(ended.err, HasSubstr("12 packets captured"));

  ChildProcess gathering = start({"-w", file("full.pcap"), "arp"}, {.longest_file = 1000});
  send(30);
  EXPECT_THAT(end(gathering).err, HasSubstr("12 packets captured"));
}

TEST_F(CaptureTroubleTest, EndsWhenNobodyReadsItsPipe) {
  ChildProcess capture = start({"-w", "-", "arp"}, {.output_path = ""});
  capture.close_output();
  send(3);
  const ChildEnd ended = capture.wait();
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_THAT(ended.err, HasSubstr("standard output: cannot write: Broken pipe"));
}

TEST_F(CaptureTroubleTest, RefusesARingThatMemoryDoesNotHold) {
  const auto outcome = cli_test::run_bpfc({"-i", kInterface, "-B", "99999999999", "arp"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("larger than the memory that is available here"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("user space")));
}

// A filter of hosts that is longer than a program may be. No two of them are neighbours.
std::string many_hosts() {
  std::string filter = "host 10.9.9.9";
  for (int i = 0; i < 3000; ++i) {
    filter += " or host 172.16." + std::to_string(i / 100) + "." + std::to_string(i % 100 * 2);
  }
  return filter;
}

TEST_F(CaptureTroubleTest, FiltersInUserSpaceWhatTheKernelDoesNotTake) {
  const std::string filter = folder_.write("filter", many_hosts());
  for (const std::string interface : {kInterface, "any"}) {
    ChildProcess capture = start({"-i", interface, "-F", filter, "-w", file("long.pcap")});
    send(3);
    ASSERT_TRUE(hosts_->fetch("/"));
    const ChildEnd ended = end(capture);
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_THAT(ended.err, HasSubstr("longer than the kernel takes: it runs in user space"));
    EXPECT_THAT(ended.err, HasSubstr("packets rejected in user space"));
    EXPECT_EQ(packets_of(file("long.pcap")).size(), 3U) << ended.err;
  }
}

TEST_F(CaptureTroubleTest, FiltersInUserSpaceWhereTheSocketsMemoryIsShort) {
  const std::string limit = "/proc/sys/net/core/optmem_max";
  const std::string former = contents(limit);
  std::ofstream(limit) << 2000;
  if (contents(limit) != "2000\n") GTEST_SKIP() << limit << " cannot be set here";
  std::string hosts = "host 10.9.9.9";
  for (int i = 0; i < 200; ++i) hosts += " or host 172.16." + std::to_string(i) + ".1";
  ChildProcess capture = start({"-w", file("memory.pcap"), hosts});
  std::ofstream(limit) << former;
  send(3);
  ASSERT_TRUE(hosts_->fetch("/"));
  const ChildEnd ended = end(capture);
  EXPECT_THAT(ended.err, HasSubstr("sysctl net.core.optmem_max="));
  EXPECT_THAT(ended.err, HasSubstr("the filter runs in user space instead"));
  EXPECT_EQ(packets_of(file("memory.pcap")).size(), 3U);
}

TEST_F(CaptureTroubleTest, SaysWhichPermissionIsMissing) {
  const std::string setpriv = cli_test::find_installed("setpriv");
  if (setpriv.empty()) GTEST_SKIP() << "setpriv is not installed";
  const auto outcome = cli_test::run_program(
      setpriv, {.arguments = {"--bounding-set=-all", "--inh-caps=-all", cli_test::bpfc_path(), "-i",
                              kInterface, "arp"}});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("CAP_NET_RAW"));
}

}  // namespace
}  // namespace bpfc::live_test
