// Interfaces from made messages of rtnetlink, and the tables beside them.
#include "capture/interface_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "bpfc/link_type.h"
#include "capture/similar_names.h"
#include "tests/capture/made_netlink.h"

namespace bpfc::capture {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

NetlinkObject link(int index, const std::string& name) {
  ifinfomsg message{};
  message.ifi_index = index;
  message.ifi_type = 1;
  message.ifi_flags = 0x1043;
  return {RTM_NEWLINK, MadeBytes()
                           .object(message)
                           .attribute_text(IFLA_IFNAME, name)
                           .attribute_object(IFLA_MTU, std::uint32_t{1500})
                           .attribute(IFLA_ADDRESS, {2, 0, 0, 0, 0, 1})
                           .get()};
}

struct Attribute {
  std::uint16_t type;
  std::vector<std::uint8_t> value;
};

NetlinkObject address(std::uint32_t index, std::uint8_t family, std::uint8_t prefix_length,
                      const std::vector<Attribute>& attributes) {
  ifaddrmsg message{};
  message.ifa_family = family;
  message.ifa_prefixlen = prefix_length;
  message.ifa_index = index;
  MadeBytes made;
  made.object(message);
  for (const Attribute& one : attributes) made.attribute(one.type, one.value);
  return {RTM_NEWADDR, made.get()};
}

AddressBytes bytes_of(const std::vector<std::uint8_t>& start) {
  AddressBytes bytes{};
  std::copy(start.begin(), start.end(), bytes.begin());
  return bytes;
}

TEST(ReadInterfaces, SortsByIndexAndGivesEachItsAddresses) {
  const auto interfaces = read_interfaces(
      {link(7, "seven"), link(3, "three")},
      {address(3, AF_INET, 24,
               {{IFA_ADDRESS, {10, 0, 0, 1}},
                {IFA_LOCAL, {10, 0, 0, 1}},
                {IFA_BROADCAST, {10, 0, 0, 255}}}),
       address(7, AF_INET, 32, {{IFA_LOCAL, {10, 1, 0, 1}}, {IFA_ADDRESS, {10, 1, 0, 2}}}),
       address(3, AF_INET6, 64, {{IFA_ADDRESS, std::vector<std::uint8_t>(16, 0xfd)}})});
  ASSERT_THAT(interfaces, SizeIs(2));
  const Interface& three = interfaces[0];
  EXPECT_EQ(three.index, 3U);
  EXPECT_EQ(three.name, "three");
  EXPECT_EQ(three.hardware_type, 1);
  EXPECT_EQ(three.mtu, 1500U);
  EXPECT_THAT(three.hardware_address, ElementsAre(2, 0, 0, 0, 0, 1));
  EXPECT_TRUE(three.is_up());
  EXPECT_TRUE(three.is_running());
  EXPECT_FALSE(three.is_loopback());
  EXPECT_FALSE(three.is_promiscuous());
  EXPECT_THAT(three.addresses,
              ElementsAre(InterfaceAddress{4, bytes_of({10, 0, 0, 1}), 24, std::nullopt,
                                           bytes_of({10, 0, 0, 255})},
                          InterfaceAddress{6, bytes_of(std::vector<std::uint8_t>(16, 0xfd)), 64,
                                           std::nullopt, std::nullopt}));
  EXPECT_THAT(interfaces[1].addresses,
              ElementsAre(InterfaceAddress{4, bytes_of({10, 1, 0, 1}), 32, bytes_of({10, 1, 0, 2}),
                                           std::nullopt}));
  EXPECT_EQ(ipv4_netmask(three), 0xffffff00U);
  EXPECT_EQ(ipv4_netmask(interfaces[1]), 0xffffffffU);
  EXPECT_EQ(ipv4_netmask(Interface{}), std::nullopt);
}

TEST(ReadInterfaces, KnowsOtherNames) {
  NetlinkObject object = link(1, "a");
  const auto names =
      MadeBytes().attribute_text(IFLA_ALT_IFNAME, "second").attribute_text(99, "none").get();
  const auto list = MadeBytes().attribute(IFLA_PROP_LIST | NLA_F_NESTED, names).get();
  object.payload.insert(object.payload.end(), list.begin(), list.end());
  EXPECT_THAT(read_interfaces({object}, {})[0].other_names, ElementsAre("second"));
}

TEST(ReadInterfaces, LeavesOutWhatCannotBeRead) {
  const NetlinkObject sound = link(1, "a");
  const NetlinkObject other_type{RTM_DELLINK, sound.payload};
  EXPECT_THAT(read_interfaces({other_type, link(0, "zero"), link(-1, "negative"), link(2, "")}, {}),
              IsEmpty());
  for (std::size_t size = 0; size < sound.payload.size(); ++size) {
    NetlinkObject cut = sound;
    cut.payload.resize(size);
    // The structure has 16 bytes, the name's attribute 6.
    EXPECT_THAT(read_interfaces({cut}, {}), SizeIs(size >= 22 ? 1 : 0)) << size;
  }
  EXPECT_THAT(read_interfaces({sound}, {address(2, AF_INET, 24, {{IFA_LOCAL, {10, 0, 0, 1}}}),
                                        address(1, AF_INET, 33, {{IFA_LOCAL, {10, 0, 0, 1}}}),
                                        address(1, AF_INET, 24, {{IFA_LOCAL, {10, 0, 0}}}),
                                        address(1, AF_INET, 24, {}),
                                        address(1, AF_UNIX, 24, {{IFA_LOCAL, {1, 2, 3, 4}}}),
                                        {RTM_NEWADDR, {1, 2}}})[0]
                  .addresses,
              IsEmpty());
}

TEST(PrintableName, EscapesWhatATerminalWouldTakeOtherwise) {
  EXPECT_EQ(printable_name("eth0.100@x"), "eth0.100@x");
  EXPECT_EQ(printable_name("a\x1b[1m\\\xc3\xa4 "), "a\\x1b[1m\\x5c\\xc3\\xa4\\x20");
}

TEST(SimilarNames, AreTheNearestFirst) {
  const std::vector<std::string> names = {"lo", "eth0", "eth1", "wlan0", "enp0s31f6"};
  EXPECT_THAT(similar_names("eht1", names), ElementsAre("eth1"));
  EXPECT_THAT(similar_names("ETH1", names), ElementsAre("eth1", "eth0"));
  EXPECT_THAT(similar_names("enp0s3f6", names), ElementsAre("enp0s31f6"));
  EXPECT_THAT(similar_names("wlna", names), IsEmpty());
  EXPECT_THAT(similar_names("", {"a", "ab"}), ElementsAre("a"));
  EXPECT_THAT(similar_names(std::string(1000, 'x'), {std::string(1000, 'x')}), IsEmpty());
}

struct Row {
  std::string_view name;
  std::uint16_t hardware_type;
  std::string_view link_type;
  SocketLink link;
};

constexpr Row kRows[] = {
#define BPFC_HARDWARE_TYPE(name, number, link_type, file_number, framing, header) \
  {#name, number, #link_type, {file_number, PacketFraming::framing, header}},
#include "capture/hardware_type.def"
#undef BPFC_HARDWARE_TYPE
};

TEST(SocketLink, OfEachRowIsALinkTypeThatTheCompilerKnows) {
  for (const Row& row : kRows) {
    EXPECT_EQ(socket_link(row.hardware_type), row.link) << row.name;
    const LinkType* type = find_link_type_of_file(row.link.file_link_type);
    ASSERT_NE(type, nullptr) << row.name;
    EXPECT_EQ(type->name, row.link_type) << row.name;
    EXPECT_EQ(type->file_number, row.link.file_link_type) << row.name;
    const bool cooked = row.link.framing == PacketFraming::kCooked;
    const bool second_version = type->name == "LINUX_SLL2";
    EXPECT_EQ(row.link.cooked_header, cooked ? (second_version ? 20 : 16) : 0) << row.name;
  }
}

TEST(SocketLink, HasTheNumbersOfTheSystem) {
  EXPECT_EQ(socket_link(ARPHRD_ETHER).file_link_type, 1);
  EXPECT_EQ(socket_link(ARPHRD_LOOPBACK).file_link_type, 1);
  EXPECT_EQ(socket_link(ARPHRD_NONE).file_link_type, 101);
  EXPECT_EQ(socket_link(ARPHRD_IEEE80211_RADIOTAP).file_link_type, 127);
  EXPECT_EQ(socket_link(ARPHRD_IEEE802154).file_link_type, 230);
  EXPECT_EQ(socket_link(ARPHRD_NETLINK).framing, PacketFraming::kCooked);
  for (const int unknown : {ARPHRD_IPGRE, ARPHRD_TUNNEL6, ARPHRD_VOID, 12345}) {
    EXPECT_EQ(socket_link(static_cast<std::uint16_t>(unknown)), any_interface_link());
  }
}

}  // namespace
}  // namespace bpfc::capture
