// Packet sockets in words.
#include "cli/socket_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

namespace bpfc::cli {
namespace {

using ::testing::HasSubstr;

// No user has this number.
constexpr std::uint32_t kNobodysNumber = 3'999'999'999;

PacketSocketInfo socket_on(std::uint32_t interface_index) {
  PacketSocketInfo socket;
  socket.inode = 41;
  socket.type = SOCK_RAW;
  socket.protocol = 3;
  socket.interface_index = interface_index;
  socket.running = true;
  return socket;
}

TEST(SocketText, SaysAllThereIs) {
  PacketSocketInfo socket = socket_on(2);
  socket.user = kNobodysNumber;
  socket.auxiliary_data = true;
  socket.original_device = true;
  socket.ring_version = 2;
  socket.receive_ring = SocketRing{4096, 8, 2048, 16, 60};
  socket.transmit_ring = SocketRing{4096, 1, 4096, 1, 0};
  socket.fanout = PacketFanout{7, 2};
  socket.memberships = {{1, 2, 1, {}}, {0, 2, 1, {0x33, 0x33, 0, 0, 0, 1}}, {9, 5, 1, {}}};
  socket.memory = PacketSocketMemory{100, 212992, 1200, 1};
  socket.filter_state = FilterState::kClassic;
  socket.filter = {{0x28, 0, 0, 12}, {6, 0, 0, 96}};
  EXPECT_EQ(socket_text(socket, {{2, "e\x1bth"}}, {{{41, {{7, "a"}, {9, "b\nc"}}}}, true}),
            "socket 41: raw, protocol all (0x0003), interface e\\x1bth (2)\n"
            "  user: 3999999999\n"
            "  process: 7 a, 9 b\\x0ac\n"
            "  options: auxiliary data, original device\n"
            "  receive ring: TPACKET_V3, 8 blocks of 4096 bytes, 16 frames of 2048 bytes, timeout "
            "60 ms\n"
            "  transmit ring: TPACKET_V3, 1 block of 4096 bytes, 1 frame of 4096 bytes, timeout 0 "
            "ms\n"
            "  memory: 100 of 212992 bytes queued, 1 packet dropped\n"
            "  fanout: group 7, by CPU\n"
            "  promiscuous: e\\x1bth (2)\n"
            "  multicast: 33:33:00:00:00:01 on e\\x1bth (2)\n"
            "  membership: type 9 on gone (5)\n"
            "  filter: 2 instructions\n"
            "    (000) ldh      [12]\n"
            "    (001) ret      #96\n");
}

TEST(SocketText, SaysLittleOfAPlainSocket) {
  PacketSocketInfo socket = socket_on(0);
  socket.type = SOCK_DGRAM;
  socket.protocol = 0x1234;
  socket.running = false;
  EXPECT_EQ(socket_text(socket, {}, {}),
            "socket 41: cooked, protocol 0x1234, interface any, not receiving\n"
            "  process: none that /proc shows\n"
            "  filter: none\n");
  socket.user = 0;
  EXPECT_THAT(socket_text(socket, {}, {}), HasSubstr("  user: root (0)\n"));
  EXPECT_THAT(socket_text(socket, {}, {{}, false}), HasSubstr("process: not known: run as root"));
}

TEST(SocketText, SaysWhyAFilterIsNotThere) {
  PacketSocketInfo socket = socket_on(0);
  socket.memory = PacketSocketMemory{0, 0, 1200, 0};
  socket.filter_state = FilterState::kExtended;
  EXPECT_THAT(socket_text(socket, {}, {}), HasSubstr("an extended one (eBPF) of 1200 bytes"));
  socket.filter_state = FilterState::kHidden;
  EXPECT_THAT(socket_text(socket, {}, {}),
              HasSubstr("there is one, of 1200 bytes in the kernel, that is not shown without "
                        "CAP_NET_ADMIN"));
  socket.filter_state = FilterState::kUnknown;
  EXPECT_THAT(socket_text(socket, {}, {}),
              HasSubstr("no filter, or none that is shown without CAP_NET_ADMIN"));
}

// What verify() would not let pass.
TEST(SocketText, PrintsAnyProgram) {
  PacketSocketInfo socket = socket_on(0);
  socket.filter_state = FilterState::kClassic;
  socket.filter = {{0xffff, 0, 0, 0}, {5, 0, 0, 0xffffffff}};
  const std::string text = socket_text(socket, {}, {});
  EXPECT_THAT(text, HasSubstr("    (000) unimp"));
  EXPECT_THAT(text, HasSubstr("    (001) ja "));
}

}  // namespace
}  // namespace bpfc::cli
