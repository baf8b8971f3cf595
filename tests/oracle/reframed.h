// Frames of Ethernet carried over other links.
#pragma once

#include <optional>

#include "tests/oracle/packet_builder.h"

namespace bpfc::oracle {

// The frame with the link header of another link type (DLT_*); nothing where that cannot carry it.
// What the header has besides (directions, lengths of headers, addresses) differs from frame to
// frame, so that a set of frames reaches all of it.
std::optional<Bytes> reframed(const Bytes& frame, int link_type);

}  // namespace bpfc::oracle
