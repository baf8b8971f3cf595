#include <gtest/gtest.h>

#include "capture_bytes.h"
#include "libpcap_reading.h"
#include "packet_list.h"

namespace bpfc::capture_test {
namespace {

constexpr std::uint16_t kResolution = 9;
constexpr std::uint16_t kOffset = 14;

class PcapngTest : public testing::TestWithParam<bool> {
 protected:
  bool swapped() const { return GetParam(); }

  // A file of one interface with these options, and a packet.
  Bytes with_options(const Bytes& options, std::uint64_t ticks = 5) const {
    return joined({make_.section(), make_.interface(1, 100, options),
                   make_.enhanced(0, ticks, 4, 4, bytes_of("abcd"))});
  }
  // The error of a file whose sound beginning is a section, an interface and a packet.
  CaptureError error_after_packet(const Bytes& rest) const {
    const Bytes start = with_options({});
    const Bytes file = joined({start, rest});
    const PacketList list = read_all(file);
    EXPECT_EQ(list.packets.size(), 1U);
    EXPECT_TRUE(list.error);
    EXPECT_EQ(difference_from_libpcap(file), "");
    if (!list.error) return {};
    EXPECT_EQ(list.error->offset, start.size());
    EXPECT_EQ(list.error->kind, CaptureErrorKind::kDamaged);
    return *list.error;
  }

  ByteMaker make_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(ByteOrders, PcapngTest, testing::Bool(),
                         [](const auto& order) { return order.param ? "Swapped" : "Native"; });

TEST_P(PcapngTest, DeliversEveryKindOfPacketBlock) {
  const Bytes start = joined({make_.section(), make_.interface(1, 3)});
  const Bytes file = joined({start, make_.enhanced(0, (1ULL << 40U) + 1, 3, 9, bytes_of("abc")),
                             make_.simple(9, bytes_of("def")), make_.simple(2, bytes_of("gh")),
                             make_.obsolete(0, 1'500'000, 1, 9, bytes_of("i"))});
  const PacketList list = read_all(file);
  EXPECT_FALSE(list.error);
  ASSERT_EQ(list.packets.size(), 4U);
  const auto at = static_cast<std::uint64_t>(start.size());
  EXPECT_EQ(list.packets[0],
            (PacketCopy{bytes_of("abc"), 9, {1099511, 627'777'000}, 0, 1, swapped(), at}));
  EXPECT_EQ(list.packets[1], (PacketCopy{bytes_of("def"), 9, {0, 0}, 0, 1, swapped(), at + 36}));
  EXPECT_EQ(list.packets[2], (PacketCopy{bytes_of("gh"), 2, {0, 0}, 0, 1, swapped(), at + 56}));
  EXPECT_EQ(list.packets[3],
            (PacketCopy{bytes_of("i"), 9, {1, 500'000'000}, 0, 1, swapped(), at + 76}));
  EXPECT_EQ(difference_from_libpcap(file), "");
}

TEST_P(PcapngTest, SkipsBlocksOfOtherTypes) {
  const Bytes file =
      joined({make_.section(), make_.block(4, bytes_of("names")), make_.interface(),
              make_.block(0x80000bad, {}), make_.enhanced(0, 5, 4, 4, bytes_of("abcd")),
              make_.block(5, Bytes(5000, 1))});
  const PacketList list = read_all(file);
  EXPECT_FALSE(list.error);
  EXPECT_EQ(list.packets.size(), 1U);
  EXPECT_EQ(difference_from_libpcap(file), "");
}

TEST_P(PcapngTest, ReadsInterfacesThatDiffer) {
  const Bytes nanoseconds = make_.option(kResolution, {9});
  const Bytes file =
      joined({make_.section(), make_.interface(1, 100), make_.interface(113, 4, nanoseconds),
              make_.enhanced(1, 5, 4, 9, bytes_of("abcd")), make_.enhanced(0, 5, 1, 1, {7}),
              make_.interface(101, 0), make_.enhanced(2, 5, 2, 2, {8, 8})});
  const PacketList list = read_all(file);
  EXPECT_FALSE(list.error);
  ASSERT_EQ(list.interfaces.size(), 3U);
  EXPECT_EQ(list.interfaces[1], (CaptureInterface{113, 0, 4, kNanoseconds, 0, 0}));
  EXPECT_EQ(list.interfaces[2], (CaptureInterface{101, 0, 262144, kMicroseconds, 0, 0}));
  ASSERT_EQ(list.packets.size(), 3U);
  EXPECT_EQ(list.packets[0].interface, 1U);
  EXPECT_EQ(list.packets[0].link_type, 113);
  EXPECT_EQ(list.packets[0].time, (CaptureTime{0, 5}));
  EXPECT_EQ(list.packets[1].link_type, 1);
  EXPECT_EQ(list.packets[1].time, (CaptureTime{0, 5000}));
  EXPECT_EQ(list.packets[2].link_type, 101);
}

TEST_P(PcapngTest, ReadsSectionsOfBothByteOrders) {
  const ByteMaker other(!swapped());
  const Bytes first = joined(
      {make_.section(), make_.interface(1), make_.interface(1), make_.enhanced(1, 5, 1, 1, {1})});
  const Bytes second =
      joined({other.section(1, 2), other.interface(0), other.enhanced(0, 5, 1, 1, {2})});
  const PacketList list = read_all(joined({first, second, make_.section()}));
  EXPECT_FALSE(list.error);
  ASSERT_EQ(list.sections.size(), 3U);
  EXPECT_EQ(list.sections[1], (CaptureSection{first.size(), !swapped(), 2}));
  EXPECT_EQ(list.sections[2].first_interface, 3U);
  ASSERT_EQ(list.packets.size(), 2U);
  EXPECT_EQ(list.packets[1].interface, 2U);
  EXPECT_EQ(list.packets[1].swapped, !swapped());
  EXPECT_EQ(list.packets[1].link_type, 0);
  EXPECT_EQ(list.interfaces[2].section, 1U);
}

TEST_P(PcapngTest, ReadsSectionsOfTheSameByteOrder) {
  const Bytes section = with_options({});
  const Bytes file = joined(
      {section, make_.section(1, 1), make_.interface(), make_.enhanced(0, 5, 1, 1, {1}), section});
  EXPECT_EQ(read_all(file).packets.size(), 3U);
  EXPECT_EQ(difference_from_libpcap(file), "");
}

TEST_P(PcapngTest, UnderstandsResolutionAndOffset) {
  struct Case {
    std::uint8_t resolution;
    std::uint64_t ticks;
    std::int64_t offset;
    CaptureTime time;
  };
  const Case cases[] = {
      {6, 12'345'678, 0, {12, 345'678'000}},
      {9, 12'345'678'901, -13, {-1, 345'678'901}},
      {3, 1001, 1'000'000'000'000, {1'000'000'000'001, 1'000'000}},
      {0, 77, 0, {77, 0}},
      {12, 1'000'000'001'999, 0, {1, 1}},
      {0x80 | 1, 3, 0, {1, 500'000'000}},
      {0x80 | 20, 1, 5, {5, 953}},
      {19, 10'000'000'010'000'000'000U, 0, {1, 1}},
  };
  for (const Case& c : cases) {
    const Bytes options =
        joined({make_.option(2, bytes_of("eth0")), make_.option(kResolution, {c.resolution}),
                make_.option(kOffset, make_.u64(static_cast<std::uint64_t>(c.offset))),
                make_.option(0, {})});
    const Bytes file = with_options(options, c.ticks);
    const PacketList list = read_all(file);
    ASSERT_EQ(list.packets.size(), 1U);
    EXPECT_EQ(list.packets[0].time, c.time) << int{c.resolution};
    EXPECT_EQ(list.interfaces[0].time_offset, c.offset);
    EXPECT_EQ(list.interfaces[0].resolution.code, c.resolution);
    EXPECT_EQ(difference_from_libpcap(file), "");
  }
}

TEST_P(PcapngTest, RefusesBadOptions) {
  const Bytes six = make_.option(kResolution, {6});
  const Bytes offset = make_.option(kOffset, make_.u64(1));
  const Bytes bad[] = {make_.option(kResolution, {20}),
                       make_.option(kResolution, {0x80 | 64}),
                       make_.option(kResolution, {6, 6}),
                       make_.option(kResolution, {}),
                       joined({six, six}),
                       make_.option(kOffset, make_.u32(1)),
                       joined({offset, offset}),
                       make_.option(0, {1}),
                       joined({make_.u16(2), make_.u16(5), make_.u32(0)})};
  for (const Bytes& options : bad) {
    const Bytes file = with_options(options);
    const PacketList list = read_all(file);
    ASSERT_TRUE(list.error);
    EXPECT_EQ(list.error->offset, make_.section().size());
    EXPECT_EQ(difference_from_libpcap(file), "");
  }
}

TEST_P(PcapngTest, IgnoresWhatFollowsTheEndOfTheOptions) {
  const Bytes file = with_options(joined({make_.option(0, {}), Bytes(8, 0xff)}));
  EXPECT_EQ(read_all(file).packets.size(), 1U);
  EXPECT_EQ(difference_from_libpcap(file), "");
}

TEST_P(PcapngTest, RefusesBadBlocks) {
  Bytes trailer = make_.block(9, bytes_of("abcd"));
  trailer[trailer.size() - 2] ^= 1U;
  EXPECT_NE(error_after_packet(trailer).message.find("after it"), std::string::npos);
  for (const std::uint32_t length : {0U, 8U, 13U, 15U, (16U << 20U) + 4}) {
    error_after_packet(joined({make_.u32(9), make_.u32(length), Bytes(9, 0)}));
  }
  error_after_packet(make_.block(6, Bytes(16, 0)));
  error_after_packet(make_.block(2, Bytes(16, 0)));
  error_after_packet(make_.block(3, {}));
  error_after_packet(make_.block(1, Bytes(4, 0)));
  error_after_packet(make_.block(0x0a0d0d0a, make_.u32(0x1a2b3c4d)));
  error_after_packet(make_.block(0x0a0d0d0a, Bytes(16, 1)));
}

TEST_P(PcapngTest, RefusesBadPackets) {
  error_after_packet(make_.enhanced(1, 5, 4, 4, bytes_of("abcd")));
  error_after_packet(make_.enhanced(0xffffffff, 5, 4, 4, bytes_of("abcd")));
  error_after_packet(make_.enhanced(0, 5, 5, 5, bytes_of("abcd")));
  error_after_packet(make_.enhanced(0, 5, 101, 101, Bytes(104, 1)));
  error_after_packet(make_.simple(5, bytes_of("abcd")));
  error_after_packet(make_.obsolete(1, 5, 4, 4, bytes_of("abcd")));
}

TEST_P(PcapngTest, RefusesPacketsOfASectionWithoutInterfaces) {
  const Bytes start = joined({with_options({}), make_.section()});
  const Bytes file = joined({start, make_.simple(1, {1})});
  const PacketList list = read_all(file);
  EXPECT_EQ(list.packets.size(), 1U);
  ASSERT_TRUE(list.error);
  EXPECT_EQ(list.error->offset, start.size());
  EXPECT_EQ(difference_from_libpcap(file), "");
}

TEST_P(PcapngTest, DoesNotOpenWithoutAnInterface) {
  const Bytes packet = make_.enhanced(0, 5, 1, 1, {1});
  for (const Bytes& file : {make_.section(), joined({make_.section(), packet})}) {
    const PacketList list = read_all(file);
    ASSERT_TRUE(list.error);
    EXPECT_FALSE(list.format);
    EXPECT_EQ(list.error->kind, CaptureErrorKind::kDamaged);
    EXPECT_EQ(list.error->offset, make_.section().size());
    EXPECT_EQ(difference_from_libpcap(file), "");
  }
}

TEST_P(PcapngTest, RefusesOtherVersions) {
  const std::uint16_t versions[][2] = {{1, 1}, {2, 0}, {0, 0}};
  for (const auto& version : versions) {
    const Bytes file = joined({make_.section(version[0], version[1]), make_.interface()});
    ASSERT_TRUE(read_all(file).error);
    EXPECT_EQ(read_all(file).error->kind, CaptureErrorKind::kUnsupported);
    EXPECT_EQ(difference_from_libpcap(file), "");
  }
  const Bytes later = joined({with_options({}), make_.section(2, 0)});
  ASSERT_TRUE(read_all(later).error);
  EXPECT_EQ(difference_from_libpcap(later), "");
}

}  // namespace
}  // namespace bpfc::capture_test
