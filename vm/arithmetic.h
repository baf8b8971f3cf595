// What the machine's arithmetic and comparisons yield: the only implementation, for whoever runs,
// folds or proves programs. Everything is unsigned, modulo 2^32.
#pragma once

#include <cstdint>
#include <optional>

#include "bpfc/verify.h"

namespace bpfc {

enum class Arithmetic : std::uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kAnd,
  kOr,
  kXor,
  kShiftLeft,
  kShiftRight,
  kNegate,  // of the left operand; the right one is ignored
};

enum class Comparison : std::uint8_t {
  kEqual,
  kGreater,
  kGreaterOrEqual,
  kAnyBit,  // left & right is not 0
};

// The distance that a shift by `count` shifts by; none: every bit is shifted out. The kernel takes
// the count modulo 32, libpcap shifts everything out (its shifts by constants of 32 and more are
// undefined; here they do as its shifts by X).
constexpr std::optional<std::uint32_t> shift_distance(std::uint32_t count, Rules rules) {
  if (count < 32) return count;
  if (rules == Rules::kKernel) return count & 31;
  return std::nullopt;
}

// None: division or modulus by zero, which ends the program with 0.
constexpr std::optional<std::uint32_t> compute(Arithmetic arithmetic, std::uint32_t left,
                                               std::uint32_t right, Rules rules) {
  switch (arithmetic) {
    case Arithmetic::kAdd:
      return left + right;
    case Arithmetic::kSubtract:
      return left - right;
    case Arithmetic::kMultiply:
      return left * right;
    case Arithmetic::kDivide:
      if (right == 0) return std::nullopt;
      return left / right;
    case Arithmetic::kModulo:
      if (right == 0) return std::nullopt;
      return left % right;
    case Arithmetic::kAnd:
      return left & right;
    case Arithmetic::kOr:
      return left | right;
    case Arithmetic::kXor:
      return left ^ right;
    case Arithmetic::kShiftLeft: {
      const auto distance = shift_distance(right, rules);
      return distance ? left << *distance : 0;
    }
    case Arithmetic::kShiftRight: {
      const auto distance = shift_distance(right, rules);
      return distance ? left >> *distance : 0;
    }
    case Arithmetic::kNegate:
      return 0U - left;
  }
  return std::nullopt;
}

constexpr bool compare(Comparison comparison, std::uint32_t left, std::uint32_t right) {
  switch (comparison) {
    case Comparison::kEqual:
      return left == right;
    case Comparison::kGreater:
      return left > right;
    case Comparison::kGreaterOrEqual:
      return left >= right;
    case Comparison::kAnyBit:
      return (left & right) != 0;
  }
  return false;
}

}  // namespace bpfc
