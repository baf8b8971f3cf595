// Packets of a network interface, live: a packet socket whose packets the kernel puts into memory
// that it shares with this process (TPACKET_V3, Documentation/networking/packet_mmap.rst).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "bpfc/capture_types.h"
#include "bpfc/expected.h"
#include "bpfc/socket_error.h"
#include "bpfc/verify.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// A packet as the socket (SOCK_RAW) shows it, with what the kernel knows beside the bytes.
struct LivePacket {
  // From the link-layer header on. The bytes may be changed, and so may kHeadroom bytes before
  // them, until the block is released.
  std::span<std::uint8_t> data;
  std::uint32_t wire_length = 0;
  CaptureTime time;
  std::uint32_t link_header = 0;  // how many bytes precede the network header
  std::uint32_t interface_index = 0;
  std::uint16_t hardware_type = 0;  // ARPHRD_*
  std::uint8_t packet_type = 0;     // PACKET_HOST...PACKET_OUTGOING
  std::uint16_t protocol = 0;       // ethertype, in host order
  std::uint8_t address_length = 0;  // of the sender's link-layer address; may exceed its 8 bytes
  std::array<std::uint8_t, 8> address{};
  // The outer VLAN tag, which is not in the bytes then.
  bool tagged = false;
  std::uint16_t tag_protocol = 0;
  std::uint16_t tag = 0;

  static constexpr std::size_t kHeadroom = 32;
};

struct RingOptions {
  std::uint32_t interface_index = 0;          // 0: every interface
  bool promiscuous = false;                   // until the ring is gone; not with every interface
  std::size_t bytes = std::size_t{8} << 20U;  // of the ring; rounded to whole blocks
  // How long a packet may wait for others before it can be read. The kernel counts whole ones.
  std::uint32_t milliseconds = 50;
  // Shares the packets by their flow, both directions together, with the other rings of the group
  // (PACKET_FANOUT_HASH). None: of a new one.
  bool fanout = false;
  std::optional<std::uint16_t> fanout_group;
};

// Since the ring was opened.
struct RingCounts {
  std::uint64_t received = 0;  // that passed the filter, the dropped ones included
  std::uint64_t dropped = 0;   // because the ring was full
};

// Movable. To be used by one thread at a time, but for set_filter() and shut().
class PacketRing {
 public:
  // Nothing is in the ring that the filter has not seen. Refuses, before it asks, a ring larger
  // than the memory that the machine has available.
  static Expected<PacketRing, SocketError> open(const VerifiedProgram& filter,
                                                const RingOptions& options);

  PacketRing(PacketRing&&) noexcept;
  PacketRing& operator=(PacketRing&&) noexcept;
  PacketRing(const PacketRing&) = delete;
  PacketRing& operator=(const PacketRing&) = delete;
  // Gives promiscuous mode back. Takes milliseconds.
  ~PacketRing();

  // The group that it is in, for others to join.
  std::optional<std::uint16_t> fanout_group() const;

  // For poll(): readable when a block is ready, in error when fault() has something to say.
  int descriptor() const;

  // Takes the next block of packets; false: there is none yet. The one before must have been
  // released.
  bool take_block();
  // The next packet of the block, and nullptr after the last. Stands until the next call.
  LivePacket* next();
  // Gives the block back to the kernel.
  void release_block();

  // For packets that come from now on.
  Expected<void, SocketError> set_filter(const VerifiedProgram& filter);
  // No packet enters from now on; what is in the ring stays.
  Expected<void, SocketError> shut();

  // What has happened to the interface since the last call, or nothing. kInterfaceDown: packets
  // come again when it is up again. kNoSuchInterface: it is gone.
  std::optional<SocketError> fault();
  RingCounts counts();
  // The ring has room for so much of a packet.
  std::size_t longest_packet() const;

 private:
  struct State;
  explicit PacketRing(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bpfc
