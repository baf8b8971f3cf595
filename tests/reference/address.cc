#include "tests/reference/address.h"

#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "tests/reference/state.h"

namespace bpfc::reference {

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

std::optional<std::uint32_t> number(std::string_view text, int base, std::uint32_t maximum) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > maximum) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint32_t> octet(std::string_view text) { return number(text, 10, 255); }

[[noreturn]] void refuse(std::string_view text) {
  throw Refused{"invalid address '" + std::string(text) + "'"};
}

}  // namespace

Ipv4Prefix parse_ipv4(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '.');
  if (parts.size() > 4) {
    refuse(text);
  }
  Ipv4Prefix prefix;
  std::uint32_t bits = 32;
  for (const std::string_view part : parts) {
    const std::optional<std::uint32_t> value = octet(part);
    if (!value) {
      refuse(text);
    }
    bits -= 8;
    prefix.address |= *value << bits;
    prefix.mask |= 0xffU << bits;
  }
  return prefix;
}

std::array<std::uint32_t, 4> parse_ipv6(std::string_view text) {
  // Groups of 16 bits before and after the `::`.
  std::vector<std::uint32_t> before;
  std::vector<std::uint32_t> after;
  const auto read_groups = [text](std::string_view side, std::vector<std::uint32_t>& groups) {
    if (side.empty()) {
      return;
    }
    for (const std::string_view part : split(side, ':')) {
      if (part.find('.') != std::string_view::npos && part.end() == text.end()) {
        if (split(part, '.').size() != 4) {
          refuse(text);
        }
        const std::uint32_t address = parse_ipv4(part).address;
        groups.push_back(address >> 16U);
        groups.push_back(address & 0xffffU);
        continue;
      }
      const std::optional<std::uint32_t> group = number(part, 16, 0xffff);
      if (!group || part.size() > 4) {
        refuse(text);
      }
      groups.push_back(*group);
    }
  };
  const std::size_t gap = text.find("::");
  read_groups(text.substr(0, gap), before);
  if (gap != std::string_view::npos) {
    read_groups(text.substr(gap + 2), after);
  }
  const std::size_t given = before.size() + after.size();
  if (gap == std::string_view::npos ? given != 8 : given > 7) {
    refuse(text);
  }
  before.resize(8 - after.size(), 0);
  before.insert(before.end(), after.begin(), after.end());
  std::array<std::uint32_t, 4> words{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] = before[2 * i] << 16U | before[2 * i + 1];
  }
  return words;
}

std::array<std::uint8_t, 6> parse_mac48(std::string_view text) {
  std::array<std::uint8_t, 6> address{};
  std::string digits;
  for (const char separator : {':', '-', '.'}) {
    const std::vector<std::string_view> parts = split(text, separator);
    if (parts.size() != 6 && parts.size() != 3) {
      continue;
    }
    const std::size_t width = parts.size() == 6 ? 2 : 4;
    for (const std::string_view part : parts) {
      if (part.empty() || part.size() > width) {
        refuse(text);
      }
      digits += std::string(width - part.size(), '0') + std::string(part);
    }
  }
  if (digits.empty()) {
    digits = text;
  }
  if (digits.size() != 12) {
    refuse(text);
  }
  for (std::size_t i = 0; i < address.size(); ++i) {
    const std::optional<std::uint32_t> byte =
        number(std::string_view(digits).substr(2 * i, 2), 16, 255);
    if (!byte) {
      refuse(text);
    }
    address[i] = static_cast<std::uint8_t>(*byte);
  }
  return address;
}

std::uint8_t parse_mac8(std::string_view text) {
  const bool marked = !text.empty() && text.front() == '$';
  const std::optional<std::uint32_t> value =
      marked ? number(text.substr(1), 16, 255) : std::nullopt;
  if (!value || text.size() > 3) {
    refuse(text);
  }
  return static_cast<std::uint8_t>(*value);
}

std::uint32_t parse_decnet(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '.');
  if (parts.size() == 2) {
    const std::optional<std::uint32_t> area = number(parts[0], 10, 63);
    const std::optional<std::uint32_t> node = number(parts[1], 10, 1023);
    if (area && node) {
      return *area << 10U | *node;
    }
  }
  refuse(text);
}

}  // namespace bpfc::reference
