// Where the headers are that a primitive asks about, at its place in the text: the encapsulation
// keywords to its left have moved them.
#pragma once

#include <cstdint>

#include "tests/reference/evaluator.h"
#include "tests/reference/state.h"

namespace bpfc::reference {

// How the link header says what follows it. kPpp is what pppoes leads to.
enum class Link : std::uint8_t {
  kNull,
  kEthernet,
  kRaw,
  kLoop,
  kLinuxSll,
  kIpv4,
  kIpv6,
  kLinuxSll2,
  kPpp,
};

struct HeaderContext {
  Link link = Link::kEthernet;
  Place link_header;            // of the innermost link layer
  Place type;                   // its type field
  Place payload;                // what follows it, an LLC header or MPLS labels for two
  std::uint32_t labels = 0;     // bytes of MPLS labels in front of the network header
  std::uint32_t iso = 0;        // where ISO's network layer starts, from the payload: 3 after LLC
  bool after_mpls = false;      // and so after anything inside it
  bool after_tunnel = false;    // geneve or vxlan
  std::uint32_t vlan_tags = 0;  // `vlan` keywords
  int variables = 0;            // handed out so far

  Place network() const { return payload.plus(labels); }
};

// The headers at the start of the text. Throws Refused for a link type that is not one of LinkType.
HeaderContext outermost(LinkType link_type);

}  // namespace bpfc::reference
