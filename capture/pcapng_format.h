// The pcapng file format (draft-ietf-opsawg-pcapng).
#pragma once

#include <cstddef>
#include <cstdint>

namespace bpfc::capture {

enum class BlockType : std::uint32_t {
  kSectionHeader = 0x0a0d0d0a,  // the same in both byte orders
  kInterfaceDescription = 1,
  kObsoletePacket = 2,
  kSimplePacket = 3,
  kEnhancedPacket = 6,
};

inline constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;

// Every block: u32 type, u32 total length, the body, u32 total length again.
inline constexpr std::size_t kBlockHeaderSize = 8;
inline constexpr std::size_t kBlockTrailerSize = 4;
inline constexpr std::size_t kBlockOverhead = kBlockHeaderSize + kBlockTrailerSize;

// The fixed part of each body.
// Section header: u32 byte-order magic, u16 major, u16 minor, i64 section length.
inline constexpr std::size_t kSectionHeaderSize = 16;
// Interface description: u16 link type, u16 reserved, u32 snaplen; options.
inline constexpr std::size_t kInterfaceDescriptionSize = 8;
// Obsolete packet: u16 interface, u16 drops, u32 ticks high, u32 ticks low, u32 captured, u32 wire.
inline constexpr std::size_t kObsoletePacketSize = 20;
// Simple packet: u32 wire.
inline constexpr std::size_t kSimplePacketSize = 4;
// Enhanced packet: u32 interface, u32 ticks high, u32 ticks low, u32 captured, u32 wire.
inline constexpr std::size_t kEnhancedPacketSize = 20;

// Options: u16 code, u16 length, the value padded to a multiple of 4 bytes.
enum class OptionCode : std::uint16_t {
  kEnd = 0,
  kTimeResolution = 9,
  kTimeOffset = 14,
};
inline constexpr std::size_t kOptionHeaderSize = 4;

// To the next multiple of 4.
constexpr std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

}  // namespace bpfc::capture
