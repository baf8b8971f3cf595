#include <gtest/gtest.h>

#include "capture_bytes.h"
#include "libpcap_reading.h"
#include "packet_list.h"

namespace bpfc::capture_test {
namespace {

constexpr std::uint32_t kMicro = 0xa1b2c3d4;
constexpr std::uint32_t kNano = 0xa1b23c4d;
constexpr std::uint32_t kModified = 0xa1b2cd34;

class PcapTest : public testing::TestWithParam<bool> {
 protected:
  bool swapped() const { return GetParam(); }
  ByteMaker make_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(ByteOrders, PcapTest, testing::Bool(),
                         [](const auto& order) { return order.param ? "Swapped" : "Native"; });

TEST_P(PcapTest, DeliversPacketsWithAllTheyHave) {
  const Bytes file = joined({make_.pcap_header(kMicro, 101, 1000),
                             make_.pcap_record(0x5a5b5c5d, 999'999, 3, 1500, {1, 2, 3}),
                             make_.pcap_record(0xffffffff, 0, 0, 0, {})});
  const PacketList list = read_all(file);
  EXPECT_FALSE(list.error);
  EXPECT_EQ(list.format, CaptureFormat::kPcap);
  ASSERT_EQ(list.interfaces.size(), 1U);
  EXPECT_EQ(list.interfaces[0], (CaptureInterface{101, 0, 1000, kMicroseconds, 0, 0}));
  ASSERT_EQ(list.sections.size(), 1U);
  EXPECT_EQ(list.sections[0], (CaptureSection{0, swapped(), 0}));
  ASSERT_EQ(list.packets.size(), 2U);
  EXPECT_EQ(list.packets[0],
            (PacketCopy{{1, 2, 3}, 1500, {0x5a5b5c5d, 999'999'000}, 0, 101, swapped(), 24}));
  EXPECT_EQ(list.packets[1], (PacketCopy{{}, 0, {0xffffffff, 0}, 0, 101, swapped(), 43}));
  EXPECT_EQ(difference_from_libpcap(file), "");
}

TEST_P(PcapTest, ReadsNanoseconds) {
  const Bytes file =
      joined({make_.pcap_header(kNano), make_.pcap_record(7, 123'456'789, 1, 1, {9})});
  const PacketList list = read_all(file);
  ASSERT_EQ(list.packets.size(), 1U);
  EXPECT_EQ(list.interfaces[0].resolution, kNanoseconds);
  EXPECT_EQ(list.packets[0].time, (CaptureTime{7, 123'456'789}));
  EXPECT_EQ(difference_from_libpcap(file), "");
}

TEST_P(PcapTest, PassesOnFractionsOfMoreThanASecond) {
  const Bytes file = joined({make_.pcap_header(), make_.pcap_record(1, 0xffffffff, 1, 1, {9})});
  EXPECT_EQ(read_all(file).packets.at(0).time, (CaptureTime{1, 4'294'967'295'000}));
}

TEST_P(PcapTest, ReadsTheModifiedFormat) {
  const Bytes more = {0, 0, 0, 1, 0, 8, 0, 0};
  const Bytes file =
      joined({make_.pcap_header(kModified, 1, 4), make_.pcap_record(1, 2, 3, 3, more),
              Bytes{1, 2, 3}, make_.pcap_record(1, 3, 2, 3, more), Bytes{4, 5}});
  const PacketList list = read_all(file);
  ASSERT_EQ(list.packets.size(), 2U);
  EXPECT_EQ(list.interfaces[0].snaplen, 18U);
  EXPECT_EQ(list.packets[1].data, (Bytes{4, 5}));
  EXPECT_EQ(difference_from_libpcap(file), "");
}

TEST_P(PcapTest, TurnsTheLengthsOfOldVersionsAround) {
  struct Case {
    std::uint16_t major, minor;
    std::uint32_t first, second, captured, wire;
  };
  const Case cases[] = {{2, 2, 9, 4, 4, 9},   {2, 3, 9, 4, 4, 9}, {2, 3, 4, 9, 4, 9},
                        {543, 0, 9, 4, 4, 9}, {2, 4, 4, 9, 4, 9}, {2, 0, 9, 4, 4, 9}};
  for (const Case& c : cases) {
    const Bytes file = joined({make_.pcap_header(kMicro, 1, 100, c.major, c.minor),
                               make_.pcap_record(1, 2, c.first, c.second, bytes_of("abcd"))});
    const PacketList list = read_all(file);
    ASSERT_EQ(list.packets.size(), 1U) << c.major << "." << c.minor;
    EXPECT_EQ(list.packets[0].data.size(), c.captured);
    EXPECT_EQ(list.packets[0].wire_length, c.wire);
    EXPECT_EQ(difference_from_libpcap(file), "");
  }
}

TEST_P(PcapTest, RefusesOtherVersions) {
  const std::uint16_t versions[][2] = {{1, 0}, {2, 5}, {3, 0}, {543, 1}, {0, 4}};
  for (const auto& version : versions) {
    const Bytes file = make_.pcap_header(kMicro, 1, 100, version[0], version[1]);
    const PacketList list = read_all(file);
    ASSERT_TRUE(list.error);
    EXPECT_EQ(list.error->kind, CaptureErrorKind::kUnsupported);
    EXPECT_EQ(difference_from_libpcap(file), "");
  }
}

TEST_P(PcapTest, CutsPacketsToTheSnaplen) {
  const Bytes file =
      joined({make_.pcap_header(kMicro, 1, 2), make_.pcap_record(1, 2, 4, 60, bytes_of("abcd")),
              make_.pcap_record(1, 2, 1, 60, bytes_of("e"))});
  const PacketList list = read_all(file);
  ASSERT_EQ(list.packets.size(), 2U);
  EXPECT_EQ(list.packets[0].data, bytes_of("ab"));
  EXPECT_EQ(list.packets[1].data, bytes_of("e"));
  EXPECT_EQ(difference_from_libpcap(file), "");
}

TEST_P(PcapTest, TakesNoSnaplenForTheGreatest) {
  EXPECT_EQ(read_all(make_.pcap_header(kMicro, 1, 0)).interfaces.at(0).snaplen, 262144U);
  EXPECT_EQ(read_all(make_.pcap_header(kMicro, 1, 0x80000000)).interfaces.at(0).snaplen, 262144U);
  EXPECT_EQ(read_all(make_.pcap_header(kMicro, 231, 0)).interfaces.at(0).snaplen, 134217728U);
  EXPECT_EQ(read_all(make_.pcap_header(kMicro, 1, 0x7fffffff)).interfaces.at(0).snaplen,
            0x7fffffffU);
}

TEST_P(PcapTest, RefusesPacketsAboveTheGreatestLengthOfTheLinkType) {
  struct Case {
    std::uint32_t link_type, greatest;
  };
  for (const Case& c : {Case{1, 262144}, Case{249, 1U << 20U}, Case{279, 8U << 20U}}) {
    const Bytes header = make_.pcap_header(kMicro, c.link_type, 0x7fffffff);
    const Bytes good = make_.pcap_record(1, 2, c.greatest, c.greatest, Bytes(c.greatest, 7));
    const Bytes bad = make_.pcap_record(1, 2, c.greatest + 1, c.greatest + 1, {});
    const Bytes file = joined({header, good, bad, Bytes(c.greatest + 1, 7)});
    const PacketList list = read_all(file);
    EXPECT_EQ(list.packets.size(), 1U);
    ASSERT_TRUE(list.error);
    EXPECT_EQ(list.error->kind, CaptureErrorKind::kDamaged);
    EXPECT_EQ(list.error->offset, 24U + 16U + c.greatest);
    EXPECT_EQ(difference_from_libpcap(file), "");
  }
}

TEST_P(PcapTest, KeepsTheBitsThatSpeakOfFrameChecks) {
  const PacketList list = read_all(make_.pcap_header(kMicro, 0x54000001));
  ASSERT_EQ(list.interfaces.size(), 1U);
  EXPECT_EQ(list.interfaces[0].link_type, 1);
  EXPECT_EQ(list.interfaces[0].link_type_flags, 0x5400);
}

TEST_P(PcapTest, RefusesReservedBits) {
  const PacketList list = read_all(make_.pcap_header(kMicro, 0x00010001));
  ASSERT_TRUE(list.error);
  EXPECT_EQ(list.error->kind, CaptureErrorKind::kUnsupported);
}

TEST_P(PcapTest, PassesOnMoreBytesThanWereOnTheWire) {
  const Bytes file = joined({make_.pcap_header(), make_.pcap_record(1, 2, 4, 2, bytes_of("abcd"))});
  EXPECT_EQ(read_all(file).packets.at(0).data.size(), 4U);
  EXPECT_EQ(difference_from_libpcap(file), "");
}

}  // namespace
}  // namespace bpfc::capture_test
