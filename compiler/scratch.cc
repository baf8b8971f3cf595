#include "compiler/scratch.h"

#include <algorithm>
#include <bit>

namespace bpfc {
namespace {

std::uint64_t cells_read(const ir::Graph& graph, const ir::Node& node) {
  std::uint64_t cells = 0;
  for (const ir::ValueIndex value : {node.left, node.right}) {
    if (value != ir::kNoValue) cells |= graph.values.facts(value).cells;
  }
  return cells;
}

// The cells that some way from the root reads without having assigned them.
std::uint64_t read_unassigned(const ir::Graph& graph, std::span<const ir::NodeIndex> order) {
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  std::vector<std::uint64_t> assigned(graph.size(), kAll);  // on all ways to the node
  assigned[graph.root] = 0;
  std::uint64_t unassigned = 0;
  for (const ir::NodeIndex index : order) {
    const ir::Node& node = graph[index];
    std::uint64_t after = assigned[index];
    unassigned |= cells_read(graph, node) & ~after;
    if (node.kind == ir::NodeKind::kAssign) after |= std::uint64_t{1} << node.k;
    for (const ir::NodeIndex next : {node.then, node.otherwise}) {
      if (next != ir::kNoNode) assigned[next] &= after;
    }
  }
  return unassigned;
}

// The part of the program in which a cell holds something.
struct Life {
  std::uint32_t cell = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool read = false;
  bool cleared = false;
};

}  // namespace

ScratchPlan plan_scratch(const ir::Graph& graph, std::span<const ir::NodeIndex> order,
                         bool clear_all) {
  ScratchPlan plan;
  plan.slot_of_cell.assign(graph.cell_count, kNoSlot);
  if (graph.cell_count == 0) return plan;

  const std::uint64_t unassigned = read_unassigned(graph, order);
  std::vector<Life> lives(graph.cell_count);
  for (std::uint32_t cell = 0; cell < graph.cell_count; ++cell) {
    lives[cell] = {cell, order.size(), 0, false, clear_all || (unassigned >> cell & 1U) != 0};
    if (lives[cell].cleared) lives[cell].begin = 0;
  }
  for (std::size_t place = 0; place < order.size(); ++place) {
    const ir::Node& node = graph[order[place]];
    for (std::uint64_t cells = cells_read(graph, node); cells != 0; cells &= cells - 1) {
      Life& life = lives[static_cast<std::size_t>(std::countr_zero(cells))];
      life.read = true;
      life.end = place;
    }
    if (node.kind == ir::NodeKind::kAssign) {
      Life& life = lives[node.k];
      life.begin = std::min(life.begin, place);
      // It is stored even where nothing reads it any more.
      life.end = std::max(life.end, place);
    }
  }
  std::sort(lives.begin(), lives.end(),
            [](const Life& a, const Life& b) { return a.begin < b.begin; });
  std::vector<std::size_t> busy_until;  // by slot
  for (const Life& life : lives) {
    if (!life.read) continue;
    std::size_t slot = 0;
    while (slot < busy_until.size() && busy_until[slot] >= life.begin) ++slot;
    if (slot == busy_until.size()) busy_until.push_back(0);
    busy_until[slot] = life.end;
    plan.slot_of_cell[life.cell] = static_cast<std::uint32_t>(slot);
    if (life.cleared) plan.cleared.push_back(static_cast<std::uint32_t>(slot));
  }
  plan.slots = static_cast<std::uint32_t>(busy_until.size());
  return plan;
}

}  // namespace bpfc
