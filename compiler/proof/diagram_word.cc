#include "proof/diagram_word.h"

namespace bpfc::proof {
namespace {

constexpr std::size_t kBits = 32;

// left + right + carry, by the bits from the lowest up.
DiagramWord add(DiagramStore& store, const DiagramWord& left, const DiagramWord& right,
                Diagram carry) {
  DiagramWord sum;
  for (std::size_t i = 0; i < kBits; ++i) {
    const Diagram odd = store.differ(left[i], right[i]);
    sum[i] = store.differ(odd, carry);
    carry = store.choose(odd, carry, left[i]);
  }
  return sum;
}

DiagramWord inverted(const DiagramWord& word) {
  DiagramWord result;
  for (std::size_t i = 0; i < kBits; ++i) result[i] = negate(word[i]);
  return result;
}

DiagramWord subtract(DiagramStore& store, const DiagramWord& left, const DiagramWord& right) {
  return add(store, left, inverted(right), kTrue);
}

// Towards the higher bits, by less than 32.
DiagramWord shifted_left(const DiagramWord& word, std::size_t distance) {
  DiagramWord result;
  for (std::size_t i = 0; i < kBits; ++i) result[i] = i < distance ? kFalse : word[i - distance];
  return result;
}

DiagramWord shifted_right(const DiagramWord& word, std::size_t distance) {
  DiagramWord result;
  for (std::size_t i = 0; i < kBits; ++i) {
    result[i] = i + distance < kBits ? word[i + distance] : kFalse;
  }
  return result;
}

DiagramWord multiply(DiagramStore& store, const DiagramWord& left, const DiagramWord& right) {
  DiagramWord product = constant_word(0);
  for (std::size_t i = 0; i < kBits && !store.exhausted(); ++i) {
    if (right[i] == kFalse) continue;
    DiagramWord part = shifted_left(left, i);
    for (Diagram& bit : part) bit = store.both(bit, right[i]);
    product = add(store, product, part, kFalse);
  }
  return product;
}

struct Division {
  DiagramWord quotient;
  DiagramWord rest;
};

// As on paper, a bit at a time. The rest keeps below the divisor, so that only its 33rd bit is lost
// when it is doubled, and that one decides by itself.
Division divide(DiagramStore& store, const DiagramWord& left, const DiagramWord& right) {
  Division result{constant_word(0), constant_word(0)};
  for (std::size_t i = kBits; i-- > 0 && !store.exhausted();) {
    const Diagram beyond = result.rest[kBits - 1];
    DiagramWord doubled = shifted_left(result.rest, 1);
    doubled[0] = left[i];
    const Diagram fits =
        store.either(beyond, compare(store, Comparison::kGreaterOrEqual, doubled, right));
    result.quotient[i] = fits;
    result.rest = choose(store, fits, subtract(store, doubled, right), doubled);
  }
  return result;
}

DiagramWord shift(DiagramStore& store, bool to_left, DiagramWord word, const DiagramWord& count,
                  Rules rules) {
  for (std::size_t stage = 0; stage < 5; ++stage) {
    if (count[stage] == kFalse) continue;
    const std::size_t distance = std::size_t{1} << stage;
    word = choose(store, count[stage],
                  to_left ? shifted_left(word, distance) : shifted_right(word, distance), word);
  }
  if (rules == Rules::kKernel) return word;
  DiagramWord above = count;
  for (std::size_t stage = 0; stage < 5; ++stage) above[stage] = kFalse;
  return choose(store, is_nonzero(store, above), constant_word(0), word);
}

bool collect_values(DiagramStore& store, const DiagramWord& word, std::size_t bits, Diagram when,
                    std::uint32_t prefix, std::size_t most, std::vector<WordValue>& values) {
  if (when == kFalse) return true;
  if (bits == 0) {
    values.push_back({prefix, when});
    return values.size() <= most;
  }
  const std::size_t bit = bits - 1;
  const Diagram set = store.both(when, word[bit]);
  const Diagram clear = store.both(when, negate(word[bit]));
  return collect_values(store, word, bit, clear, prefix, most, values) &&
         collect_values(store, word, bit, set, prefix | 1U << bit, most, values);
}

}  // namespace

DiagramWord constant_word(std::uint32_t value) {
  DiagramWord word;
  for (std::size_t i = 0; i < kBits; ++i) word[i] = (value >> i & 1U) != 0 ? kTrue : kFalse;
  return word;
}

std::optional<std::uint32_t> constant_value(const DiagramWord& word) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < kBits; ++i) {
    if (!is_constant(word[i])) return std::nullopt;
    if (word[i] == kTrue) value |= 1U << i;
  }
  return value;
}

DiagramWord compute(DiagramStore& store, Arithmetic arithmetic, const DiagramWord& left,
                    const DiagramWord& right, Rules rules) {
  const auto a = constant_value(left);
  const auto b = constant_value(right);
  if (a && b) return constant_word(bpfc::compute(arithmetic, *a, *b, rules).value_or(0));
  DiagramWord result;
  switch (arithmetic) {
    case Arithmetic::kAdd:
      return add(store, left, right, kFalse);
    case Arithmetic::kSubtract:
      return subtract(store, left, right);
    case Arithmetic::kMultiply:
      return a ? multiply(store, right, left) : multiply(store, left, right);
    case Arithmetic::kDivide:
      return divide(store, left, right).quotient;
    case Arithmetic::kModulo:
      return divide(store, left, right).rest;
    case Arithmetic::kAnd:
      for (std::size_t i = 0; i < kBits; ++i) result[i] = store.both(left[i], right[i]);
      return result;
    case Arithmetic::kOr:
      for (std::size_t i = 0; i < kBits; ++i) result[i] = store.either(left[i], right[i]);
      return result;
    case Arithmetic::kXor:
      for (std::size_t i = 0; i < kBits; ++i) result[i] = store.differ(left[i], right[i]);
      return result;
    case Arithmetic::kShiftLeft:
    case Arithmetic::kShiftRight:
      return shift(store, arithmetic == Arithmetic::kShiftLeft, left, right, rules);
    case Arithmetic::kNegate:
      return subtract(store, constant_word(0), left);
  }
  return left;
}

Diagram compare(DiagramStore& store, Comparison comparison, const DiagramWord& left,
                const DiagramWord& right) {
  switch (comparison) {
    case Comparison::kEqual: {
      Diagram equal = kTrue;
      for (std::size_t i = 0; i < kBits && equal != kFalse; ++i) {
        equal = store.both(negate(store.differ(left[i], right[i])), equal);
      }
      return equal;
    }
    case Comparison::kGreater:
      return negate(compare(store, Comparison::kGreaterOrEqual, right, left));
    case Comparison::kGreaterOrEqual: {
      Diagram result = kTrue;
      for (std::size_t i = 0; i < kBits; ++i) {
        result = store.choose(store.differ(left[i], right[i]), left[i], result);
      }
      return result;
    }
    case Comparison::kAnyBit: {
      DiagramWord common;
      for (std::size_t i = 0; i < kBits; ++i) common[i] = store.both(left[i], right[i]);
      return is_nonzero(store, common);
    }
  }
  return kFalse;
}

Diagram is_nonzero(DiagramStore& store, const DiagramWord& word) {
  Diagram any = kFalse;
  for (const Diagram bit : word) any = store.either(any, bit);
  return any;
}

DiagramWord choose(DiagramStore& store, Diagram condition, const DiagramWord& yes,
                   const DiagramWord& no) {
  DiagramWord result;
  for (std::size_t i = 0; i < kBits; ++i) result[i] = store.choose(condition, yes[i], no[i]);
  return result;
}

bool values_of(DiagramStore& store, const DiagramWord& word, Diagram when, std::size_t most,
               std::vector<WordValue>& values) {
  values.clear();
  return collect_values(store, word, kBits, when, 0, most, values);
}

}  // namespace bpfc::proof
