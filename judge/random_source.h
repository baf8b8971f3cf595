// Random numbers that are the same for the same seed wherever the program runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace bpfc::judge {

class RandomSource {
 public:
  explicit RandomSource(std::uint64_t seed) : engine_(seed) {}

  std::uint32_t word() { return static_cast<std::uint32_t>(engine_() >> 32U); }
  std::uint8_t byte() { return static_cast<std::uint8_t>(engine_() >> 56U); }
  // In [0, bound); 0 for a bound of 0.
  std::size_t below(std::size_t bound) {
    return bound == 0 ? 0 : static_cast<std::size_t>(engine_() % bound);
  }
  bool one_in(std::size_t bound) { return below(bound) == 0; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace bpfc::judge
