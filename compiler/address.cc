#include "compiler/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>

namespace bpfc {
namespace {

// The number up to the next separator, which is taken too; none unless it is decimal and at most
// `maximum`.
std::optional<std::uint32_t> take_decimal(std::string_view& text, char separator,
                                          std::uint32_t maximum) {
  const std::size_t length = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, length);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
  if (part.empty() || error != std::errc() || end != part.data() + part.size() || value > maximum) {
    return std::nullopt;
  }
  text.remove_prefix(std::min(length + 1, text.size()));
  return value;
}

}  // namespace

std::optional<Ip4Prefix> parse_ip4(std::string_view text) {
  constexpr std::uint32_t kWidth = 32;
  Ip4Prefix prefix{0, 0};
  const bool dot_at_end = text.ends_with('.');
  while (!text.empty() && prefix.length < kWidth) {
    const auto part = take_decimal(text, '.', 255);
    if (!part) return std::nullopt;
    prefix.length += 8;
    prefix.address |= *part << (kWidth - prefix.length);
  }
  if (!text.empty() || dot_at_end || prefix.length == 0) return std::nullopt;
  return prefix;
}

std::optional<std::array<std::uint8_t, 16>> parse_ip6(std::string_view text) {
  std::array<std::uint8_t, 16> address{};
  constexpr std::size_t kLongest = 64;
  if (text.size() > kLongest) return std::nullopt;
  if (inet_pton(AF_INET6, std::string(text).c_str(), address.data()) != 1) return std::nullopt;
  return address;
}

std::optional<std::uint8_t> parse_mac8(std::string_view text) {
  std::uint8_t byte = 0;
  if (text.size() < 2 || text.size() > 3 || text.front() != '$') return std::nullopt;
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data() + 1, end, byte, 16);
  if (error != std::errc() || last != end) return std::nullopt;
  return byte;
}

std::optional<std::array<std::uint8_t, 6>> parse_mac48(std::string_view text) {
  std::array<std::uint8_t, 6> address{};
  const auto separators = std::count_if(text.begin(), text.end(),
                                        [](unsigned char c) { return std::isxdigit(c) == 0; });
  // Bytes of one or two digits between separators; two of two without.
  const std::size_t widest = separators == 5 ? 2 : 12;
  std::size_t digits = 0;
  std::size_t byte = 0;
  if (separators != 5) {
    for (const char c : text) {
      if (std::isxdigit(static_cast<unsigned char>(c)) == 0) continue;
      if (digits == widest) return std::nullopt;
      const int value = std::isdigit(static_cast<unsigned char>(c)) != 0
                            ? c - '0'
                            : std::tolower(static_cast<unsigned char>(c)) - 'a' + 10;
      std::uint8_t& target = address[digits / 2];
      target = static_cast<std::uint8_t>(target << 4 | value);
      ++digits;
    }
    if (digits != widest) return std::nullopt;
    return address;
  }
  std::size_t begin = 0;
  while (byte < address.size()) {
    std::size_t end = begin;
    while (end < text.size() && std::isxdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
    const auto [last, error] =
        std::from_chars(text.data() + begin, text.data() + end, address[byte], 16);
    if (error != std::errc() || last != text.data() + end) return std::nullopt;
    ++byte;
    begin = end + 1;
  }
  return address;
}

std::optional<std::uint16_t> parse_decnet(std::string_view text) {
  constexpr std::uint32_t kLargestArea = 63;
  constexpr std::uint32_t kLargestNode = 1023;
  if (std::count(text.begin(), text.end(), '.') != 1) return std::nullopt;
  const auto area = take_decimal(text, '.', kLargestArea);
  if (!area) return std::nullopt;
  const auto node = take_decimal(text, '.', kLargestNode);
  if (!node) return std::nullopt;
  return static_cast<std::uint16_t>(*area << 10U | *node);
}

}  // namespace bpfc
