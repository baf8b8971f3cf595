// What values tend to be in traffic, for the order of tests when no profile says better. Only the
// order depends on it.
#pragma once

#include <array>
#include <cstdint>

namespace bpfc::sets {

struct Likely {
  std::uint8_t size;    // of the load, in bytes
  std::uint32_t value;  // what it yields
  double share;         // of all packets that are asked
};

inline constexpr std::array kLikely = {
    Likely{2, 0x0800, 0.70},  // Ethernet's types: IPv4
    Likely{2, 0x86dd, 0.18},  // IPv6
    Likely{2, 0x0806, 0.03},  // ARP
    Likely{2, 0x8100, 0.03},  // VLAN
    Likely{1, 6, 0.60},       // IP's protocols: TCP
    Likely{1, 17, 0.30},      // UDP
    Likely{1, 1, 0.03},       // ICMP
    Likely{1, 58, 0.02},      // ICMPv6
};

}  // namespace bpfc::sets
