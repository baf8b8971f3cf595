#include "jit/vector_values.h"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

#include "jit/vector_frame.h"

namespace bpfc::jit {
namespace {

using namespace frame;  // NOLINT(google-build-using-namespace): a few names of registers

// Where a value is computed that has no register. No tile's values are there when it is used.
const Ymm kUnplaced(7);

// In a vpshufb: a byte of zeros.
constexpr std::uint8_t kZeroByte = 0x80;

enum Predicate : std::uint8_t { kPredicateNotLess = 5 };

std::vector<std::uint8_t> bytes_of(std::span<const std::uint32_t> words) {
  std::vector<std::uint8_t> bytes;
  for (const std::uint32_t word : words) {
    for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(word >> 8 * i));
  }
  return bytes;
}

}  // namespace

VectorValues::VectorValues(const VectorProgram& program, const VectorSchedule& schedule,
                           Assembler& code)
    : program_(program),
      schedule_(schedule),
      code_(code),
      tiles_(tiles_of(program)),
      tile_of_(program.values.size()),
      places_(program.values.size()) {
  for (int i = kLastValue; i >= kFirstValue; --i) free_registers_.push_back(i);
  for (int i = kMostSpilled - 1; i >= 0; --i) free_slots_.push_back(i);
  for (std::uint32_t i = 0; i < tiles_.size(); ++i) {
    const VectorTile& tile = tiles_[i];
    for (const ValueId load : tile.loads) tile_of_[load] = i;
    if (tile.left == kNoValue) {
      unchecked_end_ = std::max(unchecked_end_, tile.end());
      if (schedule.scope(tile.loads) == 0) near_end_ = std::max(near_end_, tile.end());
    }
  }
  likely_begin_ = unchecked_end_;
  for (const VectorTile& tile : tiles_) {
    const std::uint32_t maximum = tile.left == kNoValue ? 0 : program.values[tile.left].maximum;
    const bool far = tile.left == kNoValue && is_far(tile);
    needs_addresses_ |= tile.left != kNoValue || far;
    // Behind an IPv4 header, say.
    const std::uint32_t left = maximum == 60 ? 20 : 0;
    if (far || maximum > 60) continue;
    likely_begin_ = std::min(likely_begin_, tile.k + left);
    likely_end_ = std::max(likely_end_, tile.end() + left);
  }
  for (ValueId value = 0; value < program.values.size(); ++value) {
    needs_wire_length_ |= program.values[value].kind == VectorValueKind::kWireLength;
  }
}

void VectorValues::begin_block(std::uint32_t block, const Xbyak::Opmask& lanes) {
  block_ = block;
  lanes_ = lanes;
}

// Whether the tile would take most packets' lanes to another line of the cache for nothing.
bool VectorValues::is_far(const VectorTile& tile) const {
  return schedule_.scope(tile.loads) != 0 && tile.k > near_end_ + kTileBytes;
}

Xbyak::Address VectorValues::slot(int index) const {
  return code_.ptr[code_.rsp + kSpilledSlots + 32 * index];
}

Xbyak::Label& VectorValues::constants(std::vector<std::uint8_t> bytes) {
  return constants_[std::move(bytes)];
}

Xbyak::Label& VectorValues::table(const std::vector<std::uint32_t>& words) {
  return constants(bytes_of(words));
}

Xbyak::Address VectorValues::broadcast(std::uint32_t constant) {
  return code_.ptr_b[code_.rip + constants(bytes_of({&constant, 1}))];
}

Xbyak::Address VectorValues::word(std::uint32_t constant) {
  return code_.ptr[code_.rip + constants(bytes_of({&constant, 1}))];
}

Xbyak::Address VectorValues::bytes(std::vector<std::uint8_t> constant) {
  return code_.ptr[code_.rip + constants(std::move(constant))];
}

Xbyak::Address VectorValues::zeros() { return code_.ptr[code_.rip + zeros_]; }

void VectorValues::place_constants() {
  constexpr std::size_t kLine = 64;
  code_.align(kLine);
  code_.L(zeros_);
  for (std::uint32_t i = 0; i < kUncheckedEnd + kTileBytes; ++i) code_.db(0);
  // Large ones first, so that each is as aligned as its size.
  std::vector<std::pair<const std::vector<std::uint8_t>*, Xbyak::Label*>> all;
  for (auto& [bytes, label] : constants_) all.emplace_back(&bytes, &label);
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first->size() > b.first->size(); });
  code_.align(kLine);
  for (const auto& [bytes, label] : all) {
    code_.L(*label);
    for (const std::uint8_t byte : *bytes) code_.db(byte);
  }
}

void VectorValues::allocate(ValueId value) {
  Place& place = places_[value];
  std::vector<int>& from = free_registers_.empty() ? free_slots_ : free_registers_;
  if (from.empty()) {
    failed_ = true;
    place = {Place::Kind::kSlot, 0};
    return;
  }
  place = {free_registers_.empty() ? Place::Kind::kSlot : Place::Kind::kRegister, from.back()};
  from.pop_back();
}

void VectorValues::release(ValueId value) {
  const Place place = std::exchange(places_[value], {});
  if (place.kind == Place::Kind::kRegister) free_registers_.push_back(place.index);
  if (place.kind == Place::Kind::kSlot) free_slots_.push_back(place.index);
}

Xbyak::Ymm VectorValues::target(ValueId value) {
  allocate(value);
  const Place& place = places_[value];
  return place.kind == Place::Kind::kRegister ? Ymm(place.index) : kUnplaced;
}

void VectorValues::put(ValueId value, const Xbyak::Ymm& from) {
  const Place& place = places_[value];
  if (place.kind == Place::Kind::kSlot) code_.vmovdqu32(slot(place.index), from);
}

Xbyak::Ymm VectorValues::in_register(ValueId value, const Xbyak::Ymm& moment) {
  const VectorValue& of = program_.values[value];
  if (of.kind == VectorValueKind::kConstant) {
    code_.vpbroadcastd(moment, word(of.k));
    return moment;
  }
  if (of.kind == VectorValueKind::kWireLength) return kWireLength;
  const Place& place = places_[value];
  if (place.kind == Place::Kind::kRegister) return Ymm(place.index);
  code_.vmovdqu32(moment, slot(place.index));
  return moment;
}

void VectorValues::compute(ValueId value) {
  if (value == kNoValue || places_[value].kind != Place::Kind::kNone) return;
  const VectorValue& of = program_.values[value];
  switch (of.kind) {
    case VectorValueKind::kConstant:
    case VectorValueKind::kWireLength:
    case VectorValueKind::kMerge:
      return;
    case VectorValueKind::kRemaining:
      compute(of.left);
      return compute_remaining(value);
    case VectorValueKind::kArithmetic:
      compute(of.left);
      compute(of.right);
      return compute_arithmetic(value);
    case VectorValueKind::kLoad:
      compute(of.left);
      compute(of.remaining);
      return compute_tile(tiles_[tile_of_[value]]);
  }
}

// max(captured, left) - left: what is not there is 0.
void VectorValues::compute_remaining(ValueId value) {
  const Ymm to = target(value);
  const Ymm left = in_register(program_.values[value].left, Ymm(1));
  code_.vpmaxud(Ymm(0), kCaptured, left);
  code_.vpsubd(to, Ymm(0), left);
  put(value, to);
}

void VectorValues::compute_arithmetic(ValueId value) {
  const VectorValue& of = program_.values[value];
  const Ymm to = target(value);
  const Ymm left = in_register(of.left, Ymm(1));
  const VectorValue& right = program_.values[of.right];
  const bool by_constant = right.kind == VectorValueKind::kConstant;
  const bool shifts =
      of.arithmetic == Arithmetic::kShiftLeft || of.arithmetic == Arithmetic::kShiftRight;
  if (shifts && by_constant) {
    const auto distance = shift_distance(right.k, program_.rules);
    // The instructions too shift all out at 32.
    const auto count = static_cast<std::uint8_t>(distance.value_or(32));
    if (of.arithmetic == Arithmetic::kShiftLeft) {
      code_.vpslld(to, left, count);
    } else {
      code_.vpsrld(to, left, count);
    }
    return put(value, to);
  }
  if (shifts) {
    Ymm count = in_register(of.right, Ymm(2));
    if (program_.rules == Rules::kKernel) {
      code_.vpandd(Ymm(2), count, broadcast(31));
      count = Ymm(2);
    }
    if (of.arithmetic == Arithmetic::kShiftLeft) {
      code_.vpsllvd(to, left, count);
    } else {
      code_.vpsrlvd(to, left, count);
    }
    return put(value, to);
  }
  with_operand(of.right, [&](const Xbyak::Operand& operand) {
    switch (of.arithmetic) {
      case Arithmetic::kAdd:
        return code_.vpaddd(to, left, operand);
      case Arithmetic::kSubtract:
        return code_.vpsubd(to, left, operand);
      case Arithmetic::kMultiply:
        return code_.vpmulld(to, left, operand);
      case Arithmetic::kAnd:
        return code_.vpandd(to, left, operand);
      case Arithmetic::kOr:
        return code_.vpord(to, left, operand);
      case Arithmetic::kXor:
        return code_.vpxord(to, left, operand);
      case Arithmetic::kNegate:
        code_.vpxor(Xmm(0), Xmm(0), Xmm(0));
        return code_.vpsubd(to, Ymm(0), left);
      default:
        return;  // divisions and shifts were something else
    }
  });
  put(value, to);
}

bool VectorValues::is_masked(const VectorTile& tile) const {
  return block_ != 0 && schedule_.scope(tile.loads) == block_;
}

// Where a window is not all captured, or nobody needs it, the address is one of zeros.
bool VectorValues::compute_addresses(const VectorTile& tile) {
  const bool masked = is_masked(tile);
  if (tile.left == kNoValue) {
    if (!is_far(tile) || !masked) return false;
    code_.kmovb(kMoment, lanes_);
    code_.vmovdqa64(Zmm(0), kDataVector);
  } else {
    const ValueId remaining = program_.values[tile.loads.front()].remaining;
    const Ymm behind = in_register(remaining, Ymm(1));
    code_.vpcmpud(masked ? kMoment | lanes_ : kMoment, behind, broadcast(tile.end()),
                  kPredicateNotLess);
    code_.vpmovzxdq(Zmm(0), in_register(tile.left, Ymm(1)));
    code_.vpaddq(Zmm(0), Zmm(0), kDataVector);
  }
  if (tile.k != 0) {
    const std::uint32_t words[] = {tile.k, 0};
    code_.vpaddq(Zmm(0), Zmm(0), code_.ptr_b[code_.rip + constants(bytes_of(words))]);
  }
  code_.vpblendmq(Zmm(0) | kMoment, kHarmless, Zmm(0));
  code_.vmovdqa64(code_.ptr[code_.rsp + kAddressSlot], Zmm(0));
  return true;
}

Xbyak::Address VectorValues::window(const VectorTile& tile, bool computed, int lane) {
  if (!computed) return code_.ptr[kData[lane] + tile.k];
  code_.mov(kScratch, code_.ptr[code_.rsp + kAddressSlot + 8 * lane]);
  return code_.ptr[Xbyak::Reg64(kScratch)];
}

// All lanes' windows in one register, out of which each value is shuffled.
void VectorValues::load_narrow_tile(const VectorTile& tile, std::span<const ValueId> loads,
                                    bool computed) {
  for (int lane = 0; lane < kLanes; ++lane) {
    code_.vmovd(Xmm(lane), window(tile, computed, lane));
  }
  for (int i = 0; i < kLanes; i += 2) code_.vpunpckldq(Xmm(i), Xmm(i), Xmm(i + 1));
  for (int i = 0; i < kLanes; i += 4) code_.vpunpcklqdq(Xmm(i), Xmm(i), Xmm(i + 2));
  code_.vinserti128(Ymm(0), Ymm(0), Xmm(4), 1);
  for (const ValueId load : loads) {
    std::vector<std::uint8_t> shuffle(32, kZeroByte);
    const VectorValue& of = program_.values[load];
    for (std::uint32_t i = 0; i < 32; ++i) {
      if (i % 4 >= of.size) continue;
      shuffle[i] = static_cast<std::uint8_t>(i / 4 % 4 * 4 + of.k - tile.k + of.size - 1 - i % 4);
    }
    const Ymm into = target(load);
    code_.vpshufb(into, Ymm(0), bytes(std::move(shuffle)));
    put(load, into);
  }
}

// Into ymm0...ymm3: packets i and i + 4.
void VectorValues::load_windows(const VectorTile& tile, bool computed) {
  for (int i = 0; i < kLanes / 2; ++i) {
    code_.vmovdqu(Xmm(i), window(tile, computed, i));
    code_.vinserti128(Ymm(i), Ymm(i), window(tile, computed, i + 4), 1);
  }
}

// Up to four values: each packet's shuffled to dwords in the machine's order, then transposed.
void VectorValues::shuffle_out(const VectorTile& tile, std::span<const ValueId> loads, bool last) {
  std::vector<std::uint8_t> shuffle(32, kZeroByte);
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const VectorValue& load = program_.values[loads[i]];
    for (std::uint32_t byte = 0; byte < load.size; ++byte) {
      const auto from = static_cast<std::uint8_t>(load.k - tile.k + load.size - 1 - byte);
      shuffle[4 * i + byte] = from;
      shuffle[16 + 4 * i + byte] = from;
    }
  }
  const int to = last ? 0 : 4;
  Xbyak::Label& mask = constants(std::move(shuffle));
  for (int i = 0; i < 4; ++i) code_.vpshufb(Ymm(to + i), Ymm(i), code_.ptr[code_.rip + mask]);
  const auto value_to = [&](std::size_t i, bool high, const Ymm& even, const Ymm& odd) {
    if (i >= loads.size()) return;
    const Ymm into = target(loads[i]);
    if (high) {
      code_.vpunpckhqdq(into, even, odd);
    } else {
      code_.vpunpcklqdq(into, even, odd);
    }
    put(loads[i], into);
  };
  const Ymm even(to);
  const Ymm odd(to + 2);
  const Ymm high_even(8);
  const Ymm high_odd(9);
  if (loads.size() > 2) {
    code_.vpunpckhdq(high_even, even, Ymm(to + 1));
    code_.vpunpckhdq(high_odd, odd, Ymm(to + 3));
  }
  code_.vpunpckldq(even, even, Ymm(to + 1));
  code_.vpunpckldq(odd, odd, Ymm(to + 3));
  value_to(0, false, even, odd);
  value_to(1, true, even, odd);
  value_to(2, false, high_even, high_odd);
  value_to(3, true, high_even, high_odd);
}

void VectorValues::compute_tile(const VectorTile& tile) {
  std::vector<ValueId> wanted;
  for (const ValueId load : tile.loads) {
    if (schedule_.last_use(load) != kNoBlock) wanted.push_back(load);
  }
  const bool computed = compute_addresses(tile);
  if (tile.bytes == kNarrowTileBytes) return load_narrow_tile(tile, wanted, computed);
  load_windows(tile, computed);
  constexpr std::size_t kAtOnce = 4;
  std::span<const ValueId> left = wanted;
  while (!left.empty()) {
    const std::span<const ValueId> now = left.first(std::min(left.size(), kAtOnce));
    left = left.subspan(now.size());
    shuffle_out(tile, now, left.empty());
  }
}

void VectorValues::write(ValueId merge, ValueId value, const Xbyak::Opmask& lanes) {
  if (schedule_.last_use(merge) == kNoBlock) return;
  const bool first = places_[merge].kind == Place::Kind::kNone;
  if (first) allocate(merge);
  const Place& place = places_[merge];
  if (place.kind == Place::Kind::kSlot) {
    code_.vmovdqu32(slot(place.index) | lanes, in_register(value, Ymm(0)));
    return;
  }
  // The first write does not wait for what the register held.
  const Ymm to = first ? Ymm(place.index) | lanes | code_.T_z : Ymm(place.index) | lanes;
  const VectorValue& of = program_.values[value];
  if (of.kind == VectorValueKind::kConstant) {
    code_.vpbroadcastd(to, word(of.k));
  } else {
    with_operand(value, [&](const Xbyak::Operand& operand) { code_.vmovdqa32(to, operand); });
  }
}

void VectorValues::end_block(std::uint32_t block) {
  for (const ValueId value : schedule_.ending_in(block)) release(value);
}

void VectorValues::find_in(const VectorSet& set, ValueId value, const Xbyak::Opmask& within,
                           const Xbyak::Opmask& mask) {
  const Ymm of = in_register(value, Ymm(4));
  for (int i = 0; i < 2; ++i) {
    const Ymm slots(i);
    code_.vpmulld(slots, of, broadcast(set.multipliers[i]));
    code_.vpsrld(slots, slots, static_cast<std::uint8_t>(set.shift));
    Xbyak::Label& entries = table(set.slots[i]);
    if (set.slots[i].size() == kFewestSlots) {
      // The whole table is two registers.
      code_.vmovdqu32(Zmm(2 + i), code_.ptr[code_.rip + entries]);
      code_.lea(kScratch, code_.ptr[code_.rip + entries]);
      code_.vpermi2d(Zmm(i), Zmm(2 + i), code_.ptr[kScratch + 64]);
    } else {
      code_.lea(kScratch, code_.ptr[code_.rip + entries]);
      code_.kmovb(mask, within);
      code_.vpxor(Xmm(2 + i), Xmm(2 + i), Xmm(2 + i));
      code_.vpgatherdd(Ymm(2 + i) | mask, code_.ptr[kScratch + slots * 4]);
      code_.vmovdqa(slots, Ymm(2 + i));
    }
  }
  code_.vpcmpeqd(mask | within, Ymm(0), of);
  code_.vpcmpeqd(kOther | within, Ymm(1), of);
  code_.korb(mask, mask, kOther);
}

}  // namespace bpfc::jit
