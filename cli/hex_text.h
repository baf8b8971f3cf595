// Bytes as hexadecimal digits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bpfc::cli {

// Digits in pairs; white space and colons between them do not matter. None: something else.
std::optional<std::vector<std::uint8_t>> parse_hex(std::string_view text);

std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace bpfc::cli
