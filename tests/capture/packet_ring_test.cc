// Rings on a cable of the test's own.
#include "bpfc/packet_ring.h"

#include <gmock/gmock.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <set>
#include <vector>

#include "tests/capture/test_network.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

constexpr std::uint16_t kExperiment = 0x88b5;

VerifiedProgram program(std::vector<Instruction> instructions) {
  return *verify(instructions, Rules::kKernel);
}

VerifiedProgram keep(std::uint32_t bytes) {
  return program({{encode(Operation::kReturnConstant), 0, 0, bytes}});
}

class PacketRingTest : public TestNetwork {
 protected:
  static RingOptions options() {
    RingOptions options;
    options.interface_index = cable.far.index;
    options.bytes = std::size_t{1} << 20U;
    options.milliseconds = 20;
    return options;
  }

  // A frame whose bytes from the 14th on are `fill`.
  static void send(std::size_t size, std::uint8_t fill) {
    std::vector<std::uint8_t> frame(size, fill);
    std::fill_n(frame.begin(), 12, std::uint8_t{2});
    frame[12] = kExperiment >> 8U;
    frame[13] = kExperiment & 0xffU;
    // One socket for all: to close one takes long.
    static const int kRaw = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_ifindex = static_cast<int>(cable.near.index);
    EXPECT_EQ(sendto(kRaw, frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                     sizeof to),
              static_cast<ssize_t>(frame.size()));
  }

  struct Seen {
    std::size_t captured;
    std::uint32_t wire_length;
    int fill;
  };
  // Until so many frames have come, or two seconds have passed.
  static std::vector<Seen> take(PacketRing& ring, std::size_t count) {
    std::vector<Seen> seen;
    const auto limit = Clock::now() + std::chrono::seconds(2);
    while (seen.size() < count && Clock::now() < limit) {
      if (!ring.take_block()) {
        pollfd ready{ring.descriptor(), POLLIN, 0};
        poll(&ready, 1, 20);
        continue;
      }
      while (const LivePacket* packet = ring.next()) {
        if (packet->protocol != kExperiment) continue;
        EXPECT_EQ(packet->interface_index, cable.far.index);
        EXPECT_EQ(packet->hardware_type, 1);
        EXPECT_EQ(packet->link_header, 14U);
        seen.push_back({packet->data.size(), packet->wire_length,
                        packet->data.size() > 14 ? int{packet->data[14]} : -1});
      }
      ring.release_block();
    }
    return seen;
  }
};

TEST_F(PacketRingTest, DeliversInOrderAndCounts) {
  auto ring = PacketRing::open(keep(0xffffffffU), options());
  ASSERT_TRUE(ring) << ring.error().message;
  // More than the ring holds, a part at a time.
  constexpr int kFrames = 2000;
  constexpr int kAtATime = 100;
  for (int first = 0; first < kFrames; first += kAtATime) {
    for (int i = 0; i < kAtATime; ++i) send(1000, static_cast<std::uint8_t>(i));
    const auto seen = take(*ring, kAtATime);
    ASSERT_EQ(seen.size(), static_cast<std::size_t>(kAtATime));
    for (int i = 0; i < kAtATime; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)].fill, i);
  }
  EXPECT_EQ(ring->counts().received, static_cast<std::uint64_t>(kFrames));
  EXPECT_EQ(ring->counts().dropped, 0U);
}

TEST_F(PacketRingTest, KeepsWhatTheFilterKeeps) {
  auto ring = PacketRing::open(keep(20), options());
  ASSERT_TRUE(ring) << ring.error().message;
  send(100, 1);
  send(60000, 2);
  const auto seen = take(*ring, 2);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].captured, 20U);
  EXPECT_EQ(seen[0].wire_length, 100U);
  EXPECT_EQ(seen[1].wire_length, 60000U);
  ASSERT_TRUE(ring->set_filter(keep(0xffffffffU)));
  send(60000, 3);
  const auto whole = take(*ring, 1);
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_EQ(whole[0].captured, 60000U);
  EXPECT_GE(ring->longest_packet(), 60000U);
}

TEST_F(PacketRingTest, CountsWhatItHasNoRoomFor) {
  auto ring = PacketRing::open(keep(0xffffffffU), options());
  ASSERT_TRUE(ring) << ring.error().message;
  constexpr std::uint64_t kFrames = 100;
  for (std::uint64_t i = 0; i < kFrames; ++i) send(30000, 1);
  const std::size_t seen = take(*ring, kFrames).size();
  const RingCounts counts = ring->counts();
  EXPECT_EQ(counts.received, kFrames);
  EXPECT_GT(counts.dropped, 0U);
  EXPECT_EQ(counts.received, seen + counts.dropped);
}

TEST_F(PacketRingTest, SharesFramesInAGroup) {
  RingOptions shared = options();
  shared.fanout = true;
  auto first = PacketRing::open(keep(0xffffffffU), shared);
  ASSERT_TRUE(first) << first.error().message;
  shared.fanout_group = first->fanout_group();
  ASSERT_TRUE(shared.fanout_group);
  auto second = PacketRing::open(keep(0xffffffffU), shared);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->fanout_group(), first->fanout_group());
  constexpr std::size_t kFrames = 50;
  for (std::size_t i = 0; i < kFrames; ++i) send(100, static_cast<std::uint8_t>(i));
  std::multiset<int> fills;
  for (PacketRing* ring : {&*first, &*second}) {
    for (const Seen& seen : take(*ring, ring == &*first ? kFrames : kFrames - fills.size())) {
      fills.insert(seen.fill);
    }
  }
  EXPECT_EQ(fills.size(), kFrames);
  EXPECT_EQ(std::set<int>(fills.begin(), fills.end()).size(), kFrames) << "one came twice";
}

TEST_F(PacketRingTest, RefusesWhatCannotBe) {
  RingOptions huge = options();
  huge.bytes = std::size_t{1} << 50U;
  auto ring = PacketRing::open(keep(1), huge);
  ASSERT_FALSE(ring);
  EXPECT_EQ(ring.error().kind, SocketErrorKind::kNoRingMemory);
  EXPECT_EQ(ring.error().system_error, 0) << "it was asked for";
  EXPECT_THAT(ring.error().message, HasSubstr("1099511627776 KiB"));

  RingOptions nowhere = options();
  nowhere.interface_index = 99999;
  ring = PacketRing::open(keep(1), nowhere);
  ASSERT_FALSE(ring);
  EXPECT_EQ(ring.error().kind, SocketErrorKind::kNoSuchInterface);
}

TEST_F(PacketRingTest, TellsThatTheInterfaceWentDown) {
  auto ring = PacketRing::open(keep(0xffffffffU), options());
  ASSERT_TRUE(ring) << ring.error().message;
  EXPECT_FALSE(ring->fault());
  ASSERT_EQ(judge::set_interface_up(cable.far.name, false), "");
  const auto fault = ring->fault();
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->kind, SocketErrorKind::kInterfaceDown);
  EXPECT_FALSE(ring->fault()) << "it is said once";
  ASSERT_EQ(judge::set_interface_up(cable.far.name, true), "");
}

}  // namespace
}  // namespace bpfc
