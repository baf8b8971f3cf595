// A packet as the engines see it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// What the kernel knows of a packet beyond its bytes, for the ancillary loads (SKF_AD_*,
// linux/filter.h). Fields are in host order. nlattr, nlattr_nest and alu_xor_x need nothing here:
// they are computed from A, X and the packet.
struct Ancillary {
  std::uint16_t protocol = 0;                    // ethertype
  std::uint8_t packet_type = 0;                  // PACKET_HOST...PACKET_OUTGOING
  std::optional<std::uint32_t> interface_index;  // none: a load ends the program returning A
  std::optional<std::uint16_t> hardware_type;    // ARPHRD_*; none: as above
  std::uint32_t mark = 0;
  std::uint32_t queue = 0;
  std::uint32_t receive_hash = 0;
  std::uint32_t cpu = 0;
  std::uint16_t vlan_tag = 0;
  bool vlan_tag_present = false;
  std::uint16_t vlan_protocol = 0;   // TPID
  std::uint32_t payload_offset = 0;  // as the kernel's flow dissector would say
  std::uint32_t random = 0;          // what a load of a random number yields
};

// One packet. Nothing is copied or owned.
struct Packet {
  std::span<const std::uint8_t> captured;
  std::uint32_t wire_length = 0;  // what `ld #pktlen` yields
  // Where the network header starts in `captured`, for loads relative to SKF_NET_OFF; the
  // link-layer header (SKF_LL_OFF) starts at `link_offset`. 2^32-1: there is no such header, and
  // such loads are out of bounds.
  std::uint32_t network_offset = 0;
  std::uint32_t link_offset = 0;
  // None: every field is 0 and there is no device; under Rules::kLibpcap, loads of the VLAN tag are
  // out of bounds then.
  const Ancillary* ancillary = nullptr;
};

// A packet of which nothing is known but its bytes: what engines take many of at once. Laid out as
// bpfc_packet (bpfc.h). Nothing is copied or owned.
struct PacketView {
  const std::uint8_t* data = nullptr;
  std::uint32_t captured = 0;  // bytes at `data`
  std::uint32_t length = 0;    // on the wire: what `ld #pktlen` yields
};
static_assert(sizeof(PacketView) == 16);

// The same for the engines that can be told more.
inline Packet to_packet(const PacketView& view) {
  return {.captured = {view.data, view.captured}, .wire_length = view.length};
}

}  // namespace bpfc
