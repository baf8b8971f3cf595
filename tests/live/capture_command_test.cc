// bpfc -i: its options and its ends.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "tests/live/capture_test.h"

namespace bpfc::live_test {
namespace {

using ::testing::HasSubstr;

class CaptureCommandTest : public CaptureTest {};

TEST_F(CaptureCommandTest, EndsCompletelyOnEverySignal) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const std::string path = file("signal.pcap");
    ChildProcess capture = start({"-w", path, "arp"});
    send(5);
    const ChildEnd ended = end(capture, signal);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("5 packets captured\n5 packets received by filter\n"
                                     "0 packets dropped by kernel\n"));
    EXPECT_EQ(packets_of(path).size(), 5U);
  }
}

TEST_F(CaptureCommandTest, TellsItsCountsAndGoesOn) {
  ChildProcess capture = start({"-w", file("usr1.pcap"), "arp"});
  send(3);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  capture.send(SIGUSR1);
  EXPECT_TRUE(capture.says("3 packets captured"));
  send(2);
  EXPECT_THAT(end(capture).err, HasSubstr("5 packets captured"));
}

TEST_F(CaptureCommandTest, StopsAfterSoManyPackets) {
  ChildProcess capture = start({"-c", "4", "-w", file("c.pcap"), "arp"});
  send(10);
  const ChildEnd ended = capture.wait();
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.err, HasSubstr("4 packets captured\n"));
  EXPECT_EQ(packets_of(file("c.pcap")).size(), 4U);
}

TEST_F(CaptureCommandTest, SaysWhoDecides) {
  for (const auto& [filter, who] : std::vector<std::pair<std::string, std::string>>{
           {"tcp port 80", "decides on every packet"},
           {"ether[len - 1] = 0", "leaves packets to user space"}}) {
    ChildProcess capture = start({"--stats", "-w", file("stats.pcap"), filter});
    EXPECT_THAT(end(capture).err, HasSubstr(who)) << filter;
  }
}

TEST_F(CaptureCommandTest, CountsOnly) {
  ChildProcess capture = start({"-c", "2", "--count", "arp"}, {.output_path = file("count")});
  send(2);
  EXPECT_EQ(capture.wait().exit_code, 0);
  EXPECT_EQ(contents(file("count")), "2 packets\n");
}

TEST_F(CaptureCommandTest, PrintsLinesAtOnce) {
  ChildProcess capture = start({"--immediate-mode", "arp"}, {.output_path = file("lines")});
  send(1);
  for (int i = 0; i < 100 && contents(file("lines")).empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_THAT(contents(file("lines")), HasSubstr("arp who has 10.9.9.0, tell 10.9.9.9"));
  end(capture);
}

TEST_F(CaptureCommandTest, PrintsAndWrites) {
  ChildProcess capture =
      start({"--print", "-U", "-w", file("both.pcap"), "arp"}, {.output_path = file("lines")});
  send(3);
  EXPECT_EQ(end(capture).exit_code, 0);
  EXPECT_THAT(contents(file("lines")), HasSubstr("\n3  "));
  EXPECT_EQ(packets_of(file("both.pcap")).size(), 3U);
}

TEST_F(CaptureCommandTest, TakesADirection) {
  for (const auto& [direction, packets] :
       std::vector<std::pair<std::string, std::size_t>>{{"in", 1}, {"out", 4}, {"inout", 5}}) {
    const std::string path = file("direction.pcap");
    ChildProcess capture = start({"-Q", direction, "-w", path, "arp and ether src 2:0:0:0:0:9"});
    send(4);
    ASSERT_TRUE(hosts_->receive());
    end(capture);
    EXPECT_EQ(packets_of(path).size(), packets) << direction;
  }
}

TEST_F(CaptureCommandTest, CutsPackets) {
  for (const std::string interface : {kInterface, "any"}) {
    ChildProcess capture =
        start({"-i", interface, "-s", "40", "-w", file("cut.pcap"), "arp and len > 50"});
    send(3);
    end(capture);
    const auto packets = packets_of(file("cut.pcap"));
    ASSERT_EQ(packets.size(), 3U) << interface;
    EXPECT_EQ(packets.front().bytes.size(), 40U);
    EXPECT_EQ(packets.front().wire_length, interface == "any" ? 66U : 60U);
  }
}

TEST_F(CaptureCommandTest, SharesPacketsAmongThreads) {
  ChildProcess capture =
      start({"--threads", "3", "-w", file("threads.pcap"), "tcp port 80 or arp"});
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(hosts_->fetch("/"));
  send(20);
  const ChildEnd ended = end(capture);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  const std::size_t count = packets_of(file("threads.pcap")).size();
  EXPECT_GT(count, 100U);
  EXPECT_THAT(ended.err, HasSubstr(std::to_string(count) + " packets captured\n" +
                                   std::to_string(count) + " packets received by filter\n"));
}

TEST_F(CaptureCommandTest, BeginsFilesBySize) {
  ChildProcess capture = start({"-C", "1k", "-W", "3", "-U", "-w", file("size"), "arp"});
  // Of a file header of 24 and records of 76 bytes, 14 pass the size.
  send(100);
  EXPECT_EQ(end(capture).exit_code, 0);
  std::size_t last = 0;
  for (const char* name : {"size0", "size1", "size2"}) {
    ASSERT_TRUE(std::filesystem::exists(file(name))) << name;
    const auto packets = packets_of(file(name));
    EXPECT_LE(packets.size(), 14U);
    for (const SavedPacket& packet : packets) last = std::max<std::size_t>(last, packet.bytes[59]);
  }
  EXPECT_EQ(last, 99U);
  EXPECT_FALSE(std::filesystem::exists(file("size3")));
  EXPECT_FALSE(std::filesystem::exists(file("size")));
}

TEST_F(CaptureCommandTest, NamesTheFirstFilePlainlyWithoutACount) {
  ChildProcess capture = start({"-C", "1k", "-w", file("plain"), "arp"});
  send(20);
  end(capture);
  EXPECT_EQ(packets_of(file("plain")).size(), 14U);
  EXPECT_EQ(packets_of(file("plain1")).size(), 6U);
}

TEST_F(CaptureCommandTest, BeginsFilesByTime) {
  ChildProcess capture = start({"-G", "1", "-W", "2", "-w", file("time-%s"), "arp"});
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  int sent = 0;
  while (std::chrono::steady_clock::now() < limit && kill(capture.id(), 0) == 0 && sent < 60) {
    send(1, sent++);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const ChildEnd ended = capture.wait();
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  // A file is begun by a packet, but for the first one, whose second may be over before any comes.
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path(""))) {
    files.push_back(entry.path());
  }
  ASSERT_EQ(files.size(), 2U);
  EXPECT_GT(packets_of(std::ranges::max(files)).size(), 0U);
}

// Both: -C numbers the files of a period, whose names are those of the period.
TEST_F(CaptureCommandTest, BeginsFilesByTimeAndSize) {
  ChildProcess capture = start({"-G", "100", "-C", "1k", "-w", file("both-%s"), "arp"});
  send(20);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  send(20);
  EXPECT_EQ(end(capture).exit_code, 0);
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path(""))) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  ASSERT_EQ(names.size(), 3U);
  EXPECT_EQ(names[1], names[0] + "1");
  EXPECT_EQ(names[2], names[0] + "2");
}

TEST_F(CaptureCommandTest, EndsWhileItWaitsForAReaderOfItsPipe) {
  const std::string pipe = file("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  ChildProcess capture(cli_test::bpfc_path(), {"-i", kInterface, "-w", pipe});
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(end(capture, SIGTERM).signal, SIGTERM);
}

// As timeout(1) does.
TEST_F(CaptureCommandTest, TakesTwoSignalsForOne) {
  ChildProcess capture = start({"-w", file("twice.pcap"), "arp"});
  send(4);
  capture.send(SIGTERM);
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const ChildEnd ended = end(capture, SIGTERM);
  EXPECT_EQ(ended.exit_code, 0);
  EXPECT_THAT(ended.err, HasSubstr("4 packets captured"));
}

TEST_F(CaptureCommandTest, BecomesAnotherUser) {
  const passwd* nobody = getpwnam("nobody");
  if (nobody == nullptr || contents("/proc/self/setgroups") == "deny\n") {
    GTEST_SKIP() << "there is no user nobody here, or groups cannot be changed";
  }
  const uid_t user = nobody->pw_uid;
  ASSERT_EQ(chmod(folder_.path("").c_str(), 0777), 0);
  ChildProcess capture = start({"-Z", "nobody", "-w", file("user.pcap"), "arp"});
  const std::string status = contents("/proc/" + std::to_string(capture.id()) + "/status");
  EXPECT_THAT(status, HasSubstr("CapEff:\t0000000000000000"));
  EXPECT_THAT(status, HasSubstr("CapPrm:\t0000000000000000"));
  send(2);
  EXPECT_EQ(end(capture).exit_code, 0);
  struct stat entry {};
  ASSERT_EQ(stat(file("user.pcap").c_str(), &entry), 0);
  EXPECT_EQ(entry.st_uid, user);
  EXPECT_EQ(packets_of(file("user.pcap")).size(), 2U);

  const auto unknown = cli_test::run_bpfc({"-i", kInterface, "-Z", "no-such-user", "arp"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.err, HasSubstr("no user 'no-such-user'"));
}

TEST_F(CaptureCommandTest, GivesPromiscuousModeBack) {
  const auto details = [] {
    return cli_test::run_program(cli_test::find_installed("ip"),
                                 {.arguments = {"-d", "link", "show", kInterface}})
        .out;
  };
  {
    ChildProcess capture = start({"-w", file("promiscuous.pcap")});
    EXPECT_THAT(details(), HasSubstr("promiscuity 1"));
    capture.send(SIGKILL);
    capture.wait();
  }
  for (int i = 0; i < 100 && details().find("promiscuity 0") == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_THAT(details(), HasSubstr("promiscuity 0"));
  ChildProcess modest = start({"-p", "-w", file("promiscuous.pcap")});
  EXPECT_THAT(details(), HasSubstr("promiscuity 0"));
  end(modest);
}

TEST_F(CaptureCommandTest, TakesTheFirstInterfaceThatIsUp) {
  const auto listing = cli_test::run_bpfc({"-c", "1", "-d", "tcp"});
  EXPECT_EQ(listing.exit_code, 0) << listing.err;
  EXPECT_THAT(listing.out, HasSubstr("vlanp"));
  ChildProcess capture(cli_test::bpfc_path(), {"-c", "1", "-w", file("first.pcap"), "arp"});
  EXPECT_TRUE(capture.says("listening on client"));
  send(1);
  EXPECT_EQ(capture.wait().exit_code, 0);
}

TEST_F(CaptureCommandTest, HearsTheLoopbackOnce) {
  ChildProcess capture = start({"-i", "lo", "-w", file("lo.pcap"), "udp port 7777"});
  ChildProcess any = start({"-i", "any", "-w", file("any.pcap"), "udp port 7777"});
  const int sender = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(7777);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < 4; ++i) {
    sendto(sender, "hello", 5, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  close(sender);
  end(capture);
  end(any);
  EXPECT_EQ(packets_of(file("lo.pcap")).size(), 4U);
  EXPECT_EQ(packets_of(file("any.pcap")).size(), 4U);
}

TEST_F(CaptureCommandTest, KnowsTheNetmaskOfTheInterface) {
  const auto listing = cli_test::run_bpfc({"-i", kInterface, "-d", "ip broadcast"});
  EXPECT_EQ(listing.exit_code, 0) << listing.err;
  EXPECT_THAT(listing.out, HasSubstr("#0xff"));
}

}  // namespace
}  // namespace bpfc::live_test
