// What protocol follows the link header.
#pragma once

#include <cstdint>

#include "tests/reference/state.h"

namespace bpfc::reference {

struct Scope;

inline constexpr std::uint32_t kTypeIp = 0x0800;
inline constexpr std::uint32_t kTypeArp = 0x0806;
inline constexpr std::uint32_t kTypeRarp = 0x8035;
inline constexpr std::uint32_t kTypeIp6 = 0x86dd;
inline constexpr std::uint32_t kTypeDecnet = 0x6003;
inline constexpr std::uint32_t kTypeMpls = 0x8847;
inline constexpr std::uint32_t kTypePppoeDiscovery = 0x8863;
inline constexpr std::uint32_t kTypePppoeSession = 0x8864;
inline constexpr std::uint32_t kTypeAtalk = 0x809b;
inline constexpr std::uint32_t kTypeAarp = 0x80f3;
inline constexpr std::uint32_t kTypeIpx = 0x8137;
// LLC service access points stand among the types as the numbers they are.
inline constexpr std::uint32_t kSapIp = 0x06;
inline constexpr std::uint32_t kSapStp = 0x42;
inline constexpr std::uint32_t kSapIpx = 0xe0;
inline constexpr std::uint32_t kSapNetbeui = 0xf0;
inline constexpr std::uint32_t kSapIso = 0xfe;
// A number up to this in Ethernet's type field is a length, and LLC follows.
inline constexpr std::uint32_t kMaxLength = 1500;

// The link type field says `type`: an ethertype, or an LLC access point. Throws Refused where the
// link header has no type field that libpcap knows, and after MPLS, whose labels do not say what
// they carry, for all but IPv4 and IPv6.
Condition link_protocol(const Scope& scope, std::uint32_t type);

// The frame has an Ethernet header: after geneve and vxlan that is so where the tunnel's keyword
// has matched and the tunnel carries a frame, after lane unless it is a control frame.
Condition has_ethernet_header(const Scope& scope);

}  // namespace bpfc::reference
