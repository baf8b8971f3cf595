// Live means what the saved file means: what `bpfc -i INTERFACE FILTER` captures is what `bpfc -r
// FILE FILTER` picks from an unfiltered capture of the same traffic, HTTP, DNS, ARP and tagged
// frames.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <thread>

#include "tests/cli/command_runner.h"
#include "tests/hex_bytes.h"
#include "tests/live/capture_file.h"
#include "tests/live/child_process.h"
#include "tests/live/two_hosts.h"

namespace bpfc::live_test {
namespace {

using Packets = std::vector<SavedPacket>;

struct FilterCase {
  const char* text;
  // Why tcpdump with the same filter may capture other packets on the interface; none: it does not.
  const char* why_tcpdump_differs = nullptr;
  bool on_any = true;  // whether it is a filter for `any` too
};

constexpr const char* kStripped =
    "its kernel program sees frames without the tag that the file has, and takes the tagged ones "
    "for plain ones";

// The reviewed list of where tcpdump captures something else.
constexpr FilterCase kFilters[] = {
    {"tcp port 80"},
    {"udp port 53", kStripped},
    {"not ip", kStripped},
    {"host 10.66.0.2 and not tcp", kStripped},
    {"vlan"},
    {"vlan 7 and udp"},
    {"arp or vlan 9"},
    {"greater 104", "its kernel program counts the length without the tag"},
    {"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0"},
    {"vlan or port 53"},
    {"vlan and vlan 7"},
    {"ether[12:2] = 0x8100 and ether[14:2] & 0xfff = 7",
     "the tag is not in the bytes that its kernel program reads", false},
    {"inbound and not tcp",
     "on the first blocks of its ring libpcap runs the filter again in user space, where nothing "
     "says which way a packet went",
     false},
    {"ip[8] = 64 and less 70", kStripped},
};

using Frame = std::vector<std::uint8_t>;

// An Ethernet frame that holds a UDP datagram to port 53, behind these tags.
Frame tagged_frame(const std::vector<std::pair<int, int>>& tags, std::size_t payload) {
  Frame frame = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
  const auto half = [&frame](std::size_t value) {
    frame.push_back(static_cast<std::uint8_t>(value >> 8U));
    frame.push_back(static_cast<std::uint8_t>(value));
  };
  for (const auto& [protocol, tag] : tags) {
    half(static_cast<std::size_t>(protocol));
    half(static_cast<std::size_t>(tag));
  }
  half(0x0800);
  half(0x4500);
  half(28 + payload);
  for (const std::size_t value :
       {0x0001U, 0x0000U, 0x4011U, 0x0000U, 0x0a42U, 0x0001U, 0x0a42U, 0x0002U, 0x3039U, 0x0035U}) {
    half(value);
  }
  half(8 + payload);
  half(0);
  frame.resize(frame.size() + payload, 'd');
  return frame;
}

const Frame kArp = bpfc::testing::hex_bytes(
    "ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 0a420032 000000000000 "
    "0a420063"
    "000000000000000000000000000000000000");

std::vector<Frame> frames() {
  const std::vector<std::vector<std::pair<int, int>>> stacks = {{},
                                                                {{0x8100, 7}},
                                                                {{0x8100, 0x6007}},
                                                                {{0x88a8, 9}},
                                                                {{0x8100, 9}, {0x8100, 7}},
                                                                {{0x88a8, 3}, {0x8100, 7}},
                                                                {{0x9100, 7}}};
  std::vector<Frame> result = {kArp};
  for (const std::size_t payload : {18U, 60U}) {
    for (const auto& tags : stacks) result.push_back(tagged_frame(tags, payload));
  }
  return result;
}

bool is_tagged(const SavedPacket& packet) {
  return packet.bytes.size() > 14 && ((packet.bytes[12] == 0x81 && packet.bytes[13] == 0) ||
                                      (packet.bytes[12] == 0x88 && packet.bytes[13] == 0xa8));
}

Packets untagged(Packets packets) {
  std::erase_if(packets, is_tagged);
  return packets;
}

class SameAsFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!hosts_.why_not().empty()) GTEST_SKIP() << hosts_.why_not();
  }

  std::string file(const std::string& name) const { return folder_.path(name + ".pcap"); }

  void bpfc(const std::string& name, std::vector<std::string> words) {
    words.insert(words.begin(), {"-w", file(name)});
    captures_.emplace_back(name, ChildProcess(cli_test::bpfc_path(), words));
  }
  void tcpdump(const std::string& name, std::vector<std::string> words) {
    words.insert(words.begin(), {"-Z", "root", "-w", file(name)});
    captures_.emplace_back(name, ChildProcess(tcpdump_, words));
  }

  void start() {
    for (auto& [name, capture] : captures_) ASSERT_TRUE(capture.says("listening on")) << name;
  }
  void stop() {
    // tcpdump does not read what is in its ring when it is told to stop, and gets it every second.
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    for (auto& [name, capture] : captures_) capture.send(SIGINT);
    for (auto& [name, capture] : captures_) {
      const ChildEnd end = capture.wait();
      ASSERT_EQ(end.exit_code, 0) << name << ": " << end.err;
      ASSERT_NE(end.err.find("0 packets dropped by kernel"), std::string::npos)
          << name << ": " << end.err;
    }
  }

  void make_traffic() {
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(hosts_.fetch("/page" + std::to_string(i)));
      ASSERT_TRUE(hosts_.ask("host" + std::to_string(i) + ".example.com"));
      for (const Frame& frame : frames()) ASSERT_TRUE(hosts_.send(frame));
      ASSERT_TRUE(hosts_.receive());
    }
  }

  // What the filter picks from a file.
  Packets picked(const std::string& from, const std::string& filter) const {
    const std::string into = folder_.path("picked.pcap");
    const auto outcome = cli_test::run_bpfc({"-r", file(from), "-w", into, filter});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return packets_of(into);
  }

  std::string tcpdump_ = cli_test::find_installed("tcpdump");
  TwoHosts hosts_{frames()};
  cli_test::ScratchFolder folder_;
  std::vector<std::pair<std::string, ChildProcess>> captures_;
};

TEST_F(SameAsFileTest, OnAnInterfaceAndOnAny) {
  ASSERT_FALSE(tcpdump_.empty());
  const std::string interface = TwoHosts::kInterface;
  tcpdump("tcpdump", {"-i", interface});
  bpfc("all", {"-i", interface});
  bpfc("any", {"-i", "any"});
  tcpdump("tcpdump-any", {"-i", "any"});
  for (std::size_t i = 0; i < std::size(kFilters); ++i) {
    const std::string number = std::to_string(i);
    bpfc("f" + number, {"-i", interface, kFilters[i].text});
    tcpdump("t" + number, {"-i", interface, kFilters[i].text});
    if (kFilters[i].on_any) bpfc("a" + number, {"-i", "any", kFilters[i].text});
  }
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_NO_FATAL_FAILURE(make_traffic());
  ASSERT_NO_FATAL_FAILURE(stop());

  const Packets everything = packets_of(file("tcpdump"));
  EXPECT_EQ(difference(packets_of(file("all")), everything), "");
  EXPECT_GT(std::count_if(everything.begin(), everything.end(), is_tagged), 0);
  const Packets on_any = packets_of(file("any"));
  EXPECT_EQ(on_any.size(), everything.size());
  std::size_t compared = 0;
  for (std::size_t i = 0; i < std::size(kFilters); ++i) {
    const FilterCase& filter = kFilters[i];
    SCOPED_TRACE(filter.text);
    const std::string number = std::to_string(i);
    const Packets live = packets_of(file("f" + number));
    // No file of Ethernet says which way packets went.
    const bool in_file = std::string_view(filter.text).find("inbound") == std::string_view::npos;
    if (in_file) {
      EXPECT_EQ(difference(live, picked("tcpdump", filter.text)), "");
    }
    const Packets theirs = packets_of(file("t" + number));
    if (filter.why_tcpdump_differs == nullptr) {
      EXPECT_EQ(difference(live, theirs), "");
    } else if (std::string_view(filter.why_tcpdump_differs) == kStripped) {
      EXPECT_EQ(difference(untagged(live), untagged(theirs)), "");
      EXPECT_NE(difference(live, theirs), "") << "the difference is gone";
    } else {
      EXPECT_NE(difference(live, theirs), "") << "the difference is gone";
    }
    std::cout << filter.text << ": " << live.size() << " packets, tcpdump " << theirs.size();
    compared += live.size() + theirs.size();
    if (filter.on_any) {
      const Packets any = packets_of(file("a" + number));
      EXPECT_EQ(difference(any, picked("any", filter.text)), "");
      std::cout << ", on any " << any.size();
      compared += any.size();
    }
    std::cout << " of " << everything.size() << "\n";
    EXPECT_GT(live.size(), 0U);
  }
  std::cout << compared << " packets compared\n";
}

}  // namespace
}  // namespace bpfc::live_test
