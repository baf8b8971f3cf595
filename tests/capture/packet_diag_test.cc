// Packet sockets from made messages of sock_diag.
#include "capture/packet_diag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <cerrno>

#include "tests/capture/made_netlink.h"

namespace bpfc::capture {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Contents = std::vector<std::uint8_t>;
using Memory = std::array<std::uint32_t, 9>;

NetlinkObject object(const MadeBytes& attributes = {}, std::uint8_t family = AF_PACKET) {
  packet_diag_msg message{};
  message.pdiag_family = family;
  message.pdiag_type = SOCK_DGRAM;
  message.pdiag_num = 0x0800;
  message.pdiag_ino = 41;
  message.pdiag_cookie[0] = 1;
  message.pdiag_cookie[1] = 2;
  return {SOCK_DIAG_BY_FAMILY, MadeBytes().object(message).bytes(attributes.get()).get()};
}

PacketSocketInfo read(const MadeBytes& attributes) {
  const auto sockets = read_packet_sockets({object(attributes)});
  EXPECT_THAT(sockets, SizeIs(1));
  return sockets.empty() ? PacketSocketInfo{} : sockets.front();
}

TEST(ReadPacketSockets, TakesEverything) {
  const packet_diag_info information{.pdi_index = 3,
                                     .pdi_version = 2,
                                     .pdi_reserve = 0,
                                     .pdi_copy_thresh = 0,
                                     .pdi_tstamp = 0,
                                     .pdi_flags = PDI_RUNNING | PDI_AUXDATA};
  const packet_diag_ring ring{.pdr_block_size = 4096,
                              .pdr_block_nr = 8,
                              .pdr_frame_size = 2048,
                              .pdr_frame_nr = 16,
                              .pdr_retire_tmo = 60,
                              .pdr_sizeof_priv = 0,
                              .pdr_features = 0};
  packet_diag_mclist promiscuous{};
  promiscuous.pdmc_index = 3;
  promiscuous.pdmc_count = 1;
  promiscuous.pdmc_type = 1;
  promiscuous.pdmc_alen = 6;
  packet_diag_mclist multicast = promiscuous;
  multicast.pdmc_type = 0;
  multicast.pdmc_addr[0] = 0x33;
  const Instruction keep{6, 0, 0, 100};
  const auto socket = read(
      MadeBytes()
          .attribute_object(PACKET_DIAG_INFO, information)
          .attribute_object(PACKET_DIAG_UID, std::uint32_t{1000})
          .attribute(PACKET_DIAG_MCLIST, MadeBytes().object(promiscuous).object(multicast).get())
          .attribute_object(PACKET_DIAG_RX_RING, ring)
          .attribute_object(PACKET_DIAG_FANOUT, std::uint32_t{0x00020007})
          .attribute_object(PACKET_DIAG_MEMINFO, Memory{1, 2, 3, 4, 5, 6, 7, 8, 9})
          .attribute_object(PACKET_DIAG_FILTER, keep));
  EXPECT_EQ(socket.inode, 41U);
  EXPECT_EQ(socket.cookie, 0x200000001U);
  EXPECT_EQ(socket.type, SOCK_DGRAM);
  EXPECT_EQ(socket.protocol, 0x0800);
  EXPECT_EQ(socket.interface_index, 3U);
  EXPECT_TRUE(socket.running);
  EXPECT_TRUE(socket.auxiliary_data);
  EXPECT_FALSE(socket.original_device);
  EXPECT_FALSE(socket.vnet_header);
  EXPECT_EQ(socket.ring_version, 2U);
  EXPECT_EQ(socket.receive_ring, (SocketRing{4096, 8, 2048, 16, 60}));
  EXPECT_EQ(socket.transmit_ring, std::nullopt);
  EXPECT_EQ(socket.fanout, (PacketFanout{7, 2}));
  EXPECT_THAT(socket.memberships, ElementsAre(PacketMembership{1, 3, 1, {}},
                                              PacketMembership{0, 3, 1, {0x33, 0, 0, 0, 0, 0}}));
  EXPECT_EQ(socket.user, 1000U);
  EXPECT_EQ(socket.memory, (PacketSocketMemory{1, 2, 7, 9}));
  EXPECT_EQ(socket.filter_state, FilterState::kClassic);
  EXPECT_THAT(socket.filter, ElementsAre(keep));
}

TEST(ReadPacketSockets, TellsFiltersThatAreNotShownFromNone) {
  const auto state = [](bool empty_attribute, std::optional<Memory> memory) {
    MadeBytes made;
    if (memory) made.attribute_object(PACKET_DIAG_MEMINFO, *memory);
    if (empty_attribute) made.attribute(PACKET_DIAG_FILTER, {});
    return read(made).filter_state;
  };
  const Memory uncharged{};
  const Memory charged{0, 0, 0, 0, 0, 0, 1200, 0, 0};
  EXPECT_EQ(state(false, uncharged), FilterState::kNone);
  EXPECT_EQ(state(false, charged), FilterState::kExtended);
  EXPECT_EQ(state(true, uncharged), FilterState::kNone);
  EXPECT_EQ(state(true, charged), FilterState::kHidden);
  EXPECT_EQ(state(false, {}), FilterState::kNone);
  EXPECT_EQ(state(true, {}), FilterState::kUnknown);
}

TEST(ReadPacketSockets, TakesWhatOldKernelsSay) {
  const auto socket = read(MadeBytes()
                               .attribute(PACKET_DIAG_INFO, {5, 0, 0, 0})
                               .attribute(PACKET_DIAG_MEMINFO, Contents(28, 1)));
  EXPECT_EQ(socket.interface_index, 5U);
  EXPECT_FALSE(socket.running);
  ASSERT_TRUE(socket.memory);
  EXPECT_EQ(socket.memory->options, 0x01010101U);
  EXPECT_EQ(socket.memory->drops, std::nullopt);
  EXPECT_EQ(socket.user, std::nullopt);
}

TEST(ReadPacketSockets, LeavesOutWhatIsNoPacketSocket) {
  NetlinkObject other_type = object();
  other_type.type = 99;
  EXPECT_THAT(read_packet_sockets({other_type, object({}, AF_INET), {SOCK_DIAG_BY_FAMILY, {}}}),
              IsEmpty());
}

// Every attribute with every length up to its structure's and beyond, and the message cut anywhere.
TEST(ReadPacketSockets, SurvivesAnyLength) {
  MadeBytes all;
  for (std::uint16_t type = 0; type < PACKET_DIAG_MAX + 3; ++type) {
    for (std::size_t size = 0; size < 120; ++size) {
      const MadeBytes made = MadeBytes().attribute(type, Contents(size, 0xff));
      EXPECT_THAT(read_packet_sockets({object(made)}), SizeIs(1));
    }
    all.attribute(type, Contents(101, 0xff));
  }
  const NetlinkObject whole = object(all);
  for (std::size_t size = 0; size <= whole.payload.size(); ++size) {
    NetlinkObject cut = whole;
    cut.payload.resize(size);
    EXPECT_THAT(read_packet_sockets({cut}), SizeIs(size >= sizeof(packet_diag_msg) ? 1 : 0));
  }
  // Half an instruction at the end is none.
  EXPECT_THAT(read(MadeBytes().attribute(PACKET_DIAG_FILTER, Contents(20, 6))).filter, SizeIs(2));
}

TEST(PacketDiagFailure, SaysWhatTheKernelLacks) {
  // A family of sockets that this kernel has no diagnostics for is what a lack of packet_diag is.
  const std::uint8_t appletalk = AF_APPLETALK;
  const auto missing = netlink_dump(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY,
                                    MadeBytes().object(appletalk).bytes(Contents(19, 0)).get());
  ASSERT_FALSE(missing);
  const SocketError error = packet_diag_failure(missing.error());
  EXPECT_EQ(error.system_error, ENOENT);
  EXPECT_THAT(error.message, HasSubstr("`sudo modprobe packet_diag`"));
  EXPECT_EQ(packet_diag_failure(EPROTONOSUPPORT).message, error.message);
  EXPECT_EQ(packet_diag_failure(ENOMEM).message,
            "cannot list the packet sockets: Cannot allocate memory");
}

TEST(ReadPacketSockets, SortsByInode) {
  NetlinkObject early = object();
  packet_diag_msg message{};
  message.pdiag_family = AF_PACKET;
  message.pdiag_ino = 7;
  early.payload = MadeBytes().object(message).get();
  const auto sockets = read_packet_sockets({object(), early});
  ASSERT_THAT(sockets, SizeIs(2));
  EXPECT_EQ(sockets[0].inode, 7U);
  EXPECT_EQ(sockets[1].inode, 41U);
}

}  // namespace
}  // namespace bpfc::capture
