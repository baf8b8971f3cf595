// Addresses as text. None: not an address.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bpfc {

// One to four parts, as high as they reach: 10.1 is {0x0a010000, 16}.
struct Ip4Prefix {
  std::uint32_t address = 0;
  std::uint32_t length = 32;

  std::uint32_t mask() const { return length == 0 ? 0 : ~std::uint32_t{0} << (32 - length); }
};

std::optional<Ip4Prefix> parse_ip4(std::string_view text);
// RFC 4291, section 2.2.
std::optional<std::array<std::uint8_t, 16>> parse_ip6(std::string_view text);
// Six groups of one or two digits, three of four, or twelve digits.
std::optional<std::array<std::uint8_t, 6>> parse_mac48(std::string_view text);
// `$` and one or two digits.
std::optional<std::uint8_t> parse_mac8(std::string_view text);
// AREA.NODE, as the 16 bits of the wire in host order.
std::optional<std::uint16_t> parse_decnet(std::string_view text);

}  // namespace bpfc
