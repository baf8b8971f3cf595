#include "compiler/sets/region.h"

namespace bpfc::sets {
namespace {

// Partitions with more parts are lists, which stay where they are.
constexpr std::size_t kMostParts = 32;

}  // namespace

bool RegionFinder::is_test(Index i) const {
  const Node& node = graph_.nodes[i];
  if (node.is_partition()) return node.parts.size() <= kMostParts;
  return node.plain.kind == ir::NodeKind::kDecide;
}

std::uint32_t RegionFinder::entries_from(const Nodes& nodes, Index to) const {
  std::uint32_t count = 0;
  for (const Index i : nodes) {
    each_successor(graph_.nodes[i], [&](Index next) { count += next == to ? 1 : 0; });
  }
  return count;
}

std::optional<Region> RegionFinder::region_from(Index begin) const {
  if (predecessors_[begin] == 0 || !is_test(begin)) return std::nullopt;
  Region region;
  region.nodes.add(begin);
  while (true) {
    const auto exits = exits_of(region.nodes);
    if (!exits) return std::nullopt;
    region.exits = *exits;
    region.value = common_value(region);
    if (region.value != ir::kNoValue && pays(region)) return region;
    if (region.nodes.size() == kMostInRegion) return std::nullopt;
    const auto* next = std::find_if(region.exits.begin(), region.exits.end(), [&](Index exit) {
      return is_test(exit) && entries_from(region.nodes, exit) == predecessors_[exit];
    });
    if (next == region.exits.end()) return std::nullopt;
    region.nodes.add(*next);
  }
}

std::optional<Exits> RegionFinder::exits_of(const Nodes& nodes) const {
  Exits exits;
  bool few = true;
  for (const Index i : nodes) {
    each_successor(graph_.nodes[i], [&](Index next) {
      if (!nodes.has(next) && !exits.has(next)) few = exits.add(next) && few;
    });
  }
  if (!few) return std::nullopt;
  return exits;
}

ir::ValueIndex RegionFinder::common_value(const Region& region) const {
  ir::ValueIndex value = ir::kNoValue;
  int partitions = 0;
  for (const Index exit : region.exits) {
    const Node& node = graph_.nodes[exit];
    if (graph_.is_rejection(exit)) continue;
    if (!node.is_partition() || node.parts.size() > kMostParts) return ir::kNoValue;
    if (value != ir::kNoValue && node.value != value) return ir::kNoValue;
    if (entries_from(region.nodes, exit) != predecessors_[exit]) return ir::kNoValue;
    value = node.value;
    ++partitions;
  }
  if (partitions < 2) return ir::kNoValue;
  for (const Index i : region.nodes) {
    if (graph_.nodes[i].value == value) return ir::kNoValue;
  }
  return value;
}

std::vector<std::uint32_t> RegionFinder::borders(const Region& region) const {
  std::vector<std::uint32_t> lows;
  for (const Index exit : region.exits) {
    for (const Part& part : graph_.nodes[exit].parts) lows.push_back(part.low);
  }
  std::sort(lows.begin(), lows.end());
  lows.erase(std::unique(lows.begin(), lows.end()), lows.end());
  return lows;
}

Ways RegionFinder::ways_at(const Region& region, std::uint32_t low) const {
  Ways ways;
  for (const Index exit : region.exits) {
    const std::vector<Part>& parts = graph_.nodes[exit].parts;
    if (parts.empty()) {
      ways.push_back(exit);
      continue;
    }
    const auto behind =
        std::upper_bound(parts.begin(), parts.end(), low,
                         [](std::uint32_t number, const Part& part) { return number < part.low; });
    ways.push_back((behind - 1)->target);
  }
  return ways;
}

std::size_t RegionFinder::tests(const std::vector<Part>& parts, std::uint32_t highest) {
  std::size_t singles = 0;
  std::size_t borders = 0;
  Index before = kNone;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    const bool single = last ? highest == parts[i].low : parts[i + 1].low == parts[i].low + 1;
    if (single) {
      ++singles;
    } else {
      borders += before != kNone && before != parts[i].target ? 1 : 0;
      before = parts[i].target;
    }
  }
  return std::max<std::size_t>(singles + borders, 1);
}

std::size_t RegionFinder::steps_to(ir::ValueIndex index) const {
  if (index == ir::kNoValue) return 0;
  const ir::Value& value = values_[index];
  switch (value.kind) {
    case ir::ValueKind::kConstant:
      return 0;
    case ir::ValueKind::kLoad:
      return value.left == ir::kNoValue ? 1 : 2;
    case ir::ValueKind::kAlu:
      return 1 + steps_to(value.left) + steps_to(value.right);
    default:
      return 1;
  }
}

std::size_t RegionFinder::size(const Node& node) const {
  if (node.is_partition()) return steps_to(node.value) + tests(node.parts, node.highest);
  return 1 + steps_to(node.plain.left) + steps_to(node.plain.right);
}

bool RegionFinder::pays(const Region& region) const {
  std::size_t in_front = 0;
  std::size_t now = 0;
  for (const Index i : region.nodes) in_front += size(graph_.nodes[i]);
  std::uint32_t highest = 0;
  for (const Index exit : region.exits) {
    const Node& node = graph_.nodes[exit];
    if (!node.is_partition()) continue;
    now += size(node);
    highest = node.highest;
  }
  now += in_front;
  std::vector<Ways> copies;
  std::vector<Part> parts;
  bool passes = false;
  for (const std::uint32_t low : borders(region)) {
    Ways ways = ways_at(region, low);
    // Copies get numbers past those of all nodes.
    Index target = ways.front();
    if (alike(ways)) {
      passes = passes || !graph_.is_rejection(target);
    } else {
      auto place = std::find(copies.begin(), copies.end(), ways);
      if (place == copies.end()) place = copies.insert(copies.end(), std::move(ways));
      target = static_cast<Index>(graph_.nodes.size() + (place - copies.begin()));
    }
    append_part(parts, {low, target});
  }
  if (copies.empty() || parts.size() < 2) return false;
  const std::size_t moved =
      steps_to(region.value) + tests(parts, highest) + copies.size() * in_front;
  if (moved >= now) return false;
  return is_movable(region) &&
         (!passes && has_no_idle_test(region, copies) ? true : needs_no_loads(region));
}

bool RegionFinder::has_no_idle_test(const Region& region, const std::vector<Ways>& copies) const {
  return std::all_of(copies.begin(), copies.end(), [&](const Ways& ways) {
    return std::none_of(region.nodes.begin(), region.nodes.end(), [&](Index i) {
      bool several = false;
      Index way = kNone;
      each_successor(graph_.nodes[i], [&](Index next) {
        const Index leads = target_of(region, ways, next);
        several = several || (way != kNone && leads != way);
        way = leads;
      });
      return !several;
    });
  });
}

Index RegionFinder::target_of(const Region& region, const Ways& ways, Index next) {
  const auto* exit = std::find(region.exits.begin(), region.exits.end(), next);
  return exit == region.exits.end() ? next
                                    : ways[static_cast<std::size_t>(exit - region.exits.begin())];
}

bool RegionFinder::asks_the_kernel(ir::ValueIndex index) const {
  const ir::Value& value = values_[index];
  if (value.kind == ir::ValueKind::kAncillary) return true;
  return (value.left != ir::kNoValue && asks_the_kernel(value.left)) ||
         (value.right != ir::kNoValue && asks_the_kernel(value.right));
}

bool RegionFinder::is_movable(const Region& region) const {
  constexpr std::uint32_t kMostDeep = 16;
  bool movable = true;
  const auto look = [&](ir::ValueIndex value) {
    movable = movable && values_.facts(value).depth <= kMostDeep && !asks_the_kernel(value);
  };
  look(region.value);
  for (const Index i : region.nodes) each_value(graph_.nodes[i], look);
  return movable;
}

bool RegionFinder::needs_no_loads(const Region& region) const {
  Covered covered = covered_[graph_.nodes[region.nodes.front()].origin];
  covered.add(values_, intervals_, region.value);
  bool all = true;
  for (const Index i : region.nodes) {
    each_value(graph_.nodes[i], [&](ir::ValueIndex value) {
      all = all && covered.covers(values_, intervals_, value);
    });
  }
  return all;
}

}  // namespace bpfc::sets
