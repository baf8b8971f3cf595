// Search for netlink attributes in a packet, as the ancillary loads nlattr and nlattr_nest do
// (bpf_skb_get_nlattr and bpf_skb_get_nlattr_nest in net/core/filter.c, nla_find in lib/nlattr.c).
// An attribute is two 16-bit numbers in host order (its length with this header, its type), then
// its payload, padded to 4 bytes.
#pragma once

#include <cstdint>
#include <span>

namespace bpfc {

// The offset of the first attribute of that type in the list that starts at `start` and runs to
// the end of the packet; 0: there is none, or the list does not fit.
std::uint32_t find_netlink_attribute(std::span<const std::uint8_t> packet, std::uint32_t start,
                                     std::uint32_t type);

// As above, in the list that is the payload of the attribute at `start`.
std::uint32_t find_nested_netlink_attribute(std::span<const std::uint8_t> packet,
                                            std::uint32_t start, std::uint32_t type);

}  // namespace bpfc
