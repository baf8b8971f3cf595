// 802.11 frames, and the headers that stand in front of them.
#pragma once

#include "tests/oracle/packet_builder.h"

namespace bpfc::oracle {

// `macs` is destination and source; `variety` chooses quality of service and direction.
Bytes wlan_data_frame(const Bytes& macs, const Bytes& llc, std::uint32_t variety);
// Management and control frames of every subtype.
std::vector<Bytes> wlan_other_frames();

// The frame behind the outer header of a link type, of which `variety` chooses the shape.
Bytes wlan_packet(int link_type, const Bytes& frame, std::uint32_t variety);

}  // namespace bpfc::oracle
