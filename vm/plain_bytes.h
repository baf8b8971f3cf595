// Bytes of the packet, read in one go.
#pragma once

#include <emmintrin.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include "vm/threaded_code.h"

namespace bpfc {

static_assert(std::endian::native == std::endian::little);

inline std::uint32_t load_byte(const std::uint8_t* bytes) { return *bytes; }
inline std::uint32_t load_half(const std::uint8_t* bytes) {
  std::uint16_t value;
  std::memcpy(&value, bytes, sizeof value);
  return __builtin_bswap16(value);
}
inline std::uint32_t load_word(const std::uint8_t* bytes) {
  std::uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return __builtin_bswap32(value);
}

inline bool are_equal(const std::uint8_t* bytes, const BytesTest& test) {
  const __m128i read = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  const __m128i mask = _mm_load_si128(reinterpret_cast<const __m128i*>(test.mask.data()));
  const __m128i value = _mm_load_si128(reinterpret_cast<const __m128i*>(test.value.data()));
  constexpr int kAll = 0xffff;
  return _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_and_si128(read, mask), value)) == kAll;
}

}  // namespace bpfc
