// What a capture file holds of a packet that was captured live.
#pragma once

#include <cstdint>

#include "bpfc/interpreter.h"
#include "bpfc/packet_ring.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

enum class SavedForm : std::uint8_t {
  kFrame,      // as the socket shows it
  kEthernet,   // with the VLAN tag back in its place
  kLinuxSll,   // behind the 16 bytes of LINKTYPE_LINUX_SLL, or LINKTYPE_NETLINK
  kLinuxSll2,  // behind the 20 of LINKTYPE_LINUX_SLL2; a VLAN tag follows them
};

// The packet's bytes and length in that form, made in place: in the packet's own bytes and the room
// before them. Sources: pcap-linktype(7), and for the tag libpcap's pcap-linux.c; of SLL2 the
// protocol is the tag's, as where a cooked socket delivers the tag in the bytes.
CapturedPacket save(LivePacket& packet, SavedForm form);

// For filters that ask what no file says.
Ancillary ancillary(const LivePacket& packet);

}  // namespace bpfc
