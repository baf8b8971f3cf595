// Ways to ask whether a value is in a set of values, none of which branches on the value.
#pragma once

#include <emmintrin.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace bpfc {

// Values from low to high.
struct ValueRange {
  std::uint32_t low = 0;
  std::uint32_t high = 0;

  friend bool operator==(const ValueRange&, const ValueRange&) = default;
};

enum class SetKind : std::uint8_t {
  kRange,    // one range: a subtraction and a comparison
  kBuckets,  // single values: compared with all those that a hash puts in the same bucket
  kBitmap,   // values near each other: a bit for each
  kSearch,   // anything: a binary search for the value among the ranges' borders
};

// What `low` and `width` are depends on the kind; see the functions below.
struct ValueSet {
  SetKind kind = SetKind::kRange;
  std::uint32_t low = 0;
  std::uint32_t width = 0;
};

// What tests look into: those of one program lie in one.
struct SetTables {
  struct alignas(32) Bucket {
    std::array<std::uint32_t, 8> values{};
  };
  std::vector<Bucket> buckets;
  std::vector<std::uint32_t> words;
};

// The cheapest test for the members: at least one, ascending, with gaps between them. Adds to the
// tables in proportion to the number of members. About n log n.
ValueSet make_value_set(std::span<const ValueRange> members, SetTables& tables);

// How many of the `count` words, which ascend, are at most the value. At least one word.
inline std::uint32_t count_not_above(const std::uint32_t* words, std::uint32_t count,
                                     std::uint32_t value) {
  const std::uint32_t* first = words;
  while (count > 1) {
    const std::uint32_t half = count / 2;
    first += first[half - 1] <= value ? half : 0;
    count -= half;
  }
  return static_cast<std::uint32_t>(first - words) + (*first <= value ? 1 : 0);
}

// From `low`, `width` values more.
inline bool is_in_range(std::uint32_t low, std::uint32_t width, const SetTables&,
                        std::uint32_t value) {
  return value - low <= width;
}

// The buckets start at `low`; the product of value and `width`, shifted by the five lowest bits of
// `width`, is the bucket's number among them.
constexpr std::uint32_t bucket_number(std::uint32_t width, std::uint32_t value) {
  return value * width >> (width & 31U);
}
inline bool is_in_buckets(std::uint32_t low, std::uint32_t width, const SetTables& tables,
                          std::uint32_t value) {
  const SetTables::Bucket& bucket = tables.buckets.data()[low + bucket_number(width, value)];
  const __m128i wanted = _mm_set1_epi32(static_cast<int>(value));
  const auto* const halves = reinterpret_cast<const __m128i*>(bucket.values.data());
  return _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi32(_mm_load_si128(halves), wanted),
                                        _mm_cmpeq_epi32(_mm_load_si128(halves + 1), wanted))) != 0;
}

// From `low`, `width` values more have bits; the words start with the place of their first one.
inline bool is_in_bitmap(std::uint32_t low, std::uint32_t width, const SetTables& tables,
                         std::uint32_t value) {
  const std::uint32_t* words = tables.words.data() + low;
  const std::uint32_t place = value - words[0];
  const std::uint32_t last = width;
  const std::uint32_t inside = place <= last ? place : 0;
  return (place <= last) && (words[1 + (inside >> 5U)] >> (inside & 31U) & 1U) != 0;
}

// The `width` words from `low` are where members start and where they are over, in turns.
inline bool is_in_search(std::uint32_t low, std::uint32_t width, const SetTables& tables,
                         std::uint32_t value) {
  return (count_not_above(tables.words.data() + low, width, value) & 1U) != 0;
}

}  // namespace bpfc
