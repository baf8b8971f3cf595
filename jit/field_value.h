// Values that are one field of the packet, changed a little: what can be tested together with
// others in one vector.
#pragma once

#include <cstdint>
#include <optional>

#include "bpfc/verify.h"
#include "vm/arithmetic.h"

namespace bpfc::jit {

// `((field & mask) shifted) + addend`, modulo 2^32, the field being `size` bytes at `offset` in
// network order. Of size 0: the constant `addend`; of size kUnknownSize: any number.
struct FieldValue {
  static constexpr std::uint8_t kUnknownSize = 0xff;

  std::uint32_t offset = 0;
  std::uint8_t size = 0;
  std::int8_t left_shift = 0;  // negative: to the right. No bit is lost
  std::uint32_t mask = 0;
  std::uint32_t addend = 0;

  static FieldValue constant(std::uint32_t value) { return {.addend = value}; }
  static FieldValue field(std::uint32_t offset, std::uint32_t size);
  static FieldValue unknown() { return {.size = kUnknownSize}; }
  bool is_constant() const { return size == 0; }
  bool is_unknown() const { return size == kUnknownSize; }

  // NOLINTNEXTLINE(modernize-use-nullptr): there is none
  friend auto operator<=>(const FieldValue&, const FieldValue&) = default;
};

// None: not of this form, or the end of the program. Both are known.
std::optional<FieldValue> compute(Arithmetic arithmetic, const FieldValue& left,
                                  const FieldValue& right, Rules rules);

// Whether `(field & mask) - low <= span`, or, `negated`, whether not.
struct FieldTest {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::uint32_t mask = 0;
  std::uint32_t low = 0;
  std::uint32_t span = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr): there is none
  friend auto operator<=>(const FieldTest&, const FieldTest&) = default;
};
struct FieldCondition {
  FieldTest test = {};
  bool negated = false;
  std::optional<bool> decided =
      std::nullopt;  // the same for every packet; the test says nothing then
};

// None: not of this form. The value is known.
std::optional<FieldCondition> lies_between(const FieldValue& value, std::uint32_t low,
                                           std::uint32_t high);

// The same of a comparison. Both are known.
std::optional<FieldCondition> condition(Comparison comparison, const FieldValue& left,
                                        const FieldValue& right);

}  // namespace bpfc::jit
