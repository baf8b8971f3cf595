// Which way is cheapest depends on what the members are:
//
//   one range                           80-90                 Range
//   values, few or many                 6, 17-18, 132         Buckets
//   values near each other, any ranges  1000-1010, 1020-1030  Bitmap
//   anything else                       nets                  Search
//
// Buckets have room for eight values. Up to eight values are one bucket, and all of it is compared.
// More are spread by a hash, which is a multiplication; multipliers are tried until no bucket
// overflows, and the buckets are doubled when none is found soon. With two values to a bucket on
// average most multipliers do. Room that is left holds values of the same bucket again, or one that
// belongs to another bucket and so is never asked for here.
#include "vm/value_set.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <optional>

#include "vm/each_value.h"

namespace bpfc {
namespace {

using Bucket = SetTables::Bucket;

constexpr std::size_t kBucketSize = std::tuple_size_v<decltype(Bucket::values)>;
constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();

ValueSet make_range(const ValueRange& member) {
  return {SetKind::kRange, member.low, member.high - member.low};
}

// The values sorted into 2^bits buckets; empty: one overflows.
std::vector<Bucket> fill_buckets(std::span<const std::uint32_t> members, std::uint32_t width,
                                 unsigned bits) {
  std::vector<Bucket> buckets(std::size_t{1} << bits);
  std::vector<std::uint8_t> used(buckets.size());
  for (const std::uint32_t member : members) {
    const std::uint32_t number = bucket_number(width, member);
    if (used[number] == kBucketSize) return {};
    buckets[number].values[used[number]++] = member;
  }
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    auto& values = buckets[i].values;
    const std::uint32_t filling = used[i] > 0 ? values[0] : members[0];
    std::fill(values.begin() + used[i], values.end(), filling);
  }
  return buckets;
}

// None: no multiplier was found.
std::optional<ValueSet> make_buckets(std::span<const std::uint32_t> members, SetTables& tables) {
  constexpr int kTries = 16;
  constexpr std::uint32_t kFirstMultiplier = 0x9e3779b1U;
  constexpr std::uint32_t kNextMultiplier = 0x2545f491U;
  const auto low = static_cast<std::uint32_t>(tables.buckets.size());
  const auto add = [&](const std::vector<Bucket>& buckets) {
    tables.buckets.insert(tables.buckets.end(), buckets.begin(), buckets.end());
  };
  if (members.size() <= kBucketSize) {
    add(fill_buckets(members, 0, 0));
    return ValueSet{SetKind::kBuckets, low, 0};
  }
  const auto least = static_cast<unsigned>(std::bit_width(members.size() / 2 - 1));
  for (unsigned bits = std::max(least, 1U); bits <= std::min(least + 2, 30U); ++bits) {
    std::uint32_t multiplier = kFirstMultiplier;
    for (int i = 0; i < kTries; ++i, multiplier = multiplier * kNextMultiplier + 1) {
      const std::uint32_t width = (multiplier & ~31U) | (32 - bits);
      if (const auto buckets = fill_buckets(members, width, bits); !buckets.empty()) {
        add(buckets);
        return ValueSet{SetKind::kBuckets, low, width};
      }
    }
  }
  return std::nullopt;
}

ValueSet make_bitmap(std::span<const ValueRange> members, SetTables& tables) {
  const std::uint32_t first = members.front().low;
  const std::uint32_t width = members.back().high - first;
  const ValueSet test{SetKind::kBitmap, static_cast<std::uint32_t>(tables.words.size()), width};
  tables.words.push_back(first);
  const std::size_t bits = tables.words.size();
  tables.words.resize(bits + (width >> 5U) + 1);
  for (const ValueRange& member : members) {
    for (std::uint32_t place = member.low - first; place <= member.high - first; ++place) {
      tables.words[bits + (place >> 5U)] |= 1U << (place & 31U);
    }
  }
  return test;
}

ValueSet make_search(std::span<const ValueRange> members, SetTables& tables) {
  const auto low = static_cast<std::uint32_t>(tables.words.size());
  for (const ValueRange& member : members) {
    tables.words.push_back(member.low);
    if (member.high != kMost) tables.words.push_back(member.high + 1);
  }
  return {SetKind::kSearch, low, static_cast<std::uint32_t>(tables.words.size()) - low};
}

}  // namespace

ValueSet make_value_set(std::span<const ValueRange> members, SetTables& tables) {
  assert(!members.empty());
  if (members.size() == 1) return make_range(members.front());
  const auto values = each_value(members);
  if (values && values->size() <= kBucketSize) return *make_buckets(*values, tables);
  // No more room than buckets would take.
  constexpr std::uint32_t kBitsForMember = 256;
  const std::uint32_t width = members.back().high - members.front().low;
  if (width / kBitsForMember <= members.size()) return make_bitmap(members, tables);
  if (values) {
    if (const auto test = make_buckets(*values, tables)) return *test;
  }
  return make_search(members, tables);
}

}  // namespace bpfc
