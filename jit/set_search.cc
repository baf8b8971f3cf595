// Three ways to search, whichever fits first.
//
// Bits: where all members lie within 2^16 values, a bit for each; what lies outside is taken to the
// one past the last, which is 0. Ports, ethertypes, neighbouring addresses.
//
// Buckets: values go to a table of buckets of four by the upper bits of their product with
// an odd number, one for which no bucket overflows; a value is compared with all four at once.
// Empty places hold a number that belongs into another bucket. Host lists: of 500 hosts in 512
// buckets some six multipliers are tried until one fits. A few long ranges are compared with beside
// them: hosts and the networks of others.
//
// Borders: the first value of each range, and the first behind it, in ascending order. Halving the
// distance to go in each step, by conditional moves, counts how many lie at or below the value: an
// odd number is inside. 10.0.0.0/8 and 192.168.0.0/16 have the borders 10.0.0.0, 11.0.0.0,
// 192.168.0.0, 192.169.0.0; two of them are at or below 172.16.0.1, which is outside.
#include "jit/set_search.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "vm/each_value.h"

namespace bpfc::jit {
namespace {

constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kMostBits = 1U << 16U;
constexpr std::size_t kBucket = 4;

struct Buckets {
  std::uint32_t multiplier = 0;
  unsigned bits = 0;  // of a bucket's number
  std::vector<std::uint32_t> values;

  std::size_t bucket_of(std::uint32_t value) const { return value * multiplier >> (32 - bits); }
};

bool fill(Buckets& buckets, std::span<const std::uint32_t> members,
          std::vector<std::uint8_t>& used) {
  std::fill(used.begin(), used.end(), 0);
  for (const std::uint32_t member : members) {
    const std::size_t bucket = buckets.bucket_of(member);
    if (used[bucket] == kBucket) return false;
    buckets.values[bucket * kBucket + used[bucket]++] = member;
  }
  // Odd numbers have an inverse, so 1 and 2^31 cannot both belong into the same bucket as 0 does.
  constexpr std::array<std::uint32_t, 3> kFillers = {0, 1, 0x80000000};
  for (std::size_t bucket = 0; bucket < used.size(); ++bucket) {
    const auto* const filler =
        std::find_if(kFillers.begin(), kFillers.end(),
                     [&](std::uint32_t value) { return buckets.bucket_of(value) != bucket; });
    if (filler == kFillers.end()) return false;
    std::fill_n(
        buckets.values.begin() + static_cast<std::ptrdiff_t>(bucket * kBucket + used[bucket]),
        kBucket - used[bucket], *filler);
  }
  return true;
}

// None: no multiplier was found.
std::optional<Buckets> find_buckets(std::span<const std::uint32_t> members) {
  constexpr std::size_t kMostMembers = 16'384;
  constexpr int kTries = 32;
  if (members.size() > kMostMembers) return std::nullopt;
  Buckets buckets;
  const auto least = static_cast<unsigned>(std::bit_width(members.size()));
  for (buckets.bits = std::max(least, 2U) - 1; buckets.bits <= least + 3; ++buckets.bits) {
    std::vector<std::uint8_t> used(std::size_t{1} << buckets.bits);
    buckets.values.resize(used.size() * kBucket);
    buckets.multiplier = 0x9e3779b1;
    for (int i = 0; i < kTries; ++i) {
      if (fill(buckets, members, used)) return buckets;
      buckets.multiplier = buckets.multiplier * 0x915f77f5 + 2;
      buckets.multiplier |= 1;
    }
  }
  return std::nullopt;
}

void search_bits(Assembler& out, ConstantPool& pool, const ValueSet& set,
                 const SearchRegisters& registers) {
  const std::uint32_t low = set.members.front().low;
  const std::uint32_t count = set.members.back().high - low + 1;
  std::vector<std::uint32_t> bits(count / 32 + 1);
  for (const PartitionPiece& member : set.members) {
    for (std::uint32_t value = member.low - low;; ++value) {
      bits[value / 32] |= 1U << value % 32;
      if (value == member.high - low) break;
    }
  }
  const Xbyak::Reg32 at = registers.scratch.cvt32();
  const Xbyak::Reg32 found = registers.found.cvt32();
  // found = min(value - low, count)
  out.mov(at, registers.value);
  if (low != 0) out.sub(at, low);
  out.mov(found, count);
  out.cmp(at, found);
  out.cmova(at, found);
  if (bits.size() == 1) {
    out.mov(found, bits[0]);
  } else if (bits.size() == 2) {
    out.mov(registers.found, std::uint64_t{bits[1]} << 32U | bits[0]);
    out.bt(registers.found, registers.scratch);
    out.sbb(found, found);
    return;
  } else {
    out.lea(registers.found, out.ptr[out.rip + pool.add(bits, 64)]);
    out.bt(out.dword[registers.found], at);
    out.sbb(found, found);
    return;
  }
  out.bt(found, at);
  out.sbb(found, found);
}

// Buckets, and long ranges beside them.
struct MixedSet {
  Buckets buckets;
  std::vector<PartitionPiece> ranges;
};

// None: there are too many long ranges.
std::optional<MixedSet> as_mixed(const ValueSet& set) {
  constexpr std::uint32_t kLong = 8;
  constexpr std::size_t kMostRanges = 4;
  MixedSet mixed;
  std::vector<PartitionPiece> others;
  for (const PartitionPiece& member : set.members) {
    (member.high - member.low < kLong ? others : mixed.ranges).push_back(member);
  }
  const auto values = each_value(others);
  if (!values || values->empty() || mixed.ranges.size() > kMostRanges) return std::nullopt;
  auto buckets = find_buckets(*values);
  if (!buckets) return std::nullopt;
  mixed.buckets = *std::move(buckets);
  return mixed;
}

void search_buckets(Assembler& out, ConstantPool& pool, const Buckets& buckets,
                    const SearchRegisters& registers) {
  constexpr unsigned kBucketShift = 4;  // of 16 bytes
  const Xbyak::Reg32 at = registers.scratch.cvt32();
  const Xbyak::Reg32 found = registers.found.cvt32();
  out.lea(registers.found, out.ptr[out.rip + pool.add(buckets.values, 64)]);
  out.imul(at, registers.value, static_cast<int>(buckets.multiplier));
  out.movd(out.xmm0, registers.value);
  out.shr(at, static_cast<int>(32 - buckets.bits));
  out.pshufd(out.xmm0, out.xmm0, 0);
  out.shl(at, kBucketShift);
  out.pcmpeqd(out.xmm0, out.xword[registers.found + registers.scratch]);
  out.pmovmskb(found, out.xmm0);
}

void search_mixed(Assembler& out, ConstantPool& pool, const MixedSet& set,
                  const SearchRegisters& registers) {
  const Xbyak::Reg32 at = registers.scratch.cvt32();
  const Xbyak::Reg32 found = registers.found.cvt32();
  search_buckets(out, pool, set.buckets, registers);
  for (const PartitionPiece& range : set.ranges) {
    // All ones if value - low <= high - low. No range is all there is.
    out.mov(at, registers.value);
    out.sub(at, range.low);
    out.cmp(at, range.high - range.low + 1);
    out.sbb(at, at);
    out.or_(found, at);
  }
  if (set.ranges.empty()) out.test(found, found);
}

void search_borders(Assembler& out, ConstantPool& pool, const ValueSet& set,
                    const SearchRegisters& registers) {
  // Each less one, so that one of 2^32-1 is above every value: what is past the last.
  std::vector<std::uint32_t> borders;
  bool starts_inside = false;
  for (const PartitionPiece& member : set.members) {
    if (member.low == 0) {
      starts_inside = true;
    } else {
      borders.push_back(member.low - 1);
    }
    if (member.high != kMost) borders.push_back(member.high);
  }
  const std::size_t size = std::bit_ceil(borders.size() + 1);
  borders.resize(size, kMost);
  Xbyak::Label& table = pool.add(borders, 64);
  const Xbyak::Reg64 at = registers.scratch;  // the address of the first border not counted
  const Xbyak::Reg64 next = registers.found;
  out.lea(at, out.ptr[out.rip + table]);
  for (std::size_t step = size / 2; step > 0; step /= 2) {
    out.lea(next, out.ptr[at + step * 4]);
    out.cmp(out.dword[at + (step - 1) * 4], registers.value);
    out.cmovb(at, next);
  }
  // Tables are at multiples of 64, so the address has the count's lowest bit.
  out.mov(next, at);
  out.shr(next.cvt32(), 2);
  if (starts_inside) out.xor_(next.cvt32(), 1);
  out.and_(next.cvt32(), 1);
}

}  // namespace

std::optional<ValueSet> as_set(const Partition& partition) {
  if (partition.pieces.size() < 2) return std::nullopt;
  ValueSet set;
  set.outside = partition.pieces[0].block;
  set.inside = partition.pieces[1].block;
  std::size_t outside = 0;
  for (const PartitionPiece& piece : partition.pieces) {
    if (piece.block == set.outside) {
      ++outside;
    } else if (piece.block != set.inside) {
      return std::nullopt;
    }
  }
  // Either may be the set: the one with fewer ranges, and of the same number the smaller ones.
  std::uint64_t inside_values = 0;
  for (const PartitionPiece& piece : partition.pieces) {
    if (piece.block == set.inside) inside_values += std::uint64_t{piece.high} - piece.low + 1;
  }
  const std::size_t inside = partition.pieces.size() - outside;
  if (outside < inside || (outside == inside && inside_values > std::uint64_t{1} << 31U)) {
    std::swap(set.inside, set.outside);
  }
  for (const PartitionPiece& piece : partition.pieces) {
    if (piece.block == set.inside) set.members.push_back(piece);
  }
  return set;
}

void emit_set_search(Assembler& out, ConstantPool& pool, const ValueSet& set,
                     const SearchRegisters& registers) {
  if (std::uint64_t{set.members.back().high} - set.members.front().low < kMostBits) {
    search_bits(out, pool, set, registers);
  } else if (const auto mixed = as_mixed(set)) {
    search_mixed(out, pool, *mixed, registers);
  } else {
    search_borders(out, pool, set, registers);
  }
}

}  // namespace bpfc::jit
