// Which bits of the packet a value shows, and what tests say of them.
//
//   [6:2] & 0x1fff = 0   tells that [6:2] is not 0x57
//   [16:2] = 0xfefe      tells that [16] is not 0x83
#pragma once

#include <cstdint>
#include <optional>

#include "compiler/graph.h"

namespace bpfc {

// Bits of which some are known.
struct Bits {
  std::uint32_t known = 0;
  std::uint32_t value = 0;  // of the known ones; the others are 0
  std::uint32_t some = 0;   // one at least of these is set; 0: nothing is known of that

  // But for `some`.
  void add(const Bits& other) {
    known |= other.known;
    value |= other.value;
  }
};

// A value that is `origin`, shifted to the right and masked.
struct BitField {
  ir::ValueIndex origin = ir::kNoValue;  // neither a mask nor a shift
  std::uint8_t shift = 0;
  std::uint32_t mask = ~std::uint32_t{0};  // of what the shift leaves
};

// Constant time.
BitField bit_field(const ir::ValueTable& values, ir::ValueIndex value);

// Whether it loads from an address past 2^32: there the kernel goes on from 0, and libpcap rejects.
bool wraps(const ir::ValueTable& values, ir::ValueIndex origin);

// Whether the two show bits of the packet that are the same. Both are origins.
bool overlap(const ir::ValueTable& values, ir::ValueIndex first, ir::ValueIndex second);

// Of two that overlap: whether the second can be loaded where the first was.
bool covers(const ir::ValueTable& values, ir::ValueIndex first, ir::ValueIndex second);

// What the outcome of a test of the field tells of its origin.
Bits told_bits(const BitField& field, Comparison comparison, std::uint32_t k, bool outcome);

// What bits of one origin tell of another one that overlaps it.
Bits seen_from(const ir::ValueTable& values, const Bits& bits, ir::ValueIndex from,
               ir::ValueIndex to);

// The outcome of a test of the field, if that one at least of its origin's bits `some` is set
// decides it.
std::optional<bool> decided_by_some(const BitField& field, std::uint32_t some,
                                    Comparison comparison, std::uint32_t k);

// The outcome of a test of the field, if what is known of its origin decides it.
std::optional<bool> decided_by_bits(const BitField& field, const Bits& origin,
                                    Comparison comparison, std::uint32_t k);

}  // namespace bpfc
