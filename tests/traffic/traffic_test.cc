#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "bpfc/compile.h"
#include "bpfc/interpreter.h"
#include "measure/traffic_mix.h"
#include "tests/traffic/filter_lists.h"

namespace bpfc::traffic {
namespace {

// FNV-1a.
std::uint64_t digest(const std::vector<Frame>& frames) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const Frame& frame : frames) {
    for (const std::uint8_t byte : frame) hash = (hash ^ byte) * 0x100000001b3;
  }
  return hash;
}

std::size_t matches(const std::vector<Frame>& frames, const std::string& filter) {
  const auto program = verify(compile(filter, {})->program, Rules::kKernel);
  return static_cast<std::size_t>(
      std::count_if(frames.begin(), frames.end(), [&](const Frame& frame) {
        return interpret(*program, {.captured = frame, .wire_length = 0}) != 0;
      }));
}

TEST(MixedTraffic, IsTheSameForTheSameSeed) {
  EXPECT_EQ(digest(mixed_traffic(2000)), 11031389227788394847U)
      << "figures of before cannot be compared now";
  EXPECT_EQ(mixed_traffic(500, 1), mixed_traffic(500, 1));
  EXPECT_NE(mixed_traffic(500, 1), mixed_traffic(500, 2));
}

TEST(MixedTraffic, HasFramesThatEthernetTakes) {
  for (const Frame& frame : mixed_traffic(3000)) {
    ASSERT_GE(frame.size(), 64U);
    ASSERT_LE(frame.size(), 1500U);
    const std::size_t type = frame[12] << 8U | frame[13];
    if (type == 0x0800) {
      const std::size_t length = frame[16] << 8U | frame[17];
      ASSERT_TRUE(frame.size() == 14 + length || (frame.size() == 64 && length < 50));
    }
  }
}

struct Share {
  const char* filter;
  std::size_t least;  // in 1000
  std::size_t most;
};

TEST(MixedTraffic, HasEveryKindInItsMeasure) {
  const std::vector<Frame> frames = mixed_traffic(5000);
  for (const Share& share : {
           Share{"ip and tcp", 480, 580},
           Share{"tcp port 443", 350, 480},
           Share{"tcp src port 80", 50, 110},
           Share{"tcp dst port 80", 40, 90},
           Share{"udp port 53", 60, 110},
           Share{"ip6 and tcp", 80, 150},
           Share{"icmp6", 10, 30},
           Share{"arp", 30, 70},
           Share{"icmp", 10, 30},
           Share{"ip[6:2] & 0x3fff != 0", 15, 40},
           Share{"ip[6:2] & 0x1fff != 0", 5, 25},
           Share{"ip and ip[0] != 0x45", 15, 40},
           Share{"ether proto 0x8100", 20, 40},
           Share{"net 10.0.0.0/8", 400, 700},
           Share{"net 10.1.0.0/16", 100, 350},
           Share{"net 192.168.0.0/16", 100, 400},
           Share{"tcp[tcpflags] & tcp-syn != 0", 10, 50},
       }) {
    const std::size_t in_thousand = matches(frames, share.filter) / 5;
    EXPECT_GE(in_thousand, share.least) << share.filter;
    EXPECT_LE(in_thousand, share.most) << share.filter;
  }
}

TEST(FilterLists, MeetTheTrafficInEveryFiftiethHost) {
  const std::vector<std::uint32_t> seen = ip4_addresses(mixed_traffic(2000));
  const auto hosts = host_list(1000, Spread::kScattered, seen);
  EXPECT_EQ(std::set<std::uint32_t>(hosts.begin(), hosts.end()).size(), 1000U);
  EXPECT_EQ(std::count_if(hosts.begin(), hosts.end(),
                          [&](std::uint32_t host) {
                            return std::binary_search(seen.begin(), seen.end(), host);
                          }),
            20);
  EXPECT_EQ(hosts_joined(host_list(2, Spread::kConsecutive, seen)),
            "host 198.18.0.0 or host 198.18.0.1");
}

TEST(FilterLists, HoldDifferentPorts) {
  const auto ports = port_list(1000, Spread::kScattered);
  EXPECT_EQ(std::set<std::uint16_t>(ports.begin(), ports.end()).size(), 1000U);
  EXPECT_EQ(ports_joined("tcp dst port", port_list(2, Spread::kConsecutive)),
            "tcp dst port 1000 or tcp dst port 1001");
}

}  // namespace
}  // namespace bpfc::traffic
