// Frames of the protocols that few networks carry.
#pragma once

#include <vector>

#include "tests/oracle/packet_builder.h"

namespace bpfc::oracle {

// One for each ethertype, LLC access point, LLC control field, IS-IS PDU and DECnet header that
// filters can name, as they stand and inside VLAN, MPLS and PPPoE.
std::vector<Bytes> rare_frames();

}  // namespace bpfc::oracle
