#include "jit/vector_set.h"

#include <bit>
#include <random>
#include <utility>

namespace bpfc::jit {
namespace {

constexpr int kTries = 64;  // of multipliers, for each size
constexpr int kSizes = 3;   // each twice the one before

// Whether all values found a place. Who comes takes the place of who was there, who then goes to
// its other slot, and so on.
bool place(std::span<const std::uint32_t> values, std::size_t slots, VectorSet& set) {
  std::array<std::vector<bool>, 2> taken = {std::vector<bool>(slots), std::vector<bool>(slots)};
  // What is left empty holds a value of the set.
  for (auto& table : set.slots) table.assign(slots, values.front());
  for (std::uint32_t value : values) {
    unsigned table = 0;
    std::size_t moves = 0;
    for (;;) {
      const std::uint32_t slot = set.slot(table, value);
      const bool free = !taken[table][slot];
      taken[table][slot] = true;
      std::swap(value, set.slots[table][slot]);
      if (free) break;
      if (++moves > 2 * values.size() + 16) return false;
      table ^= 1U;
    }
  }
  return true;
}

}  // namespace

std::optional<VectorSet> make_vector_set(std::span<const std::uint32_t> values) {
  // Both tables together are twice as large as the set or more.
  std::size_t slots = std::bit_ceil(std::max(values.size() + values.size() / 8, kFewestSlots));
  std::mt19937 random(1);  // NOLINT(bugprone-random-generator-seed, cert-*): the same every time
  VectorSet set;
  for (int size = 0; size < kSizes; ++size, slots *= 2) {
    set.shift = 32U - static_cast<std::uint32_t>(std::countr_zero(slots));
    for (int attempt = 0; attempt < kTries; ++attempt) {
      set.multipliers[0] = static_cast<std::uint32_t>(random()) | 1U;
      set.multipliers[1] = static_cast<std::uint32_t>(random()) | 1U;
      if (place(values, slots, set)) return set;
    }
  }
  return std::nullopt;
}

}  // namespace bpfc::jit
