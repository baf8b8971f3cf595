// A load of n bytes at base + k shows that all bytes before base + k + n are there, provided that
// the sum cannot wrap; so `ldh [x + 16]` covers a later `ldb [x + 13]`. Divisions by what may be 0
// are not followed: they may end the filter again.
#include "compiler/covered.h"

#include <algorithm>

namespace bpfc {
namespace {

constexpr int kMostVisits = 32;

// Calls `visit` with every value that the value is computed from, itself included, until that
// returns false or there are too many; whether it was through.
template <typename Visit>
bool each_part(const ir::ValueTable& values, ir::ValueIndex value, int& visits, Visit visit) {
  if (!values.facts(value).can_fail) return true;
  if (++visits > kMostVisits) return false;
  const ir::Value& parts = values[value];
  for (const ir::ValueIndex operand : {parts.left, parts.right}) {
    if (operand != ir::kNoValue && !each_part(values, operand, visits, visit)) return false;
  }
  return visit(value);
}

// Whether base + k + size is no more than the plain addresses, whatever the packet.
bool is_plain(const Intervals& intervals, const ir::Value& load) {
  const std::uint64_t end = std::uint64_t{load.k} + load.size;
  const std::uint64_t base = load.left == ir::kNoValue ? 0 : intervals[load.left].high;
  return base + end <= ir::kPlainAddresses;
}

}  // namespace

void Covered::add(const ir::ValueTable& values, const Intervals& intervals, ir::ValueIndex value) {
  int visits = 0;
  each_part(values, value, visits, [&](ir::ValueIndex part) {
    const ir::Value& load = values[part];
    if (load.kind != ir::ValueKind::kLoad || !is_plain(intervals, load)) return true;
    const std::uint32_t end = load.k + load.size;
    if (load.left == ir::kNoValue) {
      add_bytes(end);
      return true;
    }
    add_bytes(intervals[load.left].low + end);
    auto known = std::find_if(behind_.begin(), behind_.end(),
                              [&](const Behind& entry) { return entry.base == load.left; });
    if (known == behind_.end()) {
      std::move(behind_.begin(), behind_.end() - 1, behind_.begin() + 1);
      known = behind_.begin();
      *known = {load.left, 0};
    }
    known->end = std::max(known->end, end);
    return true;
  });
}

bool Covered::covers(const ir::ValueTable& values, const Intervals& intervals,
                     ir::ValueIndex value) const {
  int visits = 0;
  return each_part(values, value, visits, [&](ir::ValueIndex part) {
    const ir::Value& load = values[part];
    if (load.kind != ir::ValueKind::kLoad) {
      const bool divides = load.kind == ir::ValueKind::kAlu &&
                           (load.op == Arithmetic::kDivide || load.op == Arithmetic::kModulo);
      return !divides || values.constant_of(load.right).value_or(0) != 0;
    }
    if (!is_plain(intervals, load)) return false;
    const std::uint32_t end = load.k + load.size;
    if (load.left == ir::kNoValue) return end <= bytes_;
    if (std::uint64_t{intervals[load.left].high} + end <= bytes_) return true;
    return std::any_of(behind_.begin(), behind_.end(), [&](const Behind& entry) {
      return entry.base == load.left && end <= entry.end;
    });
  });
}

void Covered::meet(const Covered& other) {
  bytes_ = std::min(bytes_, other.bytes_);
  for (Behind& entry : behind_) {
    const auto same =
        std::find_if(other.behind_.begin(), other.behind_.end(),
                     [&](const Behind& candidate) { return candidate.base == entry.base; });
    if (same == other.behind_.end()) {
      entry = {};
    } else {
      entry.end = std::min(entry.end, same->end);
    }
  }
}

void Covered::forget_cell(const ir::ValueTable& values, std::uint32_t cell) {
  for (Behind& entry : behind_) {
    if (entry.base == ir::kNoValue) continue;
    if ((values.facts(entry.base).cells >> cell & 1U) != 0) entry = {};
  }
}

std::vector<Covered> covered_at_nodes(const ir::Graph& graph, const Intervals& intervals) {
  std::vector<Covered> covered(graph.root + 1);
  std::vector<bool> reached(graph.root + 1, false);
  reached[graph.root] = true;
  for (ir::NodeIndex i = graph.root + 1; i-- > 0;) {
    if (!reached[i]) continue;
    const ir::Node& node = graph[i];
    Covered after = covered[i];
    for (const ir::ValueIndex value : {node.left, node.right}) {
      if (value != ir::kNoValue) after.add(graph.values, intervals, value);
    }
    if (node.kind == ir::NodeKind::kRequire && node.left == ir::kNoValue) after.add_bytes(node.k);
    if (node.kind == ir::NodeKind::kAssign) after.forget_cell(graph.values, node.k);
    for (const ir::NodeIndex next : {node.then, node.otherwise}) {
      if (next == ir::kNoNode) continue;
      if (reached[next]) {
        covered[next].meet(after);
      } else {
        covered[next] = after;
        reached[next] = true;
      }
    }
  }
  return covered;
}

}  // namespace bpfc
