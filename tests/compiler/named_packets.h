// Ethernet frames that hold what the names of tests/data/names stand for.
#pragma once

#include <vector>

#include "tests/oracle/packet_builder.h"

namespace bpfc::testing {

// IP, ARP, RARP and IPv6 between all pairs of addresses, of their hosts and beside them; MAC
// addresses vary.
std::vector<oracle::Bytes> address_packets();

// TCP, UDP, SCTP and ICMP over both families, from and to all ports.
std::vector<oracle::Bytes> port_packets();

// Each protocol number, straight after the IP and IPv6 header and behind an extension header.
std::vector<oracle::Bytes> protocol_packets();

}  // namespace bpfc::testing
