// The packet sockets of a network namespace of the test's own, as the kernel lists them.
#include "bpfc/packet_sockets.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "bpfc/attach.h"
#include "bpfc/packet_socket.h"
#include "tests/capture/test_network.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;

VerifiedProgram keep(std::uint32_t bytes) {
  const Instruction instruction{encode(Operation::kReturnConstant), 0, 0, bytes};
  return *verify({&instruction, 1}, Rules::kKernel);
}

std::uint32_t inode_of(int descriptor) {
  struct stat status {};
  EXPECT_EQ(fstat(descriptor, &status), 0);
  return static_cast<std::uint32_t>(status.st_ino);
}

// The listed socket; none where it is not there.
std::optional<PacketSocketInfo> listed(int descriptor) {
  const auto sockets = list_packet_sockets();
  EXPECT_TRUE(sockets) << sockets.error().message;
  if (!sockets) return std::nullopt;
  for (const PacketSocketInfo& socket : *sockets) {
    if (socket.inode == inode_of(descriptor)) return socket;
  }
  return std::nullopt;
}

class PacketSocketsTest : public TestNetwork {
 protected:
  static PacketSocket open(std::uint32_t interface_index, std::uint16_t protocol = 3) {
    auto opened = PacketSocket::open(keep(77), {.interface_index = interface_index,
                                                .protocol = protocol,
                                                .framing = PacketFraming::kRaw,
                                                .blocking = false});
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }
};

TEST_F(PacketSocketsTest, ComeAndGo) {
  std::uint32_t inode = 0;
  {
    const PacketSocket socket = open(cable.near.index);
    inode = inode_of(socket.descriptor());
    const auto found = listed(socket.descriptor());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->type, SOCK_RAW);
    EXPECT_EQ(found->protocol, 3);
    EXPECT_EQ(found->interface_index, cable.near.index);
    EXPECT_TRUE(found->running);
    EXPECT_EQ(found->user, geteuid());
    EXPECT_EQ(found->filter_state, FilterState::kClassic);
    EXPECT_EQ(found->filter, keep(77).program());
    EXPECT_THAT(found->memberships, IsEmpty());
    EXPECT_EQ(found->receive_ring, std::nullopt);
    EXPECT_EQ(found->fanout, std::nullopt);
    ASSERT_TRUE(found->memory);
    EXPECT_EQ(found->memory->options, filter_charge(keep(77)));
  }
  const auto left = list_packet_sockets();
  ASSERT_TRUE(left);
  EXPECT_THAT(*left, Not(Contains(Field(&PacketSocketInfo::inode, inode))));
}

TEST_F(PacketSocketsTest, AreShownBeforeTheyHaveAHook) {
  const int bare = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const auto found = listed(bare);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->type, SOCK_DGRAM);
  EXPECT_EQ(found->protocol, 0);
  EXPECT_FALSE(found->running);
  EXPECT_EQ(found->filter_state, FilterState::kNone);
  close(bare);
}

TEST_F(PacketSocketsTest, ShowWhatHasBeenSet) {
  const PacketSocket socket = open(cable.far.index);
  const auto set = [&socket](int option, const auto& value) {
    EXPECT_EQ(setsockopt(socket.descriptor(), SOL_PACKET, option, &value, sizeof value), 0)
        << std::strerror(errno);
  };
  set(PACKET_AUXDATA, 1);
  set(PACKET_VERSION, int{TPACKET_V3});
  tpacket_req3 ring{};
  ring.tp_block_size = 1U << 16U;
  ring.tp_block_nr = 2;
  ring.tp_frame_size = 2048;
  ring.tp_frame_nr = 64;
  ring.tp_retire_blk_tov = 50;
  set(PACKET_RX_RING, ring);
  packet_mreq membership{};
  membership.mr_ifindex = static_cast<int>(cable.far.index);
  membership.mr_type = PACKET_MR_PROMISC;
  set(PACKET_ADD_MEMBERSHIP, membership);
  set(PACKET_FANOUT, int{5 | (PACKET_FANOUT_CPU << 16)});
  const auto found = listed(socket.descriptor());
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->auxiliary_data);
  EXPECT_EQ(found->ring_version, std::uint32_t{TPACKET_V3});
  EXPECT_EQ(found->receive_ring, (SocketRing{1U << 16U, 2, 2048, 64, 50}));
  EXPECT_THAT(found->memberships, ElementsAre(PacketMembership{1, cable.far.index, 1, {}}));
  EXPECT_EQ(found->fanout, (PacketFanout{5, PACKET_FANOUT_CPU}));
}

TEST_F(PacketSocketsTest, CountWhatFoundNoRoom) {
  constexpr std::uint16_t kExperiment = 0x88b5;
  const PacketSocket receiver = open(cable.far.index, kExperiment);
  const int smallest = 1;
  ASSERT_EQ(setsockopt(receiver.descriptor(), SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest),
            0);
  const int sender = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_protocol = htons(kExperiment);
  to.sll_ifindex = static_cast<int>(cable.near.index);
  to.sll_halen = 6;
  std::copy(cable.far.address.begin(), cable.far.address.end(), to.sll_addr);
  const std::array<std::uint8_t, 500> payload{};
  std::uint32_t drops = 0;
  std::uint32_t queued = 0;
  for (int i = 0; i < 500 && drops == 0; ++i) {
    (void)sendto(sender, payload.data(), payload.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                 sizeof to);
    const auto found = listed(receiver.descriptor());
    ASSERT_TRUE(found && found->memory && found->memory->drops);
    drops = *found->memory->drops;
    queued = found->memory->queued;
  }
  EXPECT_GT(drops, 0U);
  EXPECT_GT(queued, 0U);
  close(sender);
}

// Of the program `r0 = 9; exit`; or -1.
int load_extended_filter() {
  const std::array<bpf_insn, 2> program = {
      {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 9}, {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}}};
  const std::string license = "GPL";
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  attributes.insn_cnt = program.size();
  attributes.insns = reinterpret_cast<std::uintptr_t>(program.data());
  attributes.license = reinterpret_cast<std::uintptr_t>(license.c_str());
  return static_cast<int>(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes));
}

TEST_F(PacketSocketsTest, TellAnExtendedFilterFromNone) {
  const int filter = load_extended_filter();
  if (filter < 0) GTEST_SKIP() << "extended programs cannot be loaded here: " << strerror(errno);
  const PacketSocket socket = open(cable.far.index);
  ASSERT_EQ(setsockopt(socket.descriptor(), SOL_SOCKET, SO_ATTACH_BPF, &filter, sizeof filter), 0);
  close(filter);
  EXPECT_EQ(listed(socket.descriptor())->filter_state, FilterState::kExtended);
  ASSERT_TRUE(detach_filter(socket.descriptor()));
  EXPECT_EQ(listed(socket.descriptor())->filter_state, FilterState::kNone);
}

TEST_F(PacketSocketsTest, HideFiltersFromTheUnprivileged) {
  const PacketSocket filtering = open(cable.far.index);
  const int bare = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  const pid_t child = fork();
  if (child == 0) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    if (syscall(SYS_capset, &header, none.data()) != 0) _exit(2);
    const auto hidden = listed(filtering.descriptor());
    const auto absent = listed(bare);
    const bool expected = hidden && absent && hidden->filter_state == FilterState::kHidden &&
                          hidden->filter.empty() && absent->filter_state == FilterState::kNone;
    _exit(expected ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  close(bare);
}

TEST_F(PacketSocketsTest, AreFoundInTheirProcesses) {
  const PacketSocket socket = open(cable.near.index);
  const std::uint32_t inode = inode_of(socket.descriptor());
  const SocketHolders holders = find_socket_holders({inode, 0xfffffff0U});
  ASSERT_EQ(holders.by_inode.size(), 1U);
  EXPECT_THAT(holders.by_inode.at(inode), Contains(Field(&SocketHolder::process, getpid())));
  EXPECT_FALSE(holders.by_inode.at(inode).front().command.empty());
}

}  // namespace
}  // namespace bpfc
