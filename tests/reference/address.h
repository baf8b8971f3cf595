// Addresses as they are written in filters. All throw Refused for what is none.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace bpfc::reference {

// An IPv4 address or the beginning of one.
struct Ipv4Prefix {
  std::uint32_t address = 0;  // host byte order
  std::uint32_t mask = 0;
};

// One to four parts; fewer than four are a prefix.
Ipv4Prefix parse_ipv4(std::string_view text);

// RFC 4291, section 2.2; network byte order, as four words.
std::array<std::uint32_t, 4> parse_ipv6(std::string_view text);

// Every form of the language.
std::array<std::uint8_t, 6> parse_mac48(std::string_view text);

// $x or $xx.
std::uint8_t parse_mac8(std::string_view text);

// area.node, as the 16 bits of the address.
std::uint32_t parse_decnet(std::string_view text);

}  // namespace bpfc::reference
