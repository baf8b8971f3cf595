#include "compiler/facts/known_bits.h"

#include <bit>

#include "compiler/requirement.h"

namespace bpfc {

bool wraps(const ir::ValueTable& values, ir::ValueIndex origin) {
  const ir::Value& value = values[origin];
  if (value.kind != ir::ValueKind::kLoad || value.left == ir::kNoValue) return false;
  const auto base = values.constant_of(value.left);
  return base && std::uint64_t{*base} + value.k > ~std::uint32_t{0};
}

namespace {

constexpr int kMostSteps = 4;

// Bytes of the packet, counted from its start or from a value.
struct Place {
  ir::ValueIndex base = ir::kNoValue;
  std::uint32_t begin = 0;
  std::uint32_t size = 0;

  std::uint64_t end() const { return std::uint64_t{begin} + size; }
};

// None: no load, or from one of the kernel's other addresses, which have their own meanings.
std::optional<Place> place_of(const ir::ValueTable& values, ir::ValueIndex origin) {
  const ir::Value& value = values[origin];
  if (value.kind != ir::ValueKind::kLoad) return std::nullopt;
  Place place{value.left, value.k, value.size};
  if (wraps(values, origin)) {
    place = {ir::kNoValue, *values.constant_of(value.left) + value.k, value.size};
  }
  if (place.end() > ir::kPlainAddresses) return std::nullopt;
  return place;
}

}  // namespace

BitField bit_field(const ir::ValueTable& values, ir::ValueIndex value) {
  BitField field{value, 0, ~std::uint32_t{0}};
  for (int step = 0; step < kMostSteps; ++step) {
    const ir::Value& parts = values[field.origin];
    if (parts.kind != ir::ValueKind::kAlu || parts.right == ir::kNoValue) break;
    const auto k = values.constant_of(parts.right);
    if (!k) break;
    if (parts.op == Arithmetic::kAnd) {
      // What is masked first is shifted afterwards.
      field.mask &= *k >> field.shift;
    } else if (parts.op == Arithmetic::kShiftRight && *k + field.shift < 32) {
      field.mask &= ~std::uint32_t{0} >> field.shift >> *k;
      field.shift = static_cast<std::uint8_t>(field.shift + *k);
    } else {
      break;
    }
    field.origin = parts.left;
  }
  field.mask &= possible_bits(values, field.origin) >> field.shift;
  return field;
}

bool overlap(const ir::ValueTable& values, ir::ValueIndex first, ir::ValueIndex second) {
  if (first == second) return true;
  const auto a = place_of(values, first);
  const auto b = place_of(values, second);
  return a && b && a->base == b->base && a->begin < b->end() && b->begin < a->end();
}

bool covers(const ir::ValueTable& values, ir::ValueIndex first, ir::ValueIndex second) {
  if (first == second) return true;
  const auto a = place_of(values, first);
  const auto b = place_of(values, second);
  // What is counted from a value may lie past 2^32, and one of the two before it.
  const bool from_start = a->base == ir::kNoValue && b->base == ir::kNoValue;
  return from_start && !wraps(values, second) && a->end() >= b->end();
}

Bits told_bits(const BitField& field, Comparison comparison, std::uint32_t k, bool outcome) {
  Bits bits;
  const std::uint32_t asked = field.mask & k;
  if (comparison == Comparison::kEqual && (outcome || std::has_single_bit(field.mask))) {
    bits = {field.mask, outcome ? asked : asked ^ field.mask};
  } else if (comparison == Comparison::kEqual && k == 0) {
    bits.some = field.mask;
  } else if (comparison == Comparison::kAnyBit && !outcome) {
    bits = {asked, 0};
  } else if (comparison == Comparison::kAnyBit && std::has_single_bit(asked)) {
    bits = {asked, asked};
  } else if (comparison == Comparison::kAnyBit) {
    bits.some = asked;
  }
  return {bits.known << field.shift, bits.value << field.shift, bits.some << field.shift};
}

Bits seen_from(const ir::ValueTable& values, const Bits& bits, ir::ValueIndex from,
               ir::ValueIndex to) {
  if (from == to) return bits;
  const std::uint64_t from_end = place_of(values, from)->end();
  const std::uint64_t to_end = place_of(values, to)->end();
  const auto moved = [&](std::uint32_t word) {
    const std::uint64_t wide = word;
    const std::uint64_t place =
        to_end >= from_end ? wide << 8U * (to_end - from_end) : wide >> 8U * (from_end - to_end);
    return static_cast<std::uint32_t>(place) & possible_bits(values, to);
  };
  // What cannot be seen may be the one that is set.
  const std::uint32_t some = moved(bits.some);
  const bool all = std::popcount(some) == std::popcount(bits.some);
  return {moved(bits.known), moved(bits.value), all ? some : 0};
}

std::optional<bool> decided_by_some(const BitField& field, std::uint32_t some,
                                    Comparison comparison, std::uint32_t k) {
  const std::uint64_t shown = std::uint64_t{field.mask} << field.shift;
  const std::uint64_t asked = std::uint64_t{field.mask & k} << field.shift;
  if (some == 0) return std::nullopt;
  if (comparison == Comparison::kAnyBit && (some & ~asked) == 0) return true;
  if (comparison == Comparison::kEqual && (some & ~shown) == 0 && (some & asked) == 0) return false;
  return std::nullopt;
}

std::optional<bool> decided_by_bits(const BitField& field, const Bits& origin,
                                    Comparison comparison, std::uint32_t k) {
  const std::uint32_t known = origin.known >> field.shift | ~field.mask;
  const std::uint32_t value = origin.value >> field.shift & field.mask;
  const std::uint32_t most = value | ~known;
  switch (comparison) {
    case Comparison::kEqual:
      if (((value ^ k) & known) != 0) return false;
      if (known == ~std::uint32_t{0}) return true;
      return std::nullopt;
    case Comparison::kGreater:
      if (value > k) return true;
      if (most <= k) return false;
      return std::nullopt;
    case Comparison::kGreaterOrEqual:
      if (value >= k) return true;
      if (most < k) return false;
      return std::nullopt;
    case Comparison::kAnyBit:
      if ((value & k) != 0) return true;
      if ((most & k) == 0) return false;
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace bpfc
