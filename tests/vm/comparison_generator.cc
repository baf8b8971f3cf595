// Programs are made from the end to the start, so that all targets are known.
#include "tests/vm/comparison_generator.h"

#include <algorithm>

#include "vm/opcode.h"

namespace bpfc::testing {

using enum Operation;

ComparisonGenerator::ComparisonGenerator(ProgramGenerator& random, std::uint32_t packet_length)
    : random_(random), packet_length_(packet_length) {}

ComparisonGenerator::Place ComparisonGenerator::put(Instruction instruction) {
  reversed_.push_back(instruction);
  return reversed_.size();
}

ComparisonGenerator::Place ComparisonGenerator::put_jump(Place target) {
  return put({encode(kJump), 0, 0, static_cast<std::uint32_t>(reversed_.size() - target)});
}

ComparisonGenerator::Place ComparisonGenerator::put_branch(std::uint16_t code, std::uint32_t k,
                                                           Place on_true, Place on_false) {
  constexpr std::size_t kFarthest = 254;
  const auto in_reach = [&](Place target) {
    return reversed_.size() - target > kFarthest || random_.one_in(30) ? put_jump(target) : target;
  };
  on_true = in_reach(on_true);
  on_false = in_reach(on_false);
  return put({code, static_cast<std::uint8_t>(reversed_.size() - on_true),
              static_cast<std::uint8_t>(reversed_.size() - on_false), k});
}

std::uint32_t ComparisonGenerator::value() {
  return values_[random_.below(static_cast<std::uint32_t>(values_.size()))];
}

std::uint32_t ComparisonGenerator::offset() {
  if (random_.one_in(60)) return 65530 + random_.below(12);
  if (random_.one_in(60)) return 0x7ffffff8U + random_.below(12);
  if (random_.one_in(4)) return packet_length_ - random_.below(packet_length_ / 2 + 1);
  return random_.below(packet_length_);
}

ComparisonGenerator::Place ComparisonGenerator::any_place() {
  const auto count = static_cast<std::uint32_t>(places_.size());
  const std::uint32_t among = random_.one_in(4) ? count : std::min(count, 5U);
  return places_[count - 1 - random_.below(among)];
}

ComparisonGenerator::Place ComparisonGenerator::put_load() {
  static constexpr Operation kAbsolute[] = {kLoadByteAbsolute, kLoadHalfAbsolute,
                                            kLoadWordAbsolute};
  static constexpr Operation kIndexed[] = {kLoadByteIndexed, kLoadHalfIndexed, kLoadWordIndexed};
  static constexpr std::uint32_t kMasks[] = {0xf,         0xf0,       0x1fff,     0xff00,
                                             0xffff0000U, 0x1fff00ff, 0xffffff00U};
  if (random_.one_in(4)) put({encode(kAndConstant), 0, 0, kMasks[random_.below(7)]});
  if (random_.one_in(12)) return put({encode(kTransferXToA), 0, 0, 0});
  if (random_.one_in(12)) return put({encode(kLoadPacketLength), 0, 0, 0});
  if (!random_.one_in(4)) return put({encode(kAbsolute[random_.below(3)]), 0, 0, offset()});
  put({encode(kIndexed[random_.below(3)]), 0, 0, offset() / 2});
  if (random_.one_in(3)) return reversed_.size();
  return put({encode(kLoadXHeaderLength), 0, 0, offset()});
}

ComparisonGenerator::Place ComparisonGenerator::put_chain(std::size_t length, Place hit,
                                                          Place miss) {
  static constexpr Operation kComparisons[] = {kJumpEqualConstant,          kJumpEqualConstant,
                                               kJumpEqualConstant,          kJumpGreaterConstant,
                                               kJumpGreaterOrEqualConstant, kJumpAnyBitConstant};
  const bool equal_only = random_.one_in(2);
  Place next = miss;
  for (std::size_t i = 0; i < length; ++i) {
    const Operation comparison = kComparisons[equal_only ? 0 : random_.below(6)];
    const Place target = random_.one_in(20) ? any_place() : hit;
    next = random_.one_in(12) ? put_branch(encode(comparison), value(), next, target)
                              : put_branch(encode(comparison), value(), target, next);
  }
  return next;
}

// A search among the sorted values.
ComparisonGenerator::Place ComparisonGenerator::put_tree(std::size_t first, std::size_t count,
                                                         Place hit, Place miss) {
  if (count == 0) return miss;
  if (count == 1) return put_branch(encode(kJumpEqualConstant), values_[first], hit, miss);
  const std::size_t half = count / 2;
  const Place above = put_tree(first + half, count - half, hit, miss);
  const Place below = put_tree(first, half, hit, miss);
  if (random_.one_in(2)) {
    return put_branch(encode(kJumpGreaterOrEqualConstant), values_[first + half], above, below);
  }
  return put_branch(encode(kJumpGreaterConstant), values_[first + half] - 1, above, below);
}

// Bytes near each other, all of which must have some value.
ComparisonGenerator::Place ComparisonGenerator::put_conjunction(std::size_t length, Place all,
                                                                Place miss) {
  static constexpr Operation kLoads[] = {kLoadByteAbsolute, kLoadHalfAbsolute, kLoadWordAbsolute};
  const std::uint32_t near = random_.below(packet_length_);
  Place next = all;
  for (std::size_t i = 0; i < length; ++i) {
    if (random_.one_in(15)) miss = any_place();
    if (random_.one_in(4)) {
      put_branch(encode(kJumpAnyBitConstant), value(), miss, next);
    } else {
      put_branch(encode(kJumpEqualConstant), value(), next, miss);
      if (random_.one_in(3)) put({encode(kAndConstant), 0, 0, random_.one_in(2) ? 0xffffU : 0xf0U});
    }
    const std::uint32_t at = near + random_.below(16);
    next = put({encode(kLoads[random_.below(3)]), 0, 0, at});
  }
  return next;
}

// Two loads that are tested alike, as ports and addresses are.
ComparisonGenerator::Place ComparisonGenerator::put_pair(Place hit, Place miss) {
  static constexpr Operation kLoads[] = {kLoadHalfAbsolute, kLoadWordAbsolute, kLoadHalfIndexed};
  const Operation load = kLoads[random_.below(3)];
  const std::uint32_t first = load == kLoadHalfIndexed ? random_.below(8) : offset();
  const std::uint32_t second = first + (random_.one_in(8) ? 0U - 2U : random_.below(5));
  std::vector<std::uint32_t> wanted;
  for (std::uint32_t i = 0; i <= random_.below(random_.one_in(3) ? 12 : 2); ++i) {
    wanted.push_back(value());
  }
  const bool range = random_.one_in(4);
  const auto put_test = [&](Place otherwise) {
    if (range) {
      const Place above =
          put_branch(encode(kJumpGreaterConstant), wanted.front() | 0xffU, otherwise, hit);
      return put_branch(encode(kJumpGreaterOrEqualConstant), wanted.front(), above, otherwise);
    }
    Place next = otherwise;
    for (const std::uint32_t one : wanted) {
      next = put_branch(encode(kJumpEqualConstant), one, hit, next);
    }
    return next;
  };
  put_test(random_.one_in(10) ? any_place() : miss);
  const Place again = put({encode(load), 0, 0, second});
  put_test(again);
  Place start = put({encode(load), 0, 0, first});
  if (load == kLoadHalfIndexed && !random_.one_in(4)) {
    start = put({encode(kLoadXHeaderLength), 0, 0, random_.below(packet_length_)});
  }
  return start;
}

ComparisonGenerator::Place ComparisonGenerator::put_arithmetic() {
  switch (random_.below(6)) {
    case 0:
      return put({encode(kTransferAToX), 0, 0, 0});
    case 1:
      return put({encode(kLoadXConstant), 0, 0, random_.below(packet_length_)});
    case 2:
      return put({encode(kAndConstant), 0, 0, value()});
    case 3:
      put({encode(kLoadXCell), 0, 0, 1});
      return put({encode(kStoreCell), 0, 0, 1});
    case 4:
      return put({encode(kShiftRightConstant), 0, 0, random_.below(32)});
    default:
      return put({encode(kAddX), 0, 0, 0});
  }
}

Program ComparisonGenerator::make(std::size_t comparisons) {
  reversed_.clear();
  places_.clear();
  values_.clear();
  static constexpr std::uint32_t kEdges[] = {
      0, 1, 6, 17, 0x800, 0x806, 0x86dd, 0xffff, 0x7fffffff, 0x80000000U, 0xffffffffU};
  const std::size_t pool = random_.one_in(3) ? comparisons : 12;
  const std::uint32_t base = random_.word();
  const std::uint32_t bits = random_.below(4);
  for (std::size_t i = 0; i < pool + 2; ++i) {
    if (random_.one_in(6)) {
      values_.push_back(kEdges[random_.below(11)]);
    } else if (bits == 0) {
      values_.push_back(base + random_.below(static_cast<std::uint32_t>(4 * pool)));
    } else {
      values_.push_back(bits == 1 ? random_.word() : random_.below(bits == 2 ? 0x10000 : 0x100));
    }
  }
  std::sort(values_.begin(), values_.end());

  if (random_.one_in(4)) places_.push_back(put({encode(kReturnA), 0, 0, 0}));
  if (random_.one_in(4)) places_.push_back(put({encode(kReturnConstant), 0, 0, 7}));
  places_.push_back(put({encode(kReturnConstant), 0, 0, 0}));
  places_.push_back(put({encode(kReturnConstant), 0, 0, 262144}));
  std::size_t done = 0;
  while (done < comparisons) {
    const std::size_t left = comparisons - done;
    const Place hit = any_place();
    const Place miss = any_place();
    std::size_t length = std::min<std::size_t>(left, 1 + random_.below(6));
    Place start = 0;
    switch (random_.below(6)) {
      case 0:
        length = random_.one_in(3) ? left : length;
        put_tree(0, std::min(length, values_.size()), hit, miss);
        start = random_.one_in(8) ? reversed_.size() : put_load();
        break;
      case 1:
        start = put_conjunction(length, hit, miss);
        break;
      case 2:
        start = put_pair(hit, miss);
        break;
      case 3:
        put_branch(encode(random_.one_in(2) ? kJumpEqualX : kJumpGreaterX), 0, hit, miss);
        start = random_.one_in(2) ? put_arithmetic() : put_load();
        break;
      default:
        length = random_.one_in(6) ? left : length;
        put_chain(length, hit, miss);
        start = random_.one_in(8) ? reversed_.size() : put_load();
        break;
    }
    if (random_.one_in(8)) start = put_arithmetic();
    places_.push_back(start);
    done += length;
  }
  return {reversed_.rbegin(), reversed_.rend()};
}

}  // namespace bpfc::testing
