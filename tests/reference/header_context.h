// Where the headers are that a primitive asks about, at its place in the text: the encapsulation
// keywords to its left have moved them.
#pragma once

#include <cstdint>

#include "tests/reference/evaluator.h"
#include "tests/reference/state.h"

namespace bpfc::reference {

// How the link header says what follows it. kPpp is also what pppoes leads to, kEthernet what
// geneve, vxlan and lane lead to.
enum class Link : std::uint8_t {
  kNone,  // it does not: nothing but its bytes can be asked about
  kNull,
  kLoop,
  kEthernet,
  kNetAnalyzer,  // Ethernet behind a header of its own
  kRaw,
  kIpv4,
  kIpv6,
  kPlainType,  // a halfword that holds each number as it is
  kLinuxSll,
  kPpp,
  kPppNoMpls,
  kPppBsdos,
  kCiscoHdlc,
  kFrameRelay,
  kLocalTalk,
  kPflog,
  kIpnet,
  kArcnet,
  kBacnet,
  kJuniper,
  kTokenRing,  // LLC follows the header of this and the next ones
  kFddi,
  kAtm,
  kAtmClip,
  kIpOverFc,
  kSunAtm,
  kWlan,
};

// What the program's start finds out, where the link type has a header of variable length.
inline constexpr int kOuterLength = 0;   // of what stands before an 802.11 header
inline constexpr int kPayloadStart = 1;  // behind the 802.11 or PF log header

struct HeaderContext {
  Link link = Link::kNone;
  Place link_header;            // of the innermost link layer
  Place type;                   // its type field
  Place payload;                // what follows it, an LLC header or MPLS labels for two
  std::uint32_t network = 0;    // where the network header starts, from the payload
  std::uint32_t iso = 0;        // where ISO's starts, from the payload: 3 after LLC
  bool after_mpls = false;      // and so after anything inside it
  bool after_tunnel = false;    // geneve or vxlan
  bool after_lane = false;      // and the frame may be one of LANE's control frames
  std::uint32_t vlan_tags = 0;  // `vlan` keywords
  int variables = 0;            // handed out so far
};

// The headers at the start of the text. Link types that are not known have no type field.
HeaderContext outermost(LinkType link_type);

}  // namespace bpfc::reference
