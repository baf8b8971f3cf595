#include "vm/netlink_attribute.h"

#include <cstring>
#include <optional>

namespace bpfc {
namespace {

constexpr std::size_t kHeaderSize = 4;
// NLA_TYPE_MASK: the two highest bits are flags.
constexpr std::uint16_t kTypeMask = 0x3fff;

struct Attribute {
  std::uint16_t length;
  std::uint16_t type;
};

// None: there is no whole attribute at `offset` (nla_ok).
std::optional<Attribute> read_attribute(std::span<const std::uint8_t> bytes, std::size_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < kHeaderSize) return std::nullopt;
  Attribute attribute{};
  std::memcpy(&attribute.length, bytes.data() + offset, sizeof attribute.length);
  std::memcpy(&attribute.type, bytes.data() + offset + 2, sizeof attribute.type);
  if (attribute.length < kHeaderSize || attribute.length > bytes.size() - offset) {
    return std::nullopt;
  }
  return attribute;
}

// The search starts at `start` and ends with `bytes`.
std::uint32_t find(std::span<const std::uint8_t> bytes, std::size_t start, std::uint32_t type) {
  std::size_t offset = start;
  while (const auto attribute = read_attribute(bytes, offset)) {
    if ((attribute->type & kTypeMask) == type) return static_cast<std::uint32_t>(offset);
    offset += (std::size_t{attribute->length} + 3) & ~std::size_t{3};
  }
  return 0;
}

}  // namespace

std::uint32_t find_netlink_attribute(std::span<const std::uint8_t> packet, std::uint32_t start,
                                     std::uint32_t type) {
  return find(packet, start, type);
}

std::uint32_t find_nested_netlink_attribute(std::span<const std::uint8_t> packet,
                                            std::uint32_t start, std::uint32_t type) {
  const auto outer = read_attribute(packet, start);
  if (!outer) return 0;
  return find(packet.first(start + outer->length), start + kHeaderSize, type);
}

}  // namespace bpfc
