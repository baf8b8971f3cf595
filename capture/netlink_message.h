// The form of netlink messages (netlink(7)), read without trust in any length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace bpfc::capture {

using Bytes = std::span<const std::uint8_t>;

struct NetlinkMessage {
  std::uint16_t type = 0;
  std::uint16_t flags = 0;
  std::uint32_t sequence = 0;
  Bytes payload;  // what stands behind the header
};

struct NetlinkAttribute {
  std::uint16_t type = 0;  // without the bits for nested and for network byte order
  Bytes value;
};

// The messages, or the attributes, that begin at the start of `bytes`, up to the first that is cut
// off or shorter than its own header. They refer to `bytes`.
std::vector<NetlinkMessage> netlink_messages(Bytes bytes);
std::vector<NetlinkAttribute> netlink_attributes(Bytes bytes);

// The object at the start of `bytes`; none where they are too few. What follows is ignored:
// kernels append to their structures.
template <typename Object>
std::optional<Object> read_object(Bytes bytes) {
  static_assert(std::is_trivially_copyable_v<Object>);
  if (bytes.size() < sizeof(Object)) return std::nullopt;
  Object object;
  std::memcpy(&object, bytes.data(), sizeof object);
  return object;
}

// The same where the kernel's structure may be older and shorter: what it lacks is 0.
template <typename Object>
Object read_prefix(Bytes bytes) {
  static_assert(std::is_trivially_copyable_v<Object>);
  Object object{};
  std::memcpy(&object, bytes.data(), bytes.size() < sizeof object ? bytes.size() : sizeof object);
  return object;
}

// What stands behind an object of that size, from the next multiple of 4 on.
Bytes behind(Bytes bytes, std::size_t size);

// Up to the first 0.
std::string read_text(Bytes bytes);

}  // namespace bpfc::capture
