#include "cli/packet_summary.h"

#include <gtest/gtest.h>

#include <vector>

namespace bpfc::cli {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint16_t kEthernet = 1;
constexpr std::uint16_t kRaw = 101;

Bytes hex(std::string_view text) {
  Bytes bytes;
  std::string digits;
  for (const char c : text) {
    if (c == ' ') continue;
    digits += c;
    if (digits.size() < 2) continue;
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(digits, nullptr, 16)));
    digits.clear();
  }
  return bytes;
}

struct Summary {
  std::uint16_t link_type;
  std::string bytes;
  std::string text;
};

const std::string kMacs = "0a0000000002 0a0000000001 ";
const std::string kIp4Tcp = "45000028 00000000 40060000 0a000001 0a000002 ";
const std::string kIp4Fragment = "45000028 00000010 40110000 0a000001 0a000002 ";
const std::string kPorts = "1234 0050 00000000 ";
const std::string kIp6Udp =
    "60000000 0008 11 40 fd770000000000000000000000000001 fd770000000000000000000000000002 ";
const std::string kArpRequest = "0001 0800 06 04 0001 0a0000000001 0a000001 000000000000 0a000002";
const std::string kArpReply = "0001 0800 06 04 0002 0a0000000002 0a000002 0a0000000001 0a000001";

class PacketSummaryTest : public testing::TestWithParam<Summary> {};

TEST_P(PacketSummaryTest, SaysWhoTalksToWhom) {
  EXPECT_EQ(packet_summary(GetParam().link_type, hex(GetParam().bytes)), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Packets, PacketSummaryTest,
    testing::Values(
        Summary{kEthernet, kMacs + "0800" + kIp4Tcp + kPorts, "10.0.0.1.4660 > 10.0.0.2.80 tcp"},
        Summary{kEthernet, kMacs + "86dd" + kIp6Udp + kPorts, "fd77::1.4660 > fd77::2.80 udp"},
        Summary{kEthernet, kMacs + "0800" + kIp4Fragment + kPorts,
                "10.0.0.1 > 10.0.0.2 udp fragment"},
        Summary{kEthernet, kMacs + "8100 0064 0800" + kIp4Tcp + kPorts,
                "vlan 100, 10.0.0.1.4660 > 10.0.0.2.80 tcp"},
        Summary{kEthernet, kMacs + "88a8 0001 8100 0002 0806" + kArpRequest,
                "0a:00:00:00:00:01 > 0a:00:00:00:00:02 vlan 1, vlan 2, "
                "arp who has 10.0.0.2, tell 10.0.0.1"},
        Summary{kEthernet, kMacs + "0806" + kArpRequest, "arp who has 10.0.0.2, tell 10.0.0.1"},
        Summary{kEthernet, kMacs + "0806" + kArpReply, "arp 10.0.0.2 is here, to 10.0.0.1"},
        Summary{kEthernet, kMacs + "0026 42 42 03",
                "0a:00:00:00:00:01 > 0a:00:00:00:00:02 802.2, dsap 0x42"},
        Summary{kEthernet, kMacs + "1234 00",
                "0a:00:00:00:00:01 > 0a:00:00:00:00:02 ethertype 0x1234"},
        Summary{kEthernet, kMacs + "8847 00", "0a:00:00:00:00:01 > 0a:00:00:00:00:02 mpls"},
        // Cut short, down to nothing.
        Summary{kEthernet, "", "ethernet, cut short"},
        Summary{kEthernet, kMacs + "08", "ethernet, cut short"},
        Summary{kEthernet, kMacs + "0800", "0a:00:00:00:00:01 > 0a:00:00:00:00:02 ip, cut short"},
        Summary{kEthernet, kMacs + "0800" + kIp4Tcp + "12", "10.0.0.1 > 10.0.0.2 tcp"},
        Summary{kEthernet, kMacs + "0806 00", "arp"},
        Summary{kRaw, kIp4Tcp + kPorts, "10.0.0.1.4660 > 10.0.0.2.80 tcp"},
        Summary{kRaw, kIp6Udp + kPorts, "fd77::1.4660 > fd77::2.80 udp"},
        Summary{kRaw, "", "empty"}, Summary{kRaw, "60", "ip6, cut short"},
        Summary{228, kIp4Tcp, "10.0.0.1 > 10.0.0.2 tcp"},
        Summary{229, kIp6Udp, "fd77::1 > fd77::2 udp"},
        Summary{0, "02000000" + kIp4Tcp + kPorts, "10.0.0.1.4660 > 10.0.0.2.80 tcp"},
        Summary{0, "0000001c" + kIp6Udp, "fd77::1 > fd77::2 udp"},
        Summary{108, "00000002" + kIp4Tcp, "10.0.0.1 > 10.0.0.2 tcp"},
        Summary{113, "0000 0001 0006 0a0000000001 0000 0800" + kIp4Tcp + kPorts,
                "10.0.0.1.4660 > 10.0.0.2.80 tcp"},
        Summary{276, "0800 0000 00000001 0001 00 06 0a0000000001 0000" + kIp4Tcp + kPorts,
                "10.0.0.1.4660 > 10.0.0.2.80 tcp"},
        Summary{kRaw, "45000028 00000000 40fe0000 0a000001 0a000002",
                "10.0.0.1 > 10.0.0.2 protocol 254"},
        Summary{250, "00", "RTAC_SERIAL"}, Summary{999, "00", "link type 999"},
        Summary{9, "ff03 0021" + kIp4Tcp + kPorts, "10.0.0.1.4660 > 10.0.0.2.80 tcp"},
        Summary{50, "ff03 0057" + kIp6Udp, "fd77::1 > fd77::2 udp"},
        Summary{9, "ff03 c021 00", "PPP 0xc021"}, Summary{9, "", "PPP 0x0000"},
        Summary{104, "0f00 0800" + kIp4Tcp, "10.0.0.1 > 10.0.0.2 tcp"},
        Summary{109, "02000000 00000000 00000000" + kIp4Tcp, "10.0.0.1 > 10.0.0.2 tcp"},
        Summary{240, "00000000" + kMacs + "0800" + kIp4Tcp, "10.0.0.1 > 10.0.0.2 tcp"},
        Summary{281, "0a0000000002 0a0000000001 00000001 0800" + kIp4Tcp,
                "10.0.0.1 > 10.0.0.2 tcp"}));

// Whatever the bytes, a summary is made: under the sanitizers this is the proof.
TEST(PacketSummaryAnyBytesTest, IsOneLine) {
  std::uint32_t random = 1;
  for (const std::uint16_t link_type : std::initializer_list<std::uint16_t>{
           0, 1, 9, 101, 104, 108, 109, 113, 228, 229, 240, 241, 276, 281, 284, 9999}) {
    for (std::size_t size = 0; size < 80; ++size) {
      for (int round = 0; round < 20; ++round) {
        Bytes bytes(size);
        for (std::uint8_t& byte : bytes) {
          random = random * 1664525U + 1013904223U;
          byte = static_cast<std::uint8_t>(random >> 24U);
        }
        if (round % 2 == 0 && size > 15) bytes[12] = 8, bytes[13] = 0;
        const std::string text = packet_summary(link_type, bytes);
        EXPECT_FALSE(text.empty());
        EXPECT_EQ(text.find('\n'), std::string::npos);
      }
    }
  }
}

TEST(PacketLineTest, HasNumberTimeAndLengths) {
  const Bytes bytes = hex(kIp4Tcp);
  CapturedPacket packet;
  packet.data = bytes;
  packet.wire_length = 1500;
  packet.link_type = kRaw;
  packet.time = {86399, 5000};
  EXPECT_NE(packet_line(7, packet).find(".000005  20/1500  10.0.0.1 > 10.0.0.2 tcp\n"),
            std::string::npos);
  EXPECT_EQ(packet_line(7, packet).substr(0, 3), "7  ");
  packet.time.nanoseconds = 5001;
  EXPECT_NE(packet_line(7, packet).find(".000005001  "), std::string::npos);
  // Beyond what a calendar holds.
  packet.time.seconds = INT64_MAX;
  EXPECT_NE(packet_line(7, packet).find("9223372036854775807.000005001"), std::string::npos);
}

}  // namespace
}  // namespace bpfc::cli
