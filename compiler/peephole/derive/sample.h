// Machine states to try rules on, before they are proved.
#pragma once

#include <random>
#include <vector>

#include "peephole/numbers.h"

namespace bpfc::peephole {

struct Sample {
  Symbols<Numbers> symbols{};
  std::array<std::uint32_t, kRegisters> registers{};
  std::uint32_t captured = 0;
  std::uint32_t wire_length = 0;
  std::uint32_t seed = 0;  // of the packet's bytes
  Rules rules = Rules::kKernel;
};

// The machine in such a state.
class SampleMachine : public Numbers {
 public:
  explicit SampleMachine(const Sample& sample) : Numbers(sample.rules), sample_(&sample) {}

  struct Loaded {
    std::uint32_t value;
    bool succeeds;
  };
  std::uint32_t length() const { return sample_->wire_length; }
  Loaded load(std::uint32_t position, unsigned size) const { return load_at(position, size); }
  Loaded load_indexed(std::uint32_t x, std::uint32_t k, unsigned size) const {
    const std::uint64_t sum = std::uint64_t{x} + k;
    return load_at(rules_ == Rules::kKernel ? sum & 0xffffffffU : sum, size);
  }

 private:
  std::uint32_t byte(std::uint64_t position) const {
    const std::uint64_t h = mixed(position);
    switch (h >> 60U) {
      case 0:
      case 1:
      case 2:
      case 3:
        return 0;
      case 4:
        return 0xff;
      default:
        return static_cast<std::uint32_t>(h >> 40U & 0xffU);
    }
  }
  std::uint64_t mixed(std::uint64_t position) const {
    std::uint64_t h = (position + 1) * 0x9e3779b97f4a7c15U ^ sample_->seed;
    h = (h ^ h >> 31U) * 0xbf58476d1ce4e5b9U;
    return h ^ h >> 29U;
  }
  Loaded load_at(std::uint64_t position, unsigned size) const {
    // From the kernel's headers, or from nowhere: anything.
    if (position >= 0x80000000U && rules_ == Rules::kKernel) {
      const std::uint64_t h = mixed(position * 8 + size);
      return {static_cast<std::uint32_t>(h & (size == 4 ? 0xffffffffU : (1U << 8U * size) - 1U)),
              (h >> 50U & 1U) != 0};
    }
    if (position + size > sample_->captured) return {0, false};
    std::uint32_t value = 0;
    for (unsigned i = 0; i < size; ++i) value = value << 8U | byte(position + i);
    return {value, true};
  }

  const Sample* sample_;
};

// `count` samples whose symbols are small enough for every instruction.
std::vector<Sample> small_samples(std::size_t count, std::mt19937_64& random);
// Any numbers, corners of all kinds among them.
std::vector<Sample> wide_samples(std::size_t count, std::mt19937_64& random);

// Whether the rule holds in all samples that it is about, of which there are some.
bool holds_in(const Rule& rule, const std::vector<Sample>& samples);

}  // namespace bpfc::peephole
