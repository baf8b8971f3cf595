#include "compiler/rejects/block.h"

#include <algorithm>
#include <utility>

#include "compiler/requirement.h"

namespace bpfc::rejects {
namespace {

using ir::kNoValue;
using ir::ValueIndex;
using ir::ValueKind;
using ir::ValueTable;

// Whether it is 0 multiplied, divided, masked or shifted by what is not known.
bool starts_from_zero(const ValueTable& values, const ir::Value& value) {
  return value.kind == ValueKind::kAlu && value.right != kNoValue && keeps_zero(value.op) &&
         values.constant_of(value.left) == 0U && !values.constant_of(value.right);
}

// Whether it is masked or multiplied by 0, in a relation. Of a primitive (`net 0.0.0.0/0`), whose
// load has a plain offset, libpcap knows that at once.
bool is_absorbed(const ValueTable& values, ValueIndex index) {
  const ir::Value& value = values[index];
  if (starts_from_zero(values, value)) return true;
  const bool absorbs = value.kind == ValueKind::kAlu &&
                       (value.op == Arithmetic::kAnd || value.op == Arithmetic::kMultiply);
  if (!absorbs || values.constant_of(value.right) != 0U) return false;
  const ir::Value& operand = values[value.left];
  return operand.kind != ValueKind::kLoad || operand.left != kNoValue;
}

// Whether only a relation can have written that value. Where a primitive loads from an offset that
// moves, that is a cell or starts with the length of a header.
bool is_of_relation(const ValueTable& values, ValueIndex index) {
  const ir::Value& value = values[index];
  if (value.kind == ValueKind::kAlu) {
    return value.op != Arithmetic::kAnd || is_of_relation(values, value.left);
  }
  if (value.kind == ValueKind::kLoad && value.left != kNoValue) {
    const ir::Value& base = values[value.left];
    return base.kind == ValueKind::kConstant ||
           (base.kind == ValueKind::kAlu && values.constant_of(base.left).has_value());
  }
  return value.kind == ValueKind::kLength || value.kind == ValueKind::kConstant;
}

// What arithmetic of nothing but constants comes to. libpcap computes it, but only once it has
// threaded its jumps.
std::optional<std::uint32_t> computed(const ValueTable& values, ValueIndex index) {
  if (const auto constant = values.constant_of(index)) return constant;
  const ir::Value& value = values[index];
  if (value.kind != ValueKind::kAlu) return std::nullopt;
  const auto left = computed(values, value.left);
  const auto right =
      value.right == kNoValue ? std::optional<std::uint32_t>(0) : computed(values, value.right);
  if (!left || !right) return std::nullopt;
  return compute(value.op, *left, *right, Rules::kLibpcap);
}

Side side_of(bool holds) { return holds ? kTrue : kFalse; }

void set_test(const ValueTable& values, const ir::Node& node, Block& block) {
  ValueIndex left = node.left;
  auto constant = values.constant_of(node.right);
  Comparison comparison = node.comparison;
  const bool is_difference =
      comparison == Comparison::kEqual && (!constant || is_of_relation(values, left));
  block.accumulator.value = left;
  if (is_difference) block.accumulator.subtracted = node.right;
  if (const auto known = values.constant_of(left); known && constant) {
    block.outcome = side_of(compare(comparison, *known, *constant));
    block.outcome_round = is_difference ? 1 : 0;
  } else if (const auto a = computed(values, left), b = computed(values, node.right); a && b) {
    block.late_outcome = side_of(compare(comparison, *a, *b));
  } else if (constant && is_absorbed(values, left)) {
    block.late_outcome = side_of(compare(comparison, 0, *constant));
  } else if (comparison == Comparison::kEqual && constant == 0U && !is_difference) {
    const ir::Value& value = values[left];
    const bool masked = value.kind == ValueKind::kAlu && value.op == Arithmetic::kAnd;
    if (const auto mask = masked ? values.constant_of(value.right) : std::nullopt) {
      left = value.left;
      constant = mask;
      comparison = Comparison::kAnyBit;
      block.swaps_sides = true;
    }
  }
  if (comparison == Comparison::kAnyBit && constant == 0U) block.outcome = kFalse;
  block.simpler_accumulator.value = left;
  block.test = {comparison, constant ? kNoValue : node.right, constant.value_or(0)};
}

Block make_block(const ir::Graph& graph, const ir::Node& node) {
  Block block;
  switch (node.kind) {
    case ir::NodeKind::kReturn:
      block.accepts = node.k != 0;
      break;
    case ir::NodeKind::kDecide:
      block.kind = BlockKind::kDecide;
      set_test(graph.values, node, block);
      break;
    default:
      block.kind = BlockKind::kAssign;
      break;
  }
  return block;
}

}  // namespace

std::vector<Block> make_blocks(const ir::Graph& graph) {
  std::vector<Block> blocks;
  std::vector<BlockIndex> block_of(graph.root + 1, kNoBlock);
  std::vector<ir::NodeIndex> order;
  std::vector<ir::NodeIndex> pending = {graph.root};
  while (!pending.empty()) {
    const ir::NodeIndex at = pending.back();
    pending.pop_back();
    if (block_of[at] != kNoBlock) continue;
    block_of[at] = static_cast<BlockIndex>(blocks.size());
    const ir::Node& node = graph[at];
    blocks.push_back(make_block(graph, node));
    order.push_back(at);
    if (node.otherwise != ir::kNoNode) pending.push_back(node.otherwise);
    if (node.then != ir::kNoNode) pending.push_back(node.then);
  }
  for (BlockIndex i = 0; i < blocks.size(); ++i) {
    const ir::Node& node = graph[order[i]];
    if (blocks[i].kind == BlockKind::kReturn) continue;
    blocks[i].next[kTrue] = block_of[node.then];
    const bool decides = blocks[i].kind == BlockKind::kDecide;
    blocks[i].next[kFalse] = block_of[decides ? node.otherwise : node.then];
  }
  return blocks;
}

void simplify_tests(std::vector<Block>& blocks, int round) {
  for (Block& block : blocks) {
    if (round == 0 && block.swaps_sides) std::swap(block.next[kTrue], block.next[kFalse]);
    if (round == 1) block.accumulator = block.simpler_accumulator;
    if (block.outcome && round == block.outcome_round) {
      block.next.fill(block.next[*block.outcome]);
    }
  }
}

Levels find_levels(const std::vector<Block>& blocks) {
  constexpr std::uint32_t kUnseen = ~std::uint32_t{0};
  Levels levels;
  std::vector<std::uint32_t> level_of(blocks.size(), kUnseen);
  struct Visit {
    BlockIndex block;
    Side sides_done;
  };
  std::vector<bool> entered(blocks.size(), false);
  entered[0] = true;
  std::vector<Visit> path = {{0, 0}};
  while (!path.empty()) {
    Visit& visit = path.back();
    const Block& block = blocks[visit.block];
    if (block.kind != BlockKind::kReturn && visit.sides_done < 2) {
      const BlockIndex next = block.next[visit.sides_done++];
      if (!entered[next]) {
        entered[next] = true;
        path.push_back({next, 0});
      }
      continue;
    }
    std::uint32_t level = 0;
    if (block.kind != BlockKind::kReturn) {
      level = std::max(level_of[block.next[kTrue]], level_of[block.next[kFalse]]) + 1;
    }
    level_of[visit.block] = level;
    if (levels.size() <= level) levels.resize(level + 1);
    levels[level].push_back(visit.block);
    path.pop_back();
  }
  for (auto& level : levels) std::reverse(level.begin(), level.end());
  return levels;
}

}  // namespace bpfc::rejects
