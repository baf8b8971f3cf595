// Two tests that must both hold, of bytes that one load can bring, need one load: what either asks
// of its bits is put side by side. A packet that is too short for one of them is rejected, as one
// is that either test rejects; so the wide load may fail in place of any, as long as it reaches no
// further than they do.
//
//   [23] in {6: a, 17: b}, and at a and b both [20:2] & 0x1fff = 0
//   [20:4] & 0x1fff00ff in {6: a', 17: b'}
#include <algorithm>
#include <bit>
#include <optional>

#include "compiler/sets/partition_graph.h"

namespace bpfc::sets {
namespace {

constexpr unsigned kWordBytes = 4;

struct Case {
  std::uint32_t bits = 0;
  Index target = kNone;
};

// A node that leads to a case's target where the load's masked bits are the case's, and rejects
// otherwise.
struct MaskedCases {
  ir::ValueIndex base = ir::kNoValue;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::uint32_t mask = 0;
  std::vector<Case> cases;
};

std::uint32_t all_bits(std::uint32_t size) {
  return size == kWordBytes ? ~std::uint32_t{0} : (std::uint32_t{1} << 8U * size) - 1;
}

// The load, and the mask on it.
std::optional<MaskedCases> masked_load(const ir::ValueTable& values, const Intervals& intervals,
                                       ir::ValueIndex index) {
  const ir::Value* value = &values[index];
  std::uint32_t mask = ~std::uint32_t{0};
  if (value->kind == ir::ValueKind::kAlu && value->op == Arithmetic::kAnd) {
    const auto constant = values.constant_of(value->right);
    if (!constant) return std::nullopt;
    mask = *constant;
    value = &values[value->left];
  }
  if (value->kind != ir::ValueKind::kLoad) return std::nullopt;
  const std::uint64_t highest = value->left == ir::kNoValue ? 0 : intervals[value->left].high;
  if (highest + value->k + kWordBytes > ir::kPlainAddresses) return std::nullopt;
  return MaskedCases{value->left, value->k, value->size, mask & all_bits(value->size), {}};
}

class Widener {
 public:
  Widener(Graph& graph, ir::ValueTable& values, const Intervals& intervals)
      : graph_(graph), values_(values), intervals_(intervals) {}

  void run() {
    const std::vector<std::uint32_t> entries = predecessors(graph_);
    for (Index i = 0; i <= graph_.root && reject_ == kNone; ++i) {
      if (graph_.is_rejection(i)) reject_ = i;
    }
    if (reject_ == kNone) return;
    // What follows a node has been widened before it.
    for (Index i = 0; i <= graph_.root; ++i) {
      if (entries[i] == 0 || !leads_to_own_test(i, entries)) continue;
      auto first = masked_cases(i);
      if (!first || first->cases.empty()) continue;
      std::optional<MaskedCases> second;
      bool same = true;
      for (Case& entry : first->cases) {
        const auto next = entries[entry.target] == 1 ? masked_cases(entry.target) : std::nullopt;
        same = same && next && next->cases.size() == 1 && (!second || same_test(*second, *next));
        if (!same) break;
        second = next;
        entry.target = next->cases.front().target;
      }
      if (same) widen(i, *first, *second);
    }
  }

 private:
  static bool same_test(const MaskedCases& a, const MaskedCases& b) {
    return a.base == b.base && a.offset == b.offset && a.size == b.size && a.mask == b.mask &&
           a.cases.front().bits == b.cases.front().bits;
  }

  // Most nodes do not, and need no closer look.
  bool leads_to_own_test(Index i, const std::vector<std::uint32_t>& entries) const {
    bool rejects = false;
    bool tests = false;
    each_successor(graph_.nodes[i], [&](Index next) {
      const Node& node = graph_.nodes[next];
      rejects = rejects || next == reject_;
      tests = tests || (entries[next] == 1 &&
                        (node.is_partition() || node.plain.kind == ir::NodeKind::kDecide));
    });
    return rejects && tests;
  }

  std::optional<MaskedCases> masked_cases(Index i) const {
    const Node& node = graph_.nodes[i];
    return node.is_partition() ? of_partition(node) : of_test(node.plain);
  }

  std::optional<MaskedCases> of_test(const ir::Node& test) const {
    if (test.kind != ir::NodeKind::kDecide) return std::nullopt;
    const auto constant = values_.constant_of(test.right);
    auto found = constant ? masked_load(values_, intervals_, test.left) : std::nullopt;
    if (!found) return std::nullopt;
    if (test.comparison == Comparison::kAnyBit && graph_.is_rejection(test.then)) {
      found->mask &= *constant;
      found->cases.push_back({0, test.otherwise});
    } else if (test.comparison == Comparison::kEqual && graph_.is_rejection(test.otherwise) &&
               (*constant & ~found->mask) == 0) {
      found->cases.push_back({*constant, test.then});
    } else {
      return std::nullopt;
    }
    return found;
  }

  std::optional<MaskedCases> of_partition(const Node& node) const {
    constexpr std::size_t kMostParts = 32;
    auto found = masked_load(values_, intervals_, node.value);
    if (!found || node.parts.size() > kMostParts) return std::nullopt;
    const bool whole = found->mask == all_bits(found->size);
    std::optional<std::uint64_t> width;
    for (std::size_t i = 0; i < node.parts.size(); ++i) {
      const Part& part = node.parts[i];
      if (graph_.is_rejection(part.target)) continue;
      // The mask leaves no such number; its bits would be taken for the other load's.
      if ((part.low & ~found->mask) != 0) return std::nullopt;
      const std::uint64_t end =
          i + 1 < node.parts.size() ? node.parts[i + 1].low : std::uint64_t{node.highest} + 1;
      const std::uint64_t own = end - part.low;
      // Parts that a mask tells apart.
      if (!std::has_single_bit(own) || part.low % own != 0 || (own != 1 && !whole) ||
          width.value_or(own) != own) {
        return std::nullopt;
      }
      width = own;
      found->cases.push_back({part.low, part.target});
    }
    if (!width) return std::nullopt;
    found->mask &= ~static_cast<std::uint32_t>(*width - 1);
    return found;
  }

  void widen(Index i, const MaskedCases& first, const MaskedCases& second) {
    if (first.base != second.base) return;
    const std::uint32_t end = std::max(first.offset + first.size, second.offset + second.size);
    const std::uint32_t begin = std::min(first.offset, second.offset);
    if (end - begin > kWordBytes) return;
    const std::uint32_t size = std::bit_ceil(end - begin);
    if (end < size) return;
    const std::uint32_t first_shift = 8 * (end - first.offset - first.size);
    const std::uint32_t second_shift = 8 * (end - second.offset - second.size);
    const std::uint32_t first_mask = first.mask << first_shift;
    const std::uint32_t second_mask = second.mask << second_shift;
    if ((first_mask & second_mask) != 0) return;

    Node& node = graph_.nodes[i];
    const std::uint32_t mask = first_mask | second_mask;
    const ir::ValueIndex load =
        values_.load(static_cast<std::uint8_t>(size), first.base, end - size);
    node.value =
        mask == all_bits(size) ? load : values_.alu(Arithmetic::kAnd, load, values_.constant(mask));
    node.field = {static_cast<std::uint8_t>(first.size), static_cast<std::uint8_t>(first_shift)};
    node.highest = mask;
    std::vector<Case> cases = first.cases;
    for (Case& entry : cases) {
      entry.bits = entry.bits << first_shift | second.cases.front().bits << second_shift;
    }
    std::sort(cases.begin(), cases.end(),
              [](const Case& a, const Case& b) { return a.bits < b.bits; });
    node.parts.clear();
    if (cases.front().bits > 0) node.parts.push_back({0, reject_});
    for (std::size_t k = 0; k < cases.size(); ++k) {
      append_part(node.parts, {cases[k].bits, cases[k].target});
      const std::uint64_t next = k + 1 < cases.size() ? cases[k + 1].bits : std::uint64_t{mask} + 1;
      if (cases[k].bits + std::uint64_t{1} < next)
        append_part(node.parts, {cases[k].bits + 1, reject_});
    }
  }

  Graph& graph_;
  ir::ValueTable& values_;
  const Intervals& intervals_;
  Index reject_ = kNone;  // equal nodes are one
};

}  // namespace

void widen_loads(Graph& graph, ir::ValueTable& values, const Intervals& intervals) {
  Widener(graph, values, intervals).run();
}

}  // namespace bpfc::sets
