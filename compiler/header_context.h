// Where the headers of the packet are, at one point of the text.
//
// The lowering carries one along in source order. `vlan` and its like change it for all that stands
// to their right, whatever connects the two, as libpcap does.
#pragma once

#include <cstdint>

#include "bpfc/link_type.h"
#include "compiler/graph.h"

namespace bpfc {

// A place in the packet: a constant, from the packet's start or from where a value says.
struct HeaderOffset {
  ir::ValueIndex base = ir::kNoValue;
  std::uint32_t constant = 0;

  HeaderOffset plus(std::uint32_t bytes) const { return {base, constant + bytes}; }
  friend bool operator==(const HeaderOffset&, const HeaderOffset&) = default;
};

// What tells whether there is a link-layer header to ask about.
enum class LinkGuard : std::uint8_t {
  kNone,    // there is
  kTunnel,  // behind `geneve` and `vxlan`: there may be no inner one, or no tunnel
  kLane,    // behind `lane`: there may be a control frame in its place
};

struct HeaderContext {
  const LinkType* link_type = nullptr;  // of the innermost link layer
  HeaderOffset link_header;
  HeaderOffset type;          // the field that says what the payload is
  HeaderOffset payload;       // what follows the link-layer header, 802.2 and MPLS labels included
  std::uint32_t network = 0;  // from the payload to the network header
  std::uint32_t network_no_snap = 0;  // the same, where 802.2 comes without SNAP
  std::uint32_t mpls_labels = 0;
  std::uint32_t vlan_tags = 0;
  bool in_tunnel = false;  // behind `geneve` or `vxlan`
  LinkGuard link_guard = LinkGuard::kNone;
  bool cooked_socket = false;  // the link-layer header is not in the packet, but with the kernel
};

}  // namespace bpfc
