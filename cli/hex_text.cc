#include "cli/hex_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>

namespace bpfc::cli {

std::optional<std::vector<std::uint8_t>> parse_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  int digits = 0;
  std::uint32_t value = 0;
  for (const char character : text) {
    const auto c = static_cast<unsigned char>(character);
    if (std::isspace(c) != 0 || c == ':') continue;
    if (std::isxdigit(c) == 0) return std::nullopt;
    const int digit = std::isdigit(c) != 0 ? c - '0' : std::tolower(c) - 'a' + 10;
    value = value << 4U | static_cast<std::uint32_t>(digit);
    if (++digits % 2 == 0) {
      bytes.push_back(static_cast<std::uint8_t>(value));
      value = 0;
    }
  }
  if (digits % 2 != 0) return std::nullopt;
  return bytes;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

}  // namespace bpfc::cli
