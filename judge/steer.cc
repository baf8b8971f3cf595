#include "judge/steer.h"

#include <bit>

namespace bpfc::judge {
namespace {

// The longest packet that is made because a program compares the length.
constexpr std::uint32_t kLongestMade = 9000;

void write_big_endian(std::uint8_t* bytes, unsigned size, std::uint32_t value) {
  for (unsigned i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
  }
}

std::optional<std::uint32_t> narrow(std::uint64_t value) {
  if (value > 0xffffffffU) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

// What the left operand could be for the result to be `wanted`, as like `left` as possible. To be
// tried: it need not do.
std::optional<std::uint32_t> left_operand(Arithmetic arithmetic, std::uint32_t left,
                                          std::uint32_t right, std::uint32_t wanted, Rules rules) {
  const auto distance = shift_distance(right, rules);
  switch (arithmetic) {
    case Arithmetic::kAdd:
      return wanted - right;
    case Arithmetic::kSubtract:
      return wanted + right;
    case Arithmetic::kMultiply:
      if (right == 0) return std::nullopt;
      return wanted / right;
    case Arithmetic::kDivide:
      if (right == 0) return std::nullopt;
      return narrow(std::uint64_t{wanted} * right + left % right);
    case Arithmetic::kModulo:
      if (right == 0) return std::nullopt;
      return narrow(std::uint64_t{left} - left % right + wanted);
    case Arithmetic::kAnd:
      return (left & ~right) | wanted;
    case Arithmetic::kOr:
      return (left & right) | (wanted & ~right);
    case Arithmetic::kXor:
      return wanted ^ right;
    case Arithmetic::kShiftLeft:
      if (!distance) return std::nullopt;
      return (wanted >> *distance) | (left & ~(0xffffffffU >> *distance));
    case Arithmetic::kShiftRight:
      if (!distance) return std::nullopt;
      return wanted << *distance | (left & ((1U << *distance) - 1));
    case Arithmetic::kNegate:
      return 0U - wanted;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> right_operand(Arithmetic arithmetic, std::uint32_t left,
                                           std::uint32_t right, std::uint32_t wanted, Rules rules) {
  switch (arithmetic) {
    case Arithmetic::kSubtract:
      return left - wanted;
    case Arithmetic::kDivide:
      if (wanted == 0) return narrow(std::uint64_t{left} + 1);
      return left / wanted;
    case Arithmetic::kModulo:
      // One more than what is left over divides the rest away.
      return left - wanted;
    case Arithmetic::kShiftLeft:
    case Arithmetic::kShiftRight:
      for (std::uint32_t count = 0; count < 32; ++count) {
        if (compute(arithmetic, left, count, rules) == wanted) return count;
      }
      return std::nullopt;
    case Arithmetic::kNegate:
      return std::nullopt;
    default:
      // The others do not mind the order.
      return left_operand(arithmetic, right, left, wanted, rules);
  }
}

bool set_length(std::uint32_t wanted, RandomSource& random, TestPacket& packet) {
  packet.wire_length = wanted;
  // What the packet loses it may have been asked for: at times it is said to have been cut.
  const bool shrinks = wanted < packet.bytes.size();
  if (wanted <= kLongestMade && (!shrinks || random.one_in(2))) packet.bytes.resize(wanted);
  return true;
}

std::uint32_t random_bit_of(std::uint32_t mask, RandomSource& random) {
  for (auto skipped = random.below(static_cast<std::size_t>(std::popcount(mask))); skipped > 0;
       --skipped) {
    mask &= mask - 1;
  }
  return mask & (0U - mask);
}

// What the left side could be for the comparison to come out as wanted.
std::uint32_t left_side(Comparison comparison, std::uint32_t left, std::uint32_t right, bool wanted,
                        unsigned attempt, RandomSource& random) {
  switch (comparison) {
    case Comparison::kEqual:
      if (wanted) return right;
      switch (attempt) {
        case 0:
          return right ^ 1;
        case 1:
          return right + 1;
        case 2:
          return right - 1;
        default:
          return right ^ 1U << random.below(32);
      }
    case Comparison::kGreater:
    case Comparison::kGreaterOrEqual: {
      const bool reaches = comparison == Comparison::kGreaterOrEqual;
      const std::uint32_t edge = wanted == reaches ? right : wanted ? right + 1 : right - 1;
      const auto further = static_cast<std::uint32_t>(random.below(16));
      switch (attempt) {
        case 0:
          return edge;
        case 1:
          return wanted ? edge + further : edge - further;
        case 2:
          return wanted ? edge | 0xffU : 0;
        case 3:
          return wanted ? 0xffffU : edge >> 1U;
        default:
          return random.word() >> random.below(32);
      }
    }
    case Comparison::kAnyBit:
      if (!wanted) return left & ~right;
      return attempt == 1 ? left | right : left | random_bit_of(right, random);
  }
  return right;
}

// Changes one of the things that the value was computed from, at random.
bool scramble(const Trace& trace, std::uint32_t term, Rules rules, RandomSource& random,
              TestPacket& packet) {
  while (trace.terms[term].kind == TermKind::kArithmetic) {
    const Term& now = trace.terms[term];
    const bool on_left =
        trace.terms[now.left].varies && (!trace.terms[now.right].varies || random.one_in(2));
    term = on_left ? now.left : now.right;
  }
  const unsigned bits = trace.terms[term].size > 0 ? 8U * trace.terms[term].size : 32;
  const std::uint32_t value = (random.word() >> (32 - bits)) >> random.below(bits);
  return assign(trace, term, value, rules, random, packet);
}

// The attempts that leave to chance what reasoning has not found.
bool is_left_to_chance(unsigned attempt) { return attempt >= 4 && attempt % 3 == 0; }

}  // namespace

bool assign(const Trace& trace, std::uint32_t term, std::uint32_t wanted, Rules rules,
            RandomSource& random, TestPacket& packet) {
  // A loop, since terms may be as deep as programs are long.
  for (;;) {
    const Term& now = trace.terms[term];
    if (now.value == wanted && now.kind != TermKind::kArithmetic) return now.varies;
    switch (now.kind) {
      case TermKind::kConstant:
        return false;
      case TermKind::kBytes:
        if (now.size < 4 && wanted >> (8U * now.size) != 0) return false;
        if (packet.bytes.size() < std::size_t{now.position} + now.size) return false;
        write_big_endian(&packet.bytes[now.position], now.size, wanted);
        return true;
      case TermKind::kWireLength:
        return set_length(wanted, random, packet);
      case TermKind::kAncillary: {
        Ancillary changed = packet.ancillary.value_or(Ancillary{});
        if (!set_ancillary_field(changed, now.load, wanted)) return false;
        packet.ancillary = changed;
        return true;
      }
      case TermKind::kArithmetic:
        break;
    }
    const Term& left = trace.terms[now.left];
    const Term& right = trace.terms[now.right];
    const bool on_left = left.varies && (!right.varies || random.one_in(2));
    if (!on_left && !right.varies) return false;
    const auto operand =
        on_left ? left_operand(now.arithmetic, left.value, right.value, wanted, rules)
                : right_operand(now.arithmetic, left.value, right.value, wanted, rules);
    if (!operand) return false;
    if (compute(now.arithmetic, on_left ? *operand : left.value, on_left ? right.value : *operand,
                rules) != wanted) {
      return false;
    }
    term = on_left ? now.left : now.right;
    wanted = *operand;
  }
}

bool steer(const Trace& trace, const Decision& decision, bool wanted, Rules rules, unsigned attempt,
           RandomSource& random, TestPacket& packet) {
  const Term& left = trace.terms[decision.left];
  const Term& right = trace.terms[decision.right];
  if (!left.varies && !right.varies) return false;
  if (is_left_to_chance(attempt)) {
    const std::uint32_t term =
        left.varies && (!right.varies || random.one_in(2)) ? decision.left : decision.right;
    return scramble(trace, term, rules, random, packet);
  }
  if (left.varies && (!right.varies || attempt % 2 == 0)) {
    const std::uint32_t value =
        left_side(decision.comparison, left.value, right.value, wanted, attempt, random);
    if (compare(decision.comparison, value, right.value) != wanted) return false;
    return assign(trace, decision.left, value, rules, random, packet);
  }
  // From the right the orders are each other's contrary.
  Comparison seen = decision.comparison;
  if (seen == Comparison::kGreater) {
    seen = Comparison::kGreaterOrEqual;
  } else if (seen == Comparison::kGreaterOrEqual) {
    seen = Comparison::kGreater;
  }
  const bool holds = seen == decision.comparison ? wanted : !wanted;
  const std::uint32_t value = left_side(seen, right.value, left.value, holds, attempt, random);
  if (compare(decision.comparison, left.value, value) != wanted) return false;
  return assign(trace, decision.right, value, rules, random, packet);
}

}  // namespace bpfc::judge
