#include "vm/ancillary.h"

#include <gtest/gtest.h>

#include <vector>

#include "vm/netlink_attribute.h"

namespace bpfc {
namespace {

TEST(Ancillary, NumbersFindTheirRowsAndNothingElseDoes) {
  std::size_t found = 0;
  for (std::uint32_t number = 0; number < 0x1000; ++number) {
    const auto row = find_ancillary(kAncillaryBase + number);
    if (!row) continue;
    EXPECT_EQ(ancillary_offset(row->load), kAncillaryBase + number);
    ++found;
  }
  EXPECT_EQ(found, kAncillaryLoads.size());
  EXPECT_EQ(found, 16U);
  EXPECT_FALSE(find_ancillary(0));
  EXPECT_FALSE(find_ancillary(kAncillaryBase - 4));
}

TEST(Ancillary, LoadsYieldTheFields) {
  Ancillary known;
  known.protocol = 0x800;
  known.packet_type = 4;
  known.interface_index = 3;
  known.mark = 5;
  known.queue = 6;
  known.hardware_type = 772;
  known.receive_hash = 8;
  known.cpu = 9;
  known.vlan_tag = 10;
  known.vlan_tag_present = true;
  known.vlan_protocol = 0x8100;
  known.payload_offset = 12;
  known.random = 13;
  const Packet packet{.captured = {}, .ancillary = &known};
  const std::pair<AncillaryLoad, std::uint32_t> cases[] = {
      {AncillaryLoad::kProtocol, 0x800},
      {AncillaryLoad::kPacketType, 4},
      {AncillaryLoad::kInterfaceIndex, 3},
      {AncillaryLoad::kMark, 5},
      {AncillaryLoad::kQueue, 6},
      {AncillaryLoad::kHardwareType, 772},
      {AncillaryLoad::kReceiveHash, 8},
      {AncillaryLoad::kCpu, 9},
      {AncillaryLoad::kVlanTag, 10},
      {AncillaryLoad::kVlanTagPresent, 1},
      {AncillaryLoad::kVlanProtocol, 0x8100},
      {AncillaryLoad::kPayloadOffset, 12},
      {AncillaryLoad::kRandom, 13},
      {AncillaryLoad::kXorX, 0x60},
      {AncillaryLoad::kNetlinkAttribute, 0},
      {AncillaryLoad::kNestedNetlinkAttribute, 0},
  };
  for (const auto& [load, value] : cases) {
    const LoadOutcome outcome = load_ancillary(load, 0x50, 0x30, packet);
    EXPECT_FALSE(outcome.ends_program);
    EXPECT_EQ(outcome.value, value) << static_cast<int>(load);
  }
}

TEST(Ancillary, WithoutADeviceTheProgramEndsReturningA) {
  for (const auto load : {AncillaryLoad::kInterfaceIndex, AncillaryLoad::kHardwareType}) {
    const LoadOutcome outcome = load_ancillary(load, 77, 0, Packet{});
    EXPECT_TRUE(outcome.ends_program);
    EXPECT_EQ(outcome.value, 77U);
  }
}

// Two bytes of padding after the first attribute; the second holds a nested list of two; its type
// carries the flag NLA_F_NESTED.
const std::vector<std::uint8_t> kAttributes = {
    6,  0, 1, 0,    0xaa, 0xbb, 0, 0,  // 0: type 1, length 6
    16, 0, 2, 0x80,                    // 8: type 2, length 16
    4,  0, 5, 0,                       // 12: type 5, length 4
    8,  0, 7, 0,    1,    2,    3, 4,  // 16: type 7, length 8
    5,  0, 9, 0,    1,                 // 24: type 9, length 5, no padding
};

TEST(NetlinkAttribute, FindsByType) {
  EXPECT_EQ(find_netlink_attribute(kAttributes, 0, 2), 8U);
  EXPECT_EQ(find_netlink_attribute(kAttributes, 0, 9), 24U);
  EXPECT_EQ(find_netlink_attribute(kAttributes, 8, 1), 0U);
  EXPECT_EQ(find_netlink_attribute(kAttributes, 0, 7), 0U);
  // The flags are no part of a type, nor are bits of X beyond 16.
  EXPECT_EQ(find_netlink_attribute(kAttributes, 0, 0x8002), 0U);
  EXPECT_EQ(find_netlink_attribute(kAttributes, 0, 0x10002), 0U);
}

TEST(NetlinkAttribute, FindsNested) {
  EXPECT_EQ(find_nested_netlink_attribute(kAttributes, 8, 5), 12U);
  EXPECT_EQ(find_nested_netlink_attribute(kAttributes, 8, 7), 16U);
  EXPECT_EQ(find_nested_netlink_attribute(kAttributes, 8, 9), 0U);
}

TEST(NetlinkAttribute, EndsAtWhatDoesNotFit) {
  const std::span<const std::uint8_t> all = kAttributes;
  EXPECT_EQ(find_netlink_attribute(all.first(28), 0, 9), 0U);
  EXPECT_EQ(find_netlink_attribute(all, 26, 9), 0U);
  EXPECT_EQ(find_netlink_attribute(all, 29, 9), 0U);
  EXPECT_EQ(find_netlink_attribute(all, 0xffffffffU, 9), 0U);
  EXPECT_EQ(find_nested_netlink_attribute(all.first(20), 8, 5), 0U);
  EXPECT_EQ(find_netlink_attribute({}, 0, 0), 0U);
  const std::uint8_t too_short[] = {3, 0, 0, 0, 4, 0, 1, 0};
  EXPECT_EQ(find_netlink_attribute(too_short, 0, 0), 0U);
}

}  // namespace
}  // namespace bpfc
