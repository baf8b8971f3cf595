// The ring is a row of blocks. The kernel fills one with packets, one behind the other, until it is
// full or its time is over, and sets its status to "user"; we read the packets and set it back to
// "kernel". The status is the only word that both sides write.
//
// The socket is bound with a filter that rejects everything, and gets its own only when the ring
// and the fanout group stand: so nothing is delivered to the wrong place before.
#include "bpfc/packet_ring.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>
#include <utility>

#include "bpfc/attach.h"
#include "bpfc/packet_socket.h"
#include "capture/socket_failure.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

using capture::failed_call;
using capture::failure;

constexpr std::size_t kSmallestBlock = std::size_t{128} << 10U;  // a frame of 64 KiB and some more
constexpr std::size_t kLargestBlock = std::size_t{1} << 20U;
// The kernel closes a block when its time is over, with however few packets: many blocks, so that a
// reader may be slow for a while when little comes.
constexpr std::size_t kBlocks = 256;
// Where the kernel writes a packet of which it keeps nothing.
constexpr unsigned kFrame = TPACKET_ALIGN(TPACKET3_HDRLEN) + LivePacket::kHeadroom + 256;

VerifiedProgram reject_everything() {
  const Instruction reject[] = {{encode(Operation::kReturnConstant), 0, 0, 0}};
  return *verify(reject, Rules::kKernel);
}

// What processes can still have without others losing theirs; none: the system does not say.
std::optional<std::uint64_t> available_memory() {
  std::ifstream file("/proc/meminfo");
  std::string name;
  std::uint64_t kibibytes = 0;
  std::string unit;
  while (file >> name >> kibibytes) {
    if (name == "MemAvailable:") return kibibytes << 10U;
    std::getline(file, unit);
  }
  return std::nullopt;
}

tpacket_req3 layout(const RingOptions& options) {
  const std::size_t wanted = std::max<std::size_t>(options.bytes, 1);
  const std::size_t block =
      std::clamp(std::bit_floor(wanted / kBlocks), kSmallestBlock, kLargestBlock);
  tpacket_req3 request{};
  request.tp_block_size = static_cast<unsigned>(block);
  // Two at least, or the kernel has none to fill while one is read.
  request.tp_block_nr = static_cast<unsigned>(std::max<std::size_t>(wanted / block, 2));
  request.tp_frame_size = kFrame - kFrame % TPACKET_ALIGNMENT;
  // The kernel checks the product, and does not use it otherwise.
  request.tp_frame_nr = request.tp_block_size / request.tp_frame_size * request.tp_block_nr;
  request.tp_retire_blk_tov = std::max(options.milliseconds, 1U);
  return request;
}

Expected<void, SocketError> check_size(std::size_t bytes) {
  const auto available = available_memory();
  const bool fits = bytes / kSmallestBlock < std::numeric_limits<std::int32_t>::max();
  if (fits && (!available || bytes <= *available)) return {};
  return failure(
      SocketErrorKind::kNoRingMemory, 0,
      fmt::format("a ring of {} KiB is larger than the memory that is available here{}",
                  bytes >> 10U, available ? fmt::format(", {} KiB", *available >> 10U) : ""));
}

Expected<void, SocketError> set(int socket, int option, const void* value, std::size_t size,
                                const char* what) {
  if (setsockopt(socket, SOL_PACKET, option, value, static_cast<socklen_t>(size)) == 0) return {};
  return failed_call(what, errno);
}

template <typename Value>
Expected<void, SocketError> set(int socket, int option, const Value& value, const char* what) {
  return set(socket, option, &value, sizeof value, what);
}

Expected<void, SocketError> set_ring(int socket, const tpacket_req3& request) {
  return set(socket, PACKET_VERSION, int{TPACKET_V3}, "choose version 3 of the packet ring")
      .and_then([&] {
        return set(socket, PACKET_RESERVE, unsigned{LivePacket::kHeadroom},
                   "reserve room in the packet ring");
      })
      .and_then([&]() -> Expected<void, SocketError> {
        if (setsockopt(socket, SOL_PACKET, PACKET_RX_RING, &request, sizeof request) == 0)
          return {};
        const int error = errno;
        if (error != ENOMEM) return failed_call("make a packet ring", error);
        return failure(
            SocketErrorKind::kNoRingMemory, error,
            fmt::format("the kernel has no memory for a ring of {} KiB",
                        std::uint64_t{request.tp_block_size} * request.tp_block_nr >> 10U));
      });
}

Expected<void, SocketError> join_fanout(int socket, std::optional<std::uint16_t> group) {
  const int kind = PACKET_FANOUT_HASH | (group ? 0 : PACKET_FANOUT_FLAG_UNIQUEID);
  return set(socket, PACKET_FANOUT, int{group.value_or(0)} | kind << 16, "join a fanout group");
}

}  // namespace

struct PacketRing::State {
  explicit State(PacketSocket opened) : socket(std::move(opened)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (memory != nullptr) munmap(memory, block_size * block_count);
  }

  tpacket_block_desc* block() const {
    return reinterpret_cast<tpacket_block_desc*>(memory + current * block_size);
  }
  // std::atomic_ref would do; the kernel's side is a plain word with barriers.
  std::atomic_ref<std::uint32_t> status() const {
    return std::atomic_ref<std::uint32_t>(block()->hdr.bh1.block_status);
  }

  PacketSocket socket;
  std::uint32_t interface_index = 0;
  bool fanout = false;
  std::uint8_t* memory = nullptr;
  std::size_t block_size = 0;
  std::size_t block_count = 0;
  std::size_t current = 0;      // the block that is read, or will be next
  std::uint32_t remaining = 0;  // packets of it
  std::uint8_t* position = nullptr;
  LivePacket packet;
  RingCounts counts;
};

PacketRing::PacketRing(std::unique_ptr<State> state) : state_(std::move(state)) {}
PacketRing::PacketRing(PacketRing&&) noexcept = default;
PacketRing& PacketRing::operator=(PacketRing&&) noexcept = default;
PacketRing::~PacketRing() = default;

Expected<PacketRing, SocketError> PacketRing::open(const VerifiedProgram& filter,
                                                   const RingOptions& options) {
  if (auto fits = check_size(options.bytes); !fits) {
    return tl::unexpected(std::move(fits.error()));
  }
  auto socket = PacketSocket::open(reject_everything(),
                                   {.interface_index = options.interface_index, .blocking = false});
  if (!socket) return tl::unexpected(std::move(socket.error()));
  auto state = std::make_unique<State>(*std::move(socket));
  const int descriptor = state->socket.descriptor();
  const tpacket_req3 request = layout(options);
  auto ready = set_ring(descriptor, request);
  if (ready) {
    state->interface_index = options.interface_index;
    state->fanout = options.fanout;
    state->block_size = request.tp_block_size;
    state->block_count = request.tp_block_nr;
    void* memory = mmap(nullptr, state->block_size * state->block_count, PROT_READ | PROT_WRITE,
                        MAP_SHARED, descriptor, 0);
    if (memory == MAP_FAILED) {
      ready = failed_call("map the packet ring", errno);
    } else {
      state->memory = static_cast<std::uint8_t*>(memory);
    }
  }
  if (ready && options.promiscuous && options.interface_index != 0) {
    packet_mreq membership{};
    membership.mr_ifindex = static_cast<int>(options.interface_index);
    membership.mr_type = PACKET_MR_PROMISC;
    ready = set(descriptor, PACKET_ADD_MEMBERSHIP, membership,
                "put the interface into promiscuous mode");
  }
  if (ready && options.fanout) ready = join_fanout(descriptor, options.fanout_group);
  if (ready) ready = attach_filter(descriptor, filter);
  if (!ready) return tl::unexpected(std::move(ready.error()));
  return PacketRing(std::move(state));
}

std::optional<std::uint16_t> PacketRing::fanout_group() const {
  // The number, and above it the kind and the flags: all of them can be 0.
  std::uint32_t group = 0;
  socklen_t size = sizeof group;
  if (!state_->fanout || getsockopt(descriptor(), SOL_PACKET, PACKET_FANOUT, &group, &size) != 0) {
    return std::nullopt;
  }
  return static_cast<std::uint16_t>(group);
}

int PacketRing::descriptor() const { return state_->socket.descriptor(); }

bool PacketRing::take_block() {
  State& state = *state_;
  if ((state.status().load(std::memory_order_acquire) & TP_STATUS_USER) == 0) return false;
  const tpacket_hdr_v1& header = state.block()->hdr.bh1;
  state.remaining = header.num_pkts;
  state.position = reinterpret_cast<std::uint8_t*>(state.block()) + header.offset_to_first_pkt;
  return true;
}

LivePacket* PacketRing::next() {
  State& state = *state_;
  if (state.remaining == 0) return nullptr;
  --state.remaining;
  std::uint8_t* place = state.position;
  const auto& header = *reinterpret_cast<const tpacket3_hdr*>(place);
  const auto& from =
      *reinterpret_cast<const sockaddr_ll*>(place + TPACKET_ALIGN(sizeof(tpacket3_hdr)));
  state.position += header.tp_next_offset;

  LivePacket& packet = state.packet;
  packet.data = {place + header.tp_mac, header.tp_snaplen};
  packet.wire_length = header.tp_len;
  packet.time = {header.tp_sec, header.tp_nsec};
  packet.link_header = header.tp_net > header.tp_mac ? header.tp_net - header.tp_mac : 0U;
  packet.interface_index = static_cast<std::uint32_t>(from.sll_ifindex);
  packet.hardware_type = from.sll_hatype;
  packet.packet_type = from.sll_pkttype;
  packet.protocol = ntohs(from.sll_protocol);
  packet.address_length = from.sll_halen;
  packet.address.fill(0);
  // Bytes behind the address are what was there before.
  std::copy_n(from.sll_addr, std::min<std::size_t>(from.sll_halen, packet.address.size()),
              packet.address.begin());
  packet.tagged = (header.tp_status & TP_STATUS_VLAN_VALID) != 0;
  if (packet.tagged) {
    packet.tag = static_cast<std::uint16_t>(header.hv1.tp_vlan_tci);
    // Before Linux 3.14 there was no other protocol.
    constexpr std::uint16_t kVlan = 0x8100;
    packet.tag_protocol =
        (header.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? header.hv1.tp_vlan_tpid : kVlan;
  }
  return &packet;
}

void PacketRing::release_block() {
  State& state = *state_;
  state.remaining = 0;
  state.status().store(TP_STATUS_KERNEL, std::memory_order_release);
  state.current = (state.current + 1) % state.block_count;
}

Expected<void, SocketError> PacketRing::set_filter(const VerifiedProgram& filter) {
  return attach_filter(descriptor(), filter);
}

Expected<void, SocketError> PacketRing::shut() { return set_filter(reject_everything()); }

std::optional<SocketError> PacketRing::fault() {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(descriptor(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  ifreq request{};
  request.ifr_ifindex = static_cast<int>(state_->interface_index);
  // The kernel reports an interface that is removed as one that is down.
  const bool gone = state_->interface_index != 0 && error != 0 &&
                    ioctl(descriptor(), SIOCGIFNAME, &request) != 0 && errno == ENODEV;
  if (gone) {
    return failure(SocketErrorKind::kNoSuchInterface, ENODEV, "the interface is gone").value();
  }
  if (error == ENETDOWN) {
    return failure(SocketErrorKind::kInterfaceDown, error, "the interface is down").value();
  }
  if (error != 0) return failed_call("receive packets", error).value();
  return std::nullopt;
}

RingCounts PacketRing::counts() {
  tpacket_stats_v3 since{};
  socklen_t size = sizeof since;
  // The kernel starts again at 0 with each answer.
  if (getsockopt(descriptor(), SOL_PACKET, PACKET_STATISTICS, &since, &size) == 0) {
    state_->counts.received += since.tp_packets;
    state_->counts.dropped += since.tp_drops;
  }
  return state_->counts;
}

std::size_t PacketRing::longest_packet() const {
  return state_->block_size - sizeof(tpacket_block_desc) - kFrame;
}

}  // namespace bpfc
