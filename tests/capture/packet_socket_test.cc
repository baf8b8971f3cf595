// Packet sockets, on a veth pair in a network namespace of the test's own.
#include "bpfc/packet_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <iostream>
#include <thread>

#include "bpfc/attach.h"
#include "capture/packet_permission.h"
#include "tests/capture/test_network.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

using ::testing::HasSubstr;
using enum Operation;

// Ethertypes for experiments (IEEE 802).
constexpr std::uint16_t kSent = 0x88b5;
constexpr std::uint16_t kNeverSent = 0x88b6;
constexpr std::uint32_t kAll = 0xffffffffU;

VerifiedProgram keep(std::uint32_t bytes) {
  const Instruction instruction{encode(kReturnConstant), 0, 0, bytes};
  return *verify({&instruction, 1}, Rules::kKernel);
}

class PacketSocketTest : public TestNetwork {
 protected:
  void SetUp() override {
    TestNetwork::SetUp();
    if (IsSkipped()) return;
    sender_ = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    ASSERT_GE(sender_, 0);
    // The interfaces take a moment to be connected.
    auto canary = open(keep(kAll));
    ASSERT_TRUE(canary) << canary.error().message;
    for (int attempt = 0; attempt < 200 && !arrives(canary->descriptor(), 10); ++attempt)
      send_frame();
  }
  void TearDown() override {
    if (sender_ >= 0) close(sender_);
  }

  static Expected<PacketSocket, SocketError> open(const VerifiedProgram& filter,
                                                  std::uint16_t protocol = 3,
                                                  PacketFraming framing = PacketFraming::kRaw) {
    return PacketSocket::open(filter, {.interface_index = cable.far.index,
                                       .protocol = protocol,
                                       .framing = framing,
                                       .blocking = false});
  }

  // Of 60 bytes.
  void send_frame() const {
    std::array<std::uint8_t, 60> frame{};
    std::copy(cable.far.address.begin(), cable.far.address.end(), frame.begin());
    std::copy(cable.near.address.begin(), cable.near.address.end(), frame.begin() + 6);
    frame[12] = kSent >> 8;
    frame[13] = kSent & 0xff;
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_ifindex = static_cast<int>(cable.near.index);
    to.sll_halen = 6;
    EXPECT_EQ(
        sendto(sender_, frame.data(), frame.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to),
        60);
  }

  static bool arrives(int descriptor, int milliseconds) {
    pollfd waiting{descriptor, POLLIN, 0};
    return poll(&waiting, 1, milliseconds) == 1;
  }
  // The length of the next packet; -1: there is none.
  static ssize_t receive(int descriptor) {
    std::array<std::uint8_t, 100> bytes{};
    return recv(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT);
  }

  int sender_ = -1;
};

TEST_F(PacketSocketTest, DeliversWhatTheFilterKeeps) {
  const auto everything = open(keep(kAll));
  const auto nothing = open(keep(0));
  const auto start = open(keep(20));
  const auto protocol = open(keep(kAll), kSent);
  const auto other_protocol = open(keep(kAll), kNeverSent);
  const auto cooked = open(keep(kAll), 3, PacketFraming::kCooked);
  const auto anywhere = PacketSocket::open(keep(kAll), {.protocol = kSent, .blocking = false});
  for (const auto* opened :
       {&everything, &nothing, &start, &protocol, &other_protocol, &cooked, &anywhere}) {
    ASSERT_TRUE(*opened) << opened->error().message;
    EXPECT_EQ(fcntl((*opened)->descriptor(), F_GETFD), FD_CLOEXEC);
  }
  EXPECT_EQ(attached_filter(start->descriptor()), keep(20).program());
  send_frame();
  for (const auto& [socket, length] : {std::pair{&everything, 60},
                                       {&start, 20},
                                       {&protocol, 60},
                                       {&cooked, 46},
                                       {&anywhere, 60}}) {
    EXPECT_TRUE(arrives((*socket)->descriptor(), 1000));
    EXPECT_EQ(receive((*socket)->descriptor()), length);
  }
  // All were served before the last of those.
  EXPECT_EQ(receive(nothing->descriptor()), -1);
  EXPECT_EQ(receive(other_protocol->descriptor()), -1);
}

TEST_F(PacketSocketTest, IsOwnedByOne) {
  auto first = open(keep(kAll));
  ASSERT_TRUE(first);
  const int number = first->descriptor();
  PacketSocket second = *std::move(first);
  EXPECT_EQ(second.descriptor(), number);
  auto third = open(keep(kAll));
  ASSERT_TRUE(third);
  const int replaced = third->descriptor();
  *third = std::move(second);
  EXPECT_EQ(third->descriptor(), number);
  EXPECT_EQ(fcntl(replaced, F_GETFD), -1);
  const int released = third->release();
  EXPECT_EQ(released, number);
  EXPECT_EQ(third->descriptor(), -1);
  { const PacketSocket last = *std::move(third); }
  EXPECT_EQ(close(released), 0);
  {
    const auto scoped = open(keep(kAll));
    ASSERT_TRUE(scoped);
    EXPECT_EQ(scoped->descriptor(), number);
  }
  EXPECT_EQ(fcntl(number, F_GETFD), -1);
}

// While frames arrive without a pause, sockets are opened whose filter rejects all; and, to see
// that the frames do come in between, others in the order that lets them slip in.
TEST_F(PacketSocketTest, LetsNoPacketInBeforeTheFilter) {
  std::atomic<bool> done = false;
  std::thread flood([&] {
    while (!done) send_frame();
  });
  constexpr int kSockets = 100;
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  int opened = 0;
  int slipped_in = 0;
  for (; opened < kSockets && std::chrono::steady_clock::now() < limit; ++opened) {
    const auto safe = open(keep(0));
    EXPECT_TRUE(safe);
    if (!safe) break;
    EXPECT_EQ(receive(safe->descriptor()), -1);
    const int unsafe = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(kSent));
    EXPECT_TRUE(arrives(unsafe, 1000));
    EXPECT_TRUE(attach_filter(unsafe, keep(0)));
    slipped_in += receive(unsafe) >= 0 ? 1 : 0;
    close(unsafe);
  }
  done = true;
  flood.join();
  std::cout << opened << " sockets; a packet slipped in before the filter in " << slipped_in
            << " of as many opened in the other order\n";
  EXPECT_EQ(slipped_in, opened);
}

TEST_F(PacketSocketTest, SaysThatThereIsNoSuchInterface) {
  for (const std::uint32_t index : {4'000U, 0x7fffffffU, 0xffffffffU}) {
    const auto opened = PacketSocket::open(keep(1), {.interface_index = index});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error(), (SocketError{SocketErrorKind::kNoSuchInterface, ENODEV,
                                           "no interface of this network namespace has the index " +
                                               std::to_string(index)}));
  }
}

TEST_F(PacketSocketTest, SaysThatTheInterfaceIsDown) {
  const auto other = judge::make_veth_pair("idle");
  ASSERT_TRUE(other) << other.error();
  ASSERT_EQ(judge::set_interface_up("idlea", false), "");
  const auto opened = PacketSocket::open(keep(1), {.interface_index = other->near.index});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, SocketErrorKind::kInterfaceDown);
  EXPECT_EQ(opened.error().message, "the interface idlea (index " +
                                        std::to_string(other->near.index) +
                                        ") is down: run `sudo ip link set idlea up`");
}

TEST_F(PacketSocketTest, PassesOnWhatTheFilterIsRefusedFor) {
  const Instruction keep_all{encode(kReturnConstant), 0, 0, kAll};
  const auto opened = PacketSocket::open(*verify({&keep_all, 1}, Rules::kLibpcap), {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, SocketErrorKind::kNotKernelRules);
}

// In a process that has given its capabilities up; 0 stands for what is expected.
int open_without_capabilities(bool keep_bounding_set, std::string_view command) {
  const pid_t child = fork();
  if (child == 0) {
    if (!keep_bounding_set && prctl(PR_CAPBSET_DROP, CAP_NET_RAW, 0, 0, 0) != 0) _exit(3);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    if (syscall(SYS_capset, &header, none.data()) != 0) _exit(4);
    const auto opened = PacketSocket::open(keep(1), {});
    if (opened) _exit(1);
    const SocketError& error = opened.error();
    const bool expected = error.kind == SocketErrorKind::kNotPermitted &&
                          error.system_error == EPERM &&
                          error.message.find("CAP_NET_RAW") != std::string::npos &&
                          error.message.find(command) != std::string::npos;
    _exit(expected ? 0 : 2);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(PacketSocketTest, NamesTheCapabilityAndTheCommand) {
  const std::string own = "`sudo setcap cap_net_raw+ep " + capture::own_privileges().executable;
  EXPECT_EQ(open_without_capabilities(true, own), 0);
  EXPECT_EQ(open_without_capabilities(false, "`docker run --cap-add=NET_RAW`"), 0);
}

TEST(PacketPermission, NamesOneCommandThatHelps) {
  using capture::packet_permission;
  using capture::Privileges;
  Privileges privileges{.executable = "/opt/a b/it's"};
  EXPECT_EQ(packet_permission(privileges),
            "opening a packet socket needs CAP_NET_RAW: run `sudo setcap cap_net_raw+ep '/opt/a "
            "b/it'\\''s'` once");
  privileges.executable = "/usr/bin/bpfc";
  EXPECT_THAT(packet_permission(privileges),
              HasSubstr("`sudo setcap cap_net_raw+ep /usr/bin/bpfc`"));
  privileges.gains_no_privileges = true;
  EXPECT_THAT(packet_permission(privileges),
              HasSubstr("(no_new_privs): run `sudo /usr/bin/bpfc` outside of this sandbox"));
  privileges.capability_in_reach = false;
  EXPECT_THAT(packet_permission(privileges), HasSubstr("`docker run --cap-add=NET_RAW`"));
  privileges.has_capability = true;
  EXPECT_THAT(packet_permission(privileges),
              HasSubstr("does not own this one, or seccomp or a security module forbids the "
                        "socket: run `sudo /usr/bin/bpfc` outside of that sandbox"));
}

}  // namespace
}  // namespace bpfc
