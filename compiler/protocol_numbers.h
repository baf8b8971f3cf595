// Numbers of protocols, by the registry that assigns them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bpfc {

// Ethertypes (IEEE), as far as the language has words for them.
namespace ethertype {
inline constexpr std::uint32_t kXns = 0x0600;
inline constexpr std::uint32_t kIp = 0x0800;
inline constexpr std::uint32_t kArp = 0x0806;
inline constexpr std::uint32_t kRarp = 0x8035;
inline constexpr std::uint32_t kMopdl = 0x6001;
inline constexpr std::uint32_t kMoprc = 0x6002;
inline constexpr std::uint32_t kDecnet = 0x6003;
inline constexpr std::uint32_t kLat = 0x6004;
inline constexpr std::uint32_t kSca = 0x6007;
inline constexpr std::uint32_t kTransparentEthernet = 0x6558;
inline constexpr std::uint32_t kAtalk = 0x809b;
inline constexpr std::uint32_t kAarp = 0x80f3;
inline constexpr std::uint32_t kVlan = 0x8100;
inline constexpr std::uint32_t kIpx = 0x8137;
inline constexpr std::uint32_t kIp6 = 0x86dd;
inline constexpr std::uint32_t kSlow = 0x8809;
inline constexpr std::uint32_t kMpls = 0x8847;
inline constexpr std::uint32_t kPppoeDiscovery = 0x8863;
inline constexpr std::uint32_t kPppoeSession = 0x8864;
inline constexpr std::uint32_t kServiceVlan = 0x88a8;
inline constexpr std::uint32_t kLldp = 0x88cc;
inline constexpr std::uint32_t kLoopback = 0x9000;
inline constexpr std::uint32_t kOldServiceVlan = 0x9100;
}  // namespace ethertype

// The largest value of an Ethernet type field that is a length (IEEE 802.3).
inline constexpr std::uint32_t kLargestLength = 1500;

// LLC service access points (IEEE 802.2).
namespace sap {
inline constexpr std::uint32_t kIp = 0x06;
inline constexpr std::uint32_t kSpanningTree = 0x42;
inline constexpr std::uint32_t kIpx = 0xe0;
inline constexpr std::uint32_t kNetbeui = 0xf0;
inline constexpr std::uint32_t kIso = 0xfe;
}  // namespace sap

// ISO's network layer protocols, by their first byte (ISO/IEC TR 9577).
namespace iso_protocol {
inline constexpr std::uint32_t kClnp = 0x81;
inline constexpr std::uint32_t kEsis = 0x82;
inline constexpr std::uint32_t kIsis = 0x83;
}  // namespace iso_protocol

// IP protocols (IANA).
namespace ip_protocol {
inline constexpr std::uint32_t kHopByHop = 0;
inline constexpr std::uint32_t kIcmp = 1;
inline constexpr std::uint32_t kIgmp = 2;
inline constexpr std::uint32_t kTcp = 6;
inline constexpr std::uint32_t kIgrp = 9;
inline constexpr std::uint32_t kUdp = 17;
inline constexpr std::uint32_t kRouting = 43;
inline constexpr std::uint32_t kFragment = 44;
inline constexpr std::uint32_t kEsp = 50;
inline constexpr std::uint32_t kAh = 51;
inline constexpr std::uint32_t kIcmp6 = 58;
inline constexpr std::uint32_t kNoNextHeader = 59;
inline constexpr std::uint32_t kDestinationOptions = 60;
inline constexpr std::uint32_t kPim = 103;
inline constexpr std::uint32_t kVrrp = 112;
inline constexpr std::uint32_t kSctp = 132;
}  // namespace ip_protocol

// What a word after `ether proto` or `iso proto` stands for; none: unknown.
std::optional<std::uint32_t> link_protocol_number(std::string_view name);
std::optional<std::uint32_t> iso_protocol_number(std::string_view name);

}  // namespace bpfc
