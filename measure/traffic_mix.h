// A mix of traffic as a site's uplink sees it, made from a seed: what the cost of a filter is
// measured on, by benchmarks and by tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bpfc::traffic {

using Frame = std::vector<std::uint8_t>;

inline constexpr std::size_t kDefaultFrames = 20'000;
inline constexpr std::uint64_t kDefaultSeed = 5;

// Ethernet frames of 64 to 1500 bytes, complete, with the lengths and the IPv4 checksums that
// belong there. Of 1000 about 690 are IPv4 TCP, UDP and ICMP, in both directions, of few busy and
// many quiet hosts in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and elsewhere; 170 are IPv6; the
// others are fragments, other protocols, ARP and 802.2. Three in a hundred carry a VLAN tag, and as
// many IPv4 headers have options. The same for the same seed on every machine.
std::vector<Frame> mixed_traffic(std::size_t count = kDefaultFrames,
                                 std::uint64_t seed = kDefaultSeed);

// The addresses of the IPv4 headers (without a tag before them), each once, ascending.
std::vector<std::uint32_t> ip4_addresses(const std::vector<Frame>& frames);

}  // namespace bpfc::traffic
