// A set of values in a table in which a look is a comparison with two entries: each value lies in
// the slot that its first hash names or in the one that its second names (cuckoo hashing: Pagh and
// Rodler, 2001). Every slot holds some value of the set, so that no look can err.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace bpfc::jit {

struct VectorSet {
  // A slot is value * multiplier (mod 2^32) >> shift. Odd.
  std::array<std::uint32_t, 2> multipliers = {1, 1};
  std::uint32_t shift = 0;
  std::array<std::vector<std::uint32_t>, 2> slots;  // 2^(32 - shift) each

  std::uint32_t slot(unsigned table, std::uint32_t value) const {
    return (value * multipliers[table]) >> shift;
  }
  bool holds(std::uint32_t value) const {
    return slots[0][slot(0, value)] == value || slots[1][slot(1, value)] == value;
  }
};

inline constexpr std::size_t kFewestSlots = 32;

// `values` are different, and not none. None: no such table was found, which is next to impossible.
// The same for the same values.
std::optional<VectorSet> make_vector_set(std::span<const std::uint32_t> values);

}  // namespace bpfc::jit
