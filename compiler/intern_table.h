// An index of a growing array by content: each distinct element has one number, its position.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bpfc {

// Mixes a word into a hash.
constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
  return hash ^ (hash >> 29U);
}

// T needs operator== and a member `std::uint64_t hash() const`.
template <typename T>
class InternTable {
 public:
  // The position of the equal element, which is added at the end if there is none.
  std::uint32_t intern(const T& element) {
    if ((elements_.size() + 1) * 2 > slots_.size()) grow();
    for (std::size_t slot = element.hash() & (slots_.size() - 1);;
         slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot] == kEmpty) {
        slots_[slot] = static_cast<std::uint32_t>(elements_.size());
        elements_.push_back(element);
        return slots_[slot];
      }
      if (elements_[slots_[slot]] == element) return slots_[slot];
    }
  }

  const T& operator[](std::uint32_t index) const { return elements_[index]; }
  std::size_t size() const { return elements_.size(); }

 private:
  static constexpr std::uint32_t kEmpty = ~std::uint32_t{0};

  void grow() {
    slots_.assign(slots_.empty() ? 64 : slots_.size() * 2, kEmpty);
    for (std::uint32_t i = 0; i < elements_.size(); ++i) {
      std::size_t slot = elements_[i].hash() & (slots_.size() - 1);
      while (slots_[slot] != kEmpty) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = i;
    }
  }

  std::vector<T> elements_;
  std::vector<std::uint32_t> slots_;
};

}  // namespace bpfc
