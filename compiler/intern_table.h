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
    const auto tag = static_cast<std::uint32_t>(element.hash() >> 32U);
    std::size_t slot = tag & mask();
    for (; slots_[slot].index != kEmpty; slot = (slot + 1) & mask()) {
      const Slot& found = slots_[slot];
      if (found.tag == tag && elements_[found.index] == element) return found.index;
    }
    slots_[slot] = {tag, static_cast<std::uint32_t>(elements_.size())};
    elements_.push_back(element);
    return slots_[slot].index;
  }

  const T& operator[](std::uint32_t index) const { return elements_[index]; }
  std::size_t size() const { return elements_.size(); }

 private:
  static constexpr std::uint32_t kEmpty = ~std::uint32_t{0};
  static constexpr std::size_t kFirstSlots = 64;

  // With the hash at hand, most of what is not equal is passed over, and moved, without a look at
  // the elements, which lie far apart.
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t index = kEmpty;
  };

  std::size_t mask() const { return slots_.size() - 1; }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? kFirstSlots : slots_.size() * 2);
    old.swap(slots_);
    elements_.reserve(slots_.size() / 2);  // as many as these slots are for
    for (const Slot& moved : old) {
      if (moved.index == kEmpty) continue;
      std::size_t slot = moved.tag & mask();
      while (slots_[slot].index != kEmpty) slot = (slot + 1) & mask();
      slots_[slot] = moved;
    }
  }

  std::vector<T> elements_;
  std::vector<Slot> slots_;
};

}  // namespace bpfc
