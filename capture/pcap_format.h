// The pcap file format (draft-ietf-opsawg-pcap, pcap-savefile(5)).
#pragma once

#include <cstddef>
#include <cstdint>

namespace bpfc::capture {

enum class PcapMagic : std::uint32_t {
  kMicroseconds = 0xa1b2c3d4,
  kNanoseconds = 0xa1b23c4d,
  // Alexey Kuznetzov's: 8 more bytes in each record's header (interface, protocol, packet type).
  kModified = 0xa1b2cd34,
};

inline constexpr std::uint16_t kPcapMajor = 2;
inline constexpr std::uint16_t kPcapMinor = 4;

// File header: magic, u16 major, u16 minor, u32 zone, u32 accuracy, u32 snaplen, u32 link type.
inline constexpr std::size_t kPcapHeaderSize = 24;
// Record header: u32 seconds, u32 fraction, u32 captured length, u32 length on the wire.
inline constexpr std::size_t kPcapRecordSize = 16;
inline constexpr std::size_t kPcapModifiedRecordSize = 24;

// The link type field: the LINKTYPE_ value, 10 reserved bits, and whether and how long an FCS is.
inline constexpr std::uint32_t kPcapLinkTypeMask = 0x0000ffff;
inline constexpr std::uint32_t kPcapReservedMask = 0x03ff0000;

}  // namespace bpfc::capture
