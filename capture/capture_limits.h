// How long a captured packet, or a block of pcapng, may be before the file counts as damaged.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bpfc::capture {

// In bytes, by LINKTYPE_ value: libpcap 1.10.3's (pcap-common.c).
std::uint32_t greatest_captured_length(std::uint16_t link_type);

// The snaplen in force where a file states `snaplen`: none (0) or a negative one is the greatest.
std::uint32_t effective_snaplen(std::uint16_t link_type, std::uint32_t snaplen);

// A block of a pcapng file, in bytes, before any interface has been described...
inline constexpr std::size_t kUsualBlockLimit = std::size_t{16} << 20U;
// ...and what an interface of this link type lets it be.
std::size_t greatest_block_length(std::uint16_t link_type);

}  // namespace bpfc::capture
