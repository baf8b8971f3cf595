// Sets of small numbers, one a row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bpfc::rejects {

class SetTable {
 public:
  // Every set holds every number, as where dominators are sought.
  SetTable(std::size_t rows, std::size_t numbers)
      : words_((numbers + kBits - 1) / kBits), bits_(rows * words_, ~std::uint64_t{0}) {}

  void clear(std::size_t row) {
    for (std::size_t i = 0; i < words_; ++i) bits_[row * words_ + i] = 0;
  }
  void insert(std::size_t row, std::size_t number) {
    bits_[row * words_ + number / kBits] |= std::uint64_t{1} << number % kBits;
  }
  bool has(std::size_t row, std::size_t number) const {
    return (bits_[row * words_ + number / kBits] >> number % kBits & 1U) != 0;
  }
  void intersect(std::size_t row, std::size_t with) {
    for (std::size_t i = 0; i < words_; ++i) bits_[row * words_ + i] &= bits_[with * words_ + i];
  }

 private:
  static constexpr std::size_t kBits = 64;

  std::size_t words_;
  std::vector<std::uint64_t> bits_;
};

}  // namespace bpfc::rejects
