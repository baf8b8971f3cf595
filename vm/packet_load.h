// Where loads find their bytes. In the kernel an offset is signed: from 2^31 up it is relative to
// the network or the link-layer header, or nowhere (bpf_skb_load_helper_convert_offset in
// net/core/filter.c).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "bpfc/interpreter.h"

namespace bpfc {

// SKF_NET_OFF and SKF_LL_OFF (linux/filter.h): each range runs to the next one's start, the network
// header's to 2^32.
inline constexpr std::uint32_t kNetworkBase = 0xfff00000U;
inline constexpr std::uint32_t kLinkBase = 0xffe00000U;
// The first offset that is not a position in the packet.
inline constexpr std::uint32_t kFirstSpecialOffset = 0x80000000U;

// Reads `size` bytes in network order. Inlined and unrolled for a constant size.
constexpr std::uint32_t read_big_endian(const std::uint8_t* bytes, unsigned size) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < size; ++i) value = value << 8 | bytes[i];
  return value;
}

// The position in the packet of what the kernel loads at `offset` (k, or X + k modulo 2^32), to be
// held against the captured length; none: nowhere. A header's offset of 2^32-1 in `packet` says
// that there is no such header.
constexpr std::optional<std::uint64_t> kernel_position(const Packet& packet, std::uint32_t offset) {
  constexpr std::uint32_t kNoHeader = std::numeric_limits<std::uint32_t>::max();
  if (offset < kFirstSpecialOffset) return offset;
  const bool network = offset >= kNetworkBase;
  if (!network && offset < kLinkBase) return std::nullopt;
  const std::uint32_t header = network ? packet.network_offset : packet.link_offset;
  if (header == kNoHeader) return std::nullopt;
  return std::uint64_t{header} + (offset - (network ? kNetworkBase : kLinkBase));
}

// The kernel's load of `size` bytes at `offset`; none: out of bounds.
constexpr std::optional<std::uint32_t> kernel_load(const Packet& packet, std::uint32_t offset,
                                                   unsigned size) {
  const auto position = kernel_position(packet, offset);
  const std::uint64_t length = packet.captured.size();
  if (!position || *position > length || length - *position < size) return std::nullopt;
  return read_big_endian(packet.captured.data() + *position, size);
}

}  // namespace bpfc
