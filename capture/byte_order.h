// Numbers in a file whose byte order may not be the machine's.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>

namespace bpfc::capture {

constexpr std::uint16_t swap_bytes(std::uint16_t value) { return __builtin_bswap16(value); }
constexpr std::uint32_t swap_bytes(std::uint32_t value) { return __builtin_bswap32(value); }
constexpr std::uint64_t swap_bytes(std::uint64_t value) { return __builtin_bswap64(value); }

// `bytes` need not be aligned.
template <std::unsigned_integral Number>
Number load(const std::uint8_t* bytes, bool swapped) {
  Number value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return swapped ? swap_bytes(value) : value;
}

template <std::unsigned_integral Number>
void store(std::uint8_t* bytes, Number value, bool swapped) {
  if (swapped) value = swap_bytes(value);
  std::memcpy(bytes, &value, sizeof value);
}

}  // namespace bpfc::capture
