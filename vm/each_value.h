// Ranges of values, spelled out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace bpfc {

// The values of ranges that have members `low` and `high`, in their order. None: they are more than
// four times as many as the ranges and some, and better not looked up one by one.
template <typename Ranges>
std::optional<std::vector<std::uint32_t>> each_value(const Ranges& ranges) {
  constexpr std::uint64_t kSome = 16;
  const std::uint64_t most = 4 * ranges.size() + kSome;
  std::uint64_t count = 0;
  for (const auto& range : ranges) count += std::uint64_t{range.high} - range.low + 1;
  if (count > most) return std::nullopt;
  std::vector<std::uint32_t> values;
  values.reserve(count);
  for (const auto& range : ranges) {
    for (std::uint64_t value = range.low; value <= range.high; ++value) {
      values.push_back(static_cast<std::uint32_t>(value));
    }
  }
  return values;
}

}  // namespace bpfc
