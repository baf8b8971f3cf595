#include "jit/vector_loads.h"

#include <algorithm>
#include <utility>

#include "jit/vector_frame.h"

namespace bpfc::jit {
namespace {

using namespace frame;  // NOLINT(google-build-using-namespace): a few names of registers

// In a vpshufb: a byte of zeros.
constexpr std::uint8_t kZeroByte = 0x80;
constexpr std::uint8_t kPredicateNotLess = 5;  // vpcmpud's
// What `ldxb 4*([k]&0xf)` yields at most, and what it yields for most IPv4 headers.
constexpr std::uint32_t kMostHeaderBytes = 60;
constexpr std::uint32_t kLikelyHeaderBytes = 20;

}  // namespace

VectorLoads::VectorLoads(const VectorProgram& program, const VectorSchedule& schedule,
                         VectorConstants& constants, VectorPlaces& places, Assembler& code)
    : program_(program),
      schedule_(schedule),
      constants_(constants),
      places_(places),
      code_(code),
      tiles_(tiles_of(program)),
      tile_of_(program.values.size()) {
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
    if (far || maximum > kMostHeaderBytes) continue;
    const std::uint32_t left = maximum == kMostHeaderBytes ? kLikelyHeaderBytes : 0;
    likely_begin_ = std::min(likely_begin_, tile.k + left);
    likely_end_ = std::max(likely_end_, tile.end() + left);
  }
}

// Whether the tile would take most packets' lanes to another line of the cache for nothing.
bool VectorLoads::is_far(const VectorTile& tile) const {
  return schedule_.scope(tile.loads) != 0 && tile.k > near_end_ + kTileBytes;
}

// Where a window is not all captured, or nobody needs it, the address is one of zeros.
bool VectorLoads::compute_addresses(const VectorTile& tile, std::uint32_t block,
                                    const Xbyak::Opmask& lanes) {
  const bool masked = block != 0 && schedule_.scope(tile.loads) == block;
  if (tile.left == kNoValue) {
    if (!is_far(tile) || !masked) return false;
    code_.kmovb(kMoment, lanes);
    code_.vmovdqa64(Zmm(0), kDataVector);
  } else {
    const ValueId remaining = program_.values[tile.loads.front()].remaining;
    const Ymm behind = places_.in_register(remaining, Ymm(1));
    code_.vpcmpud(masked ? kMoment | lanes : kMoment, behind, constants_.broadcast(tile.end()),
                  kPredicateNotLess);
    code_.vpmovzxdq(Zmm(0), places_.in_register(tile.left, Ymm(1)));
    code_.vpaddq(Zmm(0), Zmm(0), kDataVector);
  }
  if (tile.k != 0) {
    code_.vpaddq(Zmm(0), Zmm(0), constants_.broadcast_address(tile.k));
  }
  code_.vpblendmq(Zmm(0) | kMoment, kHarmless, Zmm(0));
  code_.vmovdqa64(code_.ptr[code_.rsp + kAddressSlot], Zmm(0));
  return true;
}

Xbyak::Address VectorLoads::window(const VectorTile& tile, bool computed, int lane) {
  if (!computed) return code_.ptr[kData[lane] + tile.k];
  code_.mov(kScratch, code_.ptr[code_.rsp + kAddressSlot + 8 * lane]);
  return code_.ptr[Xbyak::Reg64(kScratch)];
}

// All lanes' windows in one register, out of which each value is shuffled.
void VectorLoads::load_narrow_tile(const VectorTile& tile, std::span<const ValueId> loads,
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
    const Ymm into = places_.target(load);
    code_.vpshufb(into, Ymm(0), constants_.bytes(std::move(shuffle)));
    places_.put(load, into);
  }
}

// Into ymm0...ymm3: packets i and i + 4.
void VectorLoads::load_windows(const VectorTile& tile, bool computed) {
  for (int i = 0; i < kLanes / 2; ++i) {
    code_.vmovdqu(Xmm(i), window(tile, computed, i));
    code_.vinserti128(Ymm(i), Ymm(i), window(tile, computed, i + 4), 1);
  }
}

// Up to four values: each packet's shuffled to dwords in the machine's order, then transposed.
void VectorLoads::shuffle_out(const VectorTile& tile, std::span<const ValueId> loads, bool last) {
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
  const Xbyak::Address mask = constants_.bytes(std::move(shuffle));
  for (int i = 0; i < 4; ++i) code_.vpshufb(Ymm(to + i), Ymm(i), mask);
  const auto value_to = [&](std::size_t i, bool high, const Ymm& even, const Ymm& odd) {
    if (i >= loads.size()) return;
    const Ymm into = places_.target(loads[i]);
    if (high) {
      code_.vpunpckhqdq(into, even, odd);
    } else {
      code_.vpunpcklqdq(into, even, odd);
    }
    places_.put(loads[i], into);
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

void VectorLoads::compute(ValueId load, std::uint32_t block, const Xbyak::Opmask& lanes) {
  const VectorTile& tile = tiles_[tile_of_[load]];
  std::vector<ValueId> wanted;
  for (const ValueId value : tile.loads) {
    if (schedule_.last_use(value) != kNoBlock) wanted.push_back(value);
  }
  const bool computed = compute_addresses(tile, block, lanes);
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

}  // namespace bpfc::jit
