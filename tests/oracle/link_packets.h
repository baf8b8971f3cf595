// Packets of a link type that carry no frame of Ethernet.
#pragma once

#include <vector>

#include "tests/oracle/packet_builder.h"

namespace bpfc::oracle {

// Signalling, management and control, so that the link type's own keywords match some of them.
// Nothing for most link types (DLT_*).
std::vector<Bytes> link_packets(int link_type);

}  // namespace bpfc::oracle
