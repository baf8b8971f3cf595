// What libpcap's optimizer gets wrong, or did: ours leaves every verdict as it is, on packets of
// every length. The known bugs of the version that is installed are looked for as well, so that the
// table stays true.
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <array>
#include <cstring>
#include <random>

#include "bpfc/compile.h"
#include "bpfc/interpreter.h"
#include "judge/packet_generator.h"
#include "tests/oracle/engine_set.h"
#include "tests/oracle/libpcap_judge.h"
#include "tests/oracle/packet_builder.h"

namespace bpfc::oracle {
namespace {

// What the optimizer of libpcap 1.10.3 makes of a filter.
enum class Outcome {
  kRight,
  kWrong,    // another verdict for some packet
  kRefused,  // as matching nothing, or as a division by zero
};

struct Row {
  const char* filter;
  Outcome libpcap;
};

constexpr std::array kRows = {
    // A value that is the same whatever a load yields: the load goes, and with it the end of
    // packets without the byte.
    Row{"ether[1000] * 0 = 0", Outcome::kWrong},
    Row{"ether[1000] & 0 = 0", Outcome::kWrong},
    Row{"ether[1000] * 0 = 0 or ip", Outcome::kWrong},
    Row{"ip or ether[1000] * 0 = 0", Outcome::kWrong},
    Row{"not ether[1000] * 0 = 0 or ip", Outcome::kWrong},
    Row{"ether[1000] - ether[1000] = 0", Outcome::kRight},
    Row{"ether[1000] = ether[1000]", Outcome::kRight},
    Row{"ether[1000] >= 0", Outcome::kRight},
    Row{"ether[1000] / 256 = 0", Outcome::kRight},
    Row{"ether[1000] >> 8 = 0", Outcome::kRight},
    Row{"ether[1000] | 0xffffffff = 0xffffffff", Outcome::kRight},
    Row{"ether[1000] << 0 >= 0", Outcome::kRight},
    // `and #0xffffffff` and a test for zero become `jset #0xffffffff`, taken for always true.
    Row{"ether[0:4] & 0xffffffff != 0", Outcome::kWrong},
    Row{"ether[0:4] & 0xffffffff = 0", Outcome::kRefused},
    Row{"ether[0:4] & 0xffffffff != 0 and ip", Outcome::kWrong},
    Row{"ip[12:4] & 0xffffffff = 0x0a010203", Outcome::kRight},
    Row{"ip and ip[16:4] & 0xffffffff != 0", Outcome::kWrong},
    Row{"len & 0xffffffff != 0", Outcome::kWrong},
    Row{"len & 0xffffffff = 0", Outcome::kRefused},
    // A divisor that is zero: a packet that comes there is rejected, the filter is not.
    Row{"ip[0] / (len & 0) = 1", Outcome::kRefused},
    Row{"5 / (len & 0) = 1", Outcome::kRefused},
    Row{"5 / (len - len) = 1", Outcome::kRight},
    Row{"ip[0] / (len * 0) = 1 or arp", Outcome::kRefused},
    Row{"ip[0] % (len & 0) = 1", Outcome::kRefused},
    Row{"ip[0] / (ip[6] & 0) = 0 or tcp", Outcome::kRefused},
    // Arithmetic on constants, unsigned.
    Row{"(0 - 4) / 2 = 2147483646", Outcome::kRight},
    Row{"0 - 4 / 2 = 4294967294", Outcome::kRight},
    Row{"7 / 2 = 3", Outcome::kRight},
    Row{"0xffffffff / 2 = 0x7fffffff", Outcome::kRight},
    Row{"0 - 1 > 5", Outcome::kRight},
    Row{"(0 - 7) % 4 = 1", Outcome::kRight},
    Row{"len / 1 = len", Outcome::kRight},
    Row{"ether[0] / 2 * 2 = ether[0]", Outcome::kRight},
    Row{"1 << 31 = 0x80000000", Outcome::kRight},
    Row{"len >> 31 = 0", Outcome::kRight},
    Row{"1 << (len & 0) = 1", Outcome::kRight},
    Row{"0xff << 24 >> 24 = 0xff", Outcome::kRight},
    // `vlan` moves the headers for what follows.
    Row{"vlan and vlan", Outcome::kRight},
    Row{"vlan or vlan", Outcome::kRight},
    Row{"vlan 1 and vlan 2", Outcome::kRight},
    Row{"not vlan and not vlan", Outcome::kRight},
    Row{"vlan and not vlan", Outcome::kRight},
    Row{"vlan 1 or vlan 1", Outcome::kRight},
    Row{"vlan and vlan and ip", Outcome::kRight},
    Row{"vlan or ip", Outcome::kRight},
    Row{"vlan 1 and (vlan 2 or ip)", Outcome::kRight},
    // Tests of an `or` are put in another order, past loads that end the program for packets
    // without the bytes.
    Row{"host 1.2.3.4 or host 5.6.7.8", Outcome::kWrong},
    Row{"host 10.1.2.3 or host 192.168.1.1", Outcome::kWrong},
    Row{"host 1.2.3.4 or 5.6.7.8 or 9.10.11.12", Outcome::kWrong},
    Row{"port 80 or port 443", Outcome::kWrong},
    Row{"ip src 10.1.2.3 or ip dst 10.1.2.3 or ip src 192.168.1.1", Outcome::kWrong},
    // The same with loads out of bounds: one test left out, or one load moved.
    Row{"ether[1000] = 1 or ether[1000] != 1", Outcome::kWrong},
    Row{"ether[1000] = 0 or ip", Outcome::kRight},
    Row{"ether[1000] = 1 or ether[2000] = 1 or ip", Outcome::kRight},
    Row{"ether[2000] = 1 or ether[1000] = 1 or ether[2000] = 2", Outcome::kRight},
    Row{"ip or ether[1000] = 1", Outcome::kRight},
    Row{"ether[60] = 1 or ether[30] = 1 or ether[60] = 2", Outcome::kRight},
    Row{"ether[30] = 1 or ether[60] = 1 or ether[30] = 2", Outcome::kWrong},
    Row{"ether[30] = 1 or ether[60] = 1 or ether[30] = 2 or ether[60] = 2", Outcome::kWrong},
    Row{"(ether[1000] = 1 or tcp) and ip", Outcome::kRight},
    Row{"(tcp or ether[1000] = 1) and (udp or ether[1000] = 1)", Outcome::kRight},
    Row{"not (ether[1000] = 1 and ip) or arp", Outcome::kRight},
    Row{"tcp[0] = 1 or udp[0] = 1", Outcome::kRight},
    Row{"tcp[100] = 1 or tcp[2:2] = 80", Outcome::kRight},
    Row{"ip[8] = 64 or ip[9] = 6 or ip[8] = 63", Outcome::kWrong},
    Row{"ether[100] = 0 or ether[200] = 1", Outcome::kRight},
    Row{"ether[100] = 0 or ether[50] = 1", Outcome::kRight},
    Row{"(ether[100] = 0 or ether[50] = 1) and (ether[100] = 1 or ip)", Outcome::kRight},
};

constexpr std::size_t kLongest = 2100;  // beyond every load of the table

std::vector<Bytes> whole_packets() {
  const Bytes web = ethernet(0x0800, ipv4(6, tcp(1025, 80)));
  const Bytes fragment = ethernet(0x0800, ipv4(17, udp(53, 53, Bytes(8, 0)), true, 3, 0x00b9));
  std::vector<Bytes> packets = {
      Bytes(kLongest, 0),
      Bytes(kLongest, 0xff),
      web,
      fragment,
      ethernet(0x86dd, ipv6(17, udp(53, 60, Bytes(4, 0)))),
      ethernet(0x0806, Bytes{0, 1, 8, 0, 6, 4, 0, 1} + Bytes(12, 10) + Bytes(8, 192)),
      vlan(0x8100, 1, web),
      vlan(0x8100, 1, vlan(0x8100, 2, web)),
      vlan(0x88a8, 2, vlan(0x9100, 1, fragment)),
  };
  std::mt19937 random(7);
  for (Bytes& packet : packets) {
    while (packet.size() < kLongest) packet.push_back(static_cast<std::uint8_t>(random() % 3));
  }
  return packets;
}

// The first packet that the two programs judge differently, as text; empty: none was found.
std::string difference(const Program& left_program, const Program& right_program) {
  static const std::vector<Bytes> kWhole = whole_packets();
  const auto left = verify(left_program, Rules::kLibpcap);
  const auto right = verify(right_program, Rules::kLibpcap);
  if (!left || !right) return "a program does not verify";
  const auto differ = [&](const Packet& packet) {
    return (interpret(*left, packet) != 0) != (interpret(*right, packet) != 0);
  };
  for (const Bytes& whole : kWhole) {
    for (std::size_t length = 0; length <= kLongest; ++length) {
      const auto captured = std::span(whole).first(length);
      for (const std::size_t wire_length : {length, kLongest}) {
        if (differ(
                {.captured = captured, .wire_length = static_cast<std::uint32_t>(wire_length)})) {
          return std::to_string(length) + " bytes of " + std::to_string(wire_length);
        }
      }
    }
  }
  const VerifiedProgram* const programs[] = {&*left, &*right};
  judge::PacketGenerator generator(programs, 1, 200'000);
  for (const judge::TestPacket& packet : generator.branch_packets()) {
    if (differ(packet.view())) return std::to_string(packet.bytes.size()) + " made bytes";
  }
  return "";
}

void PrintTo(const Row& row, std::ostream* stream) { *stream << row.filter; }

class OptimizerBugs : public testing::TestWithParam<Row> {};

TEST_P(OptimizerBugs, AreNotOurs) {
  const std::string filter = GetParam().filter;
  const auto meaning = libpcap_compile(filter, {.netmask = kTestNetmask});
  ASSERT_TRUE(meaning) << meaning.error();
  CompileOptions options;
  for (const Optimization level :
       {Optimization::kNone, Optimization::kDefault, Optimization::kFull, Optimization::kSize}) {
    options.optimization = level;
    const auto ours = compile(filter, options);
    ASSERT_TRUE(ours) << ours.error().message;
    EXPECT_EQ(difference(*meaning, ours->program), "") << "level " << static_cast<int>(level);
  }
}

TEST_P(OptimizerBugs, AreLibpcaps) {
  if (std::strstr(pcap_lib_version(), "version 1.10.3") == nullptr) {
    GTEST_SKIP() << "the table is of libpcap 1.10.3, and this is " << pcap_lib_version();
  }
  const std::string filter = GetParam().filter;
  const auto meaning = libpcap_compile(filter, {.netmask = kTestNetmask});
  const auto optimized = libpcap_compile(filter, {.netmask = kTestNetmask, .optimize = true});
  ASSERT_EQ(!optimized, GetParam().libpcap == Outcome::kRefused)
      << (optimized ? "it is taken" : optimized.error());
  if (!optimized) return;
  EXPECT_EQ(difference(*meaning, *optimized) != "", GetParam().libpcap == Outcome::kWrong)
      << difference(*meaning, *optimized);
}

INSTANTIATE_TEST_SUITE_P(Filters, OptimizerBugs, testing::ValuesIn(kRows));

}  // namespace
}  // namespace bpfc::oracle
