#include "proof/diagram.h"

#include <algorithm>
#include <utility>

namespace bpfc::proof {
namespace {

constexpr std::size_t kFirstTable = std::size_t{1} << 12U;
constexpr std::size_t kLargestCache = std::size_t{1} << 20U;
// How many nodes are made between looks at the clock.
constexpr std::size_t kNodesALook = 4096;

std::size_t hash(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  std::uint64_t mixed = a * std::uint64_t{0x9e3779b97f4a7c15};
  mixed = (mixed ^ (mixed >> 32U) ^ b) * std::uint64_t{0xbf58476d1ce4e5b9};
  mixed = (mixed ^ (mixed >> 29U) ^ c) * std::uint64_t{0x94d049bb133111eb};
  return static_cast<std::size_t>(mixed ^ (mixed >> 31U));
}

}  // namespace

DiagramStore::DiagramStore(std::size_t most_nodes, Clock::time_point deadline)
    : nodes_{{kNoVariable, kTrue, kTrue}},
      table_(kFirstTable),
      cache_(kFirstTable),
      most_nodes_(most_nodes),
      deadline_(deadline) {}

void DiagramStore::grow_table() {
  std::vector<std::uint32_t> larger(table_.size() * 2);
  for (std::uint32_t number = 1; number < nodes_.size(); ++number) {
    const Node& node = nodes_[number];
    std::size_t at = hash(node.variable, node.low, node.high) & (larger.size() - 1);
    while (larger[at] != 0) at = (at + 1) & (larger.size() - 1);
    larger[at] = number;
  }
  table_ = std::move(larger);
  if (cache_.size() < kLargestCache) cache_.assign(cache_.size() * 2, {});
}

Diagram DiagramStore::make(Variable variable, Diagram low, Diagram high) {
  if (low == high) return low;
  const Diagram sign = high & 1U;
  low ^= sign;
  high ^= sign;
  std::size_t at = hash(variable, low, high) & (table_.size() - 1);
  for (; table_[at] != 0; at = (at + 1) & (table_.size() - 1)) {
    const Node& node = nodes_[table_[at]];
    if (node.variable == variable && node.low == low && node.high == high) {
      return table_[at] << 1U | sign;
    }
  }
  const auto number = static_cast<std::uint32_t>(nodes_.size());
  if (number >= most_nodes_ || (number % kNodesALook == 0 && Clock::now() > deadline_)) {
    exhausted_ = true;
    return kFalse;
  }
  nodes_.push_back({variable, low, high});
  table_[at] = number;
  if (nodes_.size() * 2 > table_.size()) grow_table();
  return number << 1U | sign;
}

DiagramStore::CacheEntry& DiagramStore::cached(Operation operation, Diagram f, Diagram g,
                                               Diagram h) {
  return cache_[(hash(f, g, h) + static_cast<std::size_t>(operation)) & (cache_.size() - 1)];
}

Diagram DiagramStore::both(Diagram f, Diagram g) {
  if (f == g) return f;
  if (f == negate(g) || f == kFalse || g == kFalse || exhausted_) return kFalse;
  if (f == kTrue) return g;
  if (g == kTrue) return f;
  if (f > g) std::swap(f, g);
  const CacheEntry& known = cached(Operation::kBoth, f, g, 0);
  if (known.operation == Operation::kBoth && known.f == f && known.g == g) return known.result;
  const Variable variable = std::min(top(f), top(g));
  const Diagram no = both(low_at(f, variable), low_at(g, variable));
  const Diagram yes = both(high_at(f, variable), high_at(g, variable));
  const Diagram result = make(variable, no, yes);
  cached(Operation::kBoth, f, g, 0) = {f, g, 0, result, Operation::kBoth};
  return result;
}

Diagram DiagramStore::differ(Diagram f, Diagram g) {
  const Diagram sign = (f ^ g) & 1U;
  f &= ~1U;
  g &= ~1U;
  if (f == g) return kFalse ^ sign;
  if (exhausted_) return kFalse;
  if (f == kTrue) return negate(g) ^ sign;
  if (g == kTrue) return negate(f) ^ sign;
  if (f > g) std::swap(f, g);
  const CacheEntry& known = cached(Operation::kDiffer, f, g, 0);
  if (known.operation == Operation::kDiffer && known.f == f && known.g == g) {
    return known.result ^ sign;
  }
  const Variable variable = std::min(top(f), top(g));
  const Diagram no = differ(low_at(f, variable), low_at(g, variable));
  const Diagram yes = differ(high_at(f, variable), high_at(g, variable));
  const Diagram result = make(variable, no, yes);
  cached(Operation::kDiffer, f, g, 0) = {f, g, 0, result, Operation::kDiffer};
  return result ^ sign;
}

Diagram DiagramStore::choose(Diagram condition, Diagram yes, Diagram no) {
  if (condition == kTrue || yes == no) return yes;
  if (condition == kFalse) return no;
  if (yes == negate(no)) return differ(condition, no);
  if (yes == kTrue || yes == condition) return either(condition, no);
  if (yes == kFalse || yes == negate(condition)) return both(negate(condition), no);
  if (no == kFalse || no == condition) return both(condition, yes);
  if (no == kTrue || no == negate(condition)) return either(negate(condition), yes);
  if (exhausted_) return kFalse;
  if ((condition & 1U) != 0) {
    condition = negate(condition);
    std::swap(yes, no);
  }
  const Diagram sign = yes & 1U;
  yes ^= sign;
  no ^= sign;
  const CacheEntry& known = cached(Operation::kChoose, condition, yes, no);
  if (known.operation == Operation::kChoose && known.f == condition && known.g == yes &&
      known.h == no) {
    return known.result ^ sign;
  }
  const Variable variable = std::min({top(condition), top(yes), top(no)});
  const Diagram if_low =
      choose(low_at(condition, variable), low_at(yes, variable), low_at(no, variable));
  const Diagram if_high =
      choose(high_at(condition, variable), high_at(yes, variable), high_at(no, variable));
  const Diagram result = make(variable, if_low, if_high);
  cached(Operation::kChoose, condition, yes, no) = {condition, yes, no, result, Operation::kChoose};
  return result ^ sign;
}

}  // namespace bpfc::proof
