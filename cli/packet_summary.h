// A packet on a line, for people: not a dissector, but enough to see what a filter picked.
#pragma once

#include <cstdint>
#include <string>

#include "bpfc/capture_types.h"

namespace bpfc::cli {

// Number in the file, local time, captured and original length, and who talks to whom:
//
//   3  2026-11-21 20:11:09.123456789  74/74  10.0.0.1.45678 > 10.0.0.2.80 tcp
//
// With a line break.
std::string packet_line(std::uint64_t number, const CapturedPacket& packet);

// The addresses, protocol and ports; link_type is a capture file's number.
std::string packet_summary(std::uint16_t link_type, std::span<const std::uint8_t> bytes);

}  // namespace bpfc::cli
