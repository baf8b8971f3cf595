// What libpcap's optimizer knows of a filter: the outcome of a test, where an edge that all ways
// pass (an edge dominator) is an outcome of
//   - the same test, or
//   - the test of the same value for equality with another constant, and the two were equal.
// So an edge may lead past the test behind it. This is repeated until nothing changes; what can
// then be reached from the root is what libpcap is left with.
//
//   `tcp and udp`: behind `ip proto tcp` the test `ip proto udp` is decided, on the edges that come
//     from there and from ip6 likewise: nothing reaches accept. Refused.
//   `port 80 and icmp`: three edges (sctp, tcp, udp) meet in the test of ports, so none of them
//     dominates what comes behind it. Not refused, though nothing matches.
#include "compiler/rejects_all.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace bpfc {
namespace {

using ir::kNoNode;
using ir::NodeIndex;

constexpr std::size_t kMostNodes = 1500;
constexpr int kMostRounds = 200;

// A test as libpcap's peephole rules leave it.
struct Test {
  ir::ValueIndex left;
  ir::ValueIndex right;
  Comparison comparison;
  std::uint32_t constant = 0;  // in place of `right` where that is kNoValue

  friend bool operator==(const Test&, const Test&) = default;
};

struct Block {
  ir::NodeKind kind = ir::NodeKind::kReturn;
  std::uint32_t k = 0;
  Test test{};
  NodeIndex then = kNoNode;
  NodeIndex otherwise = kNoNode;
  // Where the test leads, if libpcap knows it only once it has threaded its jumps.
  NodeIndex leads_late = kNoNode;
};

using EdgeSet = std::vector<bool>;

class Threading {
 public:
  explicit Threading(const ir::Graph& graph) : blocks_(graph.root + 1), root_(graph.root) {
    for (NodeIndex i = 0; i <= root_; ++i) {
      const ir::Node& node = graph[i];
      Block& block = blocks_[i];
      block = {node.kind, node.k, {}, node.then, node.otherwise};
      if (node.kind == ir::NodeKind::kDecide) set_test(graph.values, node, block);
      if (node.kind == ir::NodeKind::kAssign) block.otherwise = block.then;
    }
  }

  bool rejects_all() {
    for (int round = 0; round < kMostRounds; ++round) {
      if (!thread_edges()) break;
    }
    NodeIndex at = root_;
    for (bool decided = true; decided;) {
      const Block& block = blocks_[at];
      decided = block.kind == ir::NodeKind::kAssign ||
                (block.kind == ir::NodeKind::kDecide &&
                 (block.then == block.otherwise || block.leads_late != kNoNode));
      if (decided) at = block.leads_late != kNoNode ? block.leads_late : block.then;
    }
    return blocks_[at].kind == ir::NodeKind::kReturn && blocks_[at].k == 0;
  }

 private:
  // Whether it is masked or multiplied by 0, in a relation. Of a primitive (`net 0.0.0.0/0`), whose
  // load has a plain offset, libpcap knows that at once.
  static bool is_absorbed(const ir::ValueTable& values, ir::ValueIndex index) {
    const ir::Value& value = values[index];
    const bool absorbs = value.kind == ir::ValueKind::kAlu &&
                         (value.op == Arithmetic::kAnd || value.op == Arithmetic::kMultiply);
    if (!absorbs || values.constant_of(value.right) != 0U) return false;
    const ir::Value& operand = values[value.left];
    return operand.kind != ir::ValueKind::kLoad || operand.left != ir::kNoValue;
  }

  static void set_test(const ir::ValueTable& values, const ir::Node& node, Block& block) {
    ir::ValueIndex left = node.left;
    auto constant = values.constant_of(node.right);
    Comparison comparison = node.comparison;
    const auto lead = [&](std::uint32_t known) {
      return compare(comparison, known, *constant) ? block.then : block.otherwise;
    };
    if (const auto known = values.constant_of(left); known && constant) {
      block.then = block.otherwise = lead(*known);
    } else if (constant && is_absorbed(values, left)) {
      block.leads_late = lead(0);
      return;
    }
    if (constant && comparison == Comparison::kEqual) {
      const ir::Value& value = values[left];
      const bool binary = value.kind == ir::ValueKind::kAlu && value.right != ir::kNoValue;
      const auto operand = binary ? values.constant_of(value.right) : std::nullopt;
      if (operand && value.op == Arithmetic::kSubtract) {
        left = value.left;
        constant = *constant + *operand;
      } else if (operand && value.op == Arithmetic::kAnd && *constant == 0) {
        left = value.left;
        constant = operand;
        comparison = Comparison::kAnyBit;
        std::swap(block.then, block.otherwise);
      }
    }
    if (comparison == Comparison::kAnyBit && constant == 0U) block.then = block.otherwise;
    block.test = {left, constant ? ir::kNoValue : node.right, comparison, constant.value_or(0)};
  }

  // Edges are numbered: 2 * block for `then`, one more for `otherwise`.
  std::size_t edges() const { return blocks_.size() * 2; }
  NodeIndex& target(std::size_t edge) {
    Block& block = blocks_[edge / 2];
    return edge % 2 == 0 ? block.then : block.otherwise;
  }

  void find_reached() {
    reached_.assign(blocks_.size(), false);
    reached_[root_] = true;
    for (NodeIndex i = root_ + 1; i-- > 0;) {
      if (!reached_[i] || blocks_[i].kind == ir::NodeKind::kReturn) continue;
      reached_[blocks_[i].then] = true;
      reached_[blocks_[i].otherwise] = true;
    }
  }

  // For each edge the edges that all ways to it pass, itself among them.
  void find_dominators() {
    std::vector<std::optional<EdgeSet>> into(blocks_.size());
    into[root_] = EdgeSet(edges(), false);
    dominators_.assign(edges(), {});
    for (NodeIndex i = root_ + 1; i-- > 0;) {
      if (!reached_[i] || blocks_[i].kind == ir::NodeKind::kReturn) continue;
      for (const std::size_t edge : {std::size_t{i} * 2, std::size_t{i} * 2 + 1}) {
        dominators_[edge] = *into[i];
        dominators_[edge][edge] = true;
        auto& there = into[target(edge)];
        if (!there) {
          there = dominators_[edge];
          continue;
        }
        for (std::size_t e = 0; e < edges(); ++e) (*there)[e] = (*there)[e] && dominators_[edge][e];
      }
      into[i].reset();
    }
  }

  // Where the test of `child` leads, given that the edge was taken.
  std::optional<NodeIndex> outcome(const Block& child, std::size_t edge) const {
    const Block& before = blocks_[edge / 2];
    if (before.kind != ir::NodeKind::kDecide || before.then == before.otherwise) {
      return std::nullopt;
    }
    if (child.leads_late != kNoNode || before.leads_late != kNoNode) return std::nullopt;
    const bool taken = edge % 2 == 0;
    if (child.test == before.test) return taken ? child.then : child.otherwise;
    const bool both_equal = child.test.comparison == Comparison::kEqual &&
                            before.test.comparison == Comparison::kEqual &&
                            child.test.left == before.test.left;
    const bool constants = child.test.right == ir::kNoValue && before.test.right == ir::kNoValue;
    if (taken && both_equal && constants) return child.otherwise;
    return std::nullopt;
  }

  bool thread_edge(std::size_t edge) {
    bool changed = false;
    for (bool again = true; again;) {
      again = false;
      NodeIndex& next = target(edge);
      const Block& child = blocks_[next];
      if (child.kind != ir::NodeKind::kDecide) break;
      if (child.then == child.otherwise) {
        next = child.then;
        changed = again = true;
        continue;
      }
      for (std::size_t e = 0; e < edges() && !again; ++e) {
        if (!dominators_[edge][e]) continue;
        if (const auto leads = outcome(child, e)) {
          next = *leads;
          changed = again = true;
        }
      }
    }
    return changed;
  }

  bool thread_edges() {
    find_reached();
    find_dominators();
    bool changed = false;
    for (NodeIndex i = 0; i <= root_; ++i) {
      if (!reached_[i] || blocks_[i].kind == ir::NodeKind::kReturn) continue;
      const bool then = thread_edge(std::size_t{i} * 2);
      const bool otherwise = thread_edge(std::size_t{i} * 2 + 1);
      changed = changed || then || otherwise;
    }
    return changed;
  }

  std::vector<Block> blocks_;
  NodeIndex root_;
  std::vector<bool> reached_;
  std::vector<EdgeSet> dominators_;
};

// libpcap does not optimize a filter with a protocol chain or a tunnel, wherever it stands.
bool stays_unoptimized(const ast::Filter& filter) {
  return std::any_of(filter.nodes.begin(), filter.nodes.end(), [](const ast::Node& node) {
    if (const auto* encapsulation = std::get_if<ast::Encapsulation>(&node.value)) {
      return encapsulation->kind == ast::EncapsulationKind::kGeneve ||
             encapsulation->kind == ast::EncapsulationKind::kVxlan;
    }
    const auto* identified = std::get_if<ast::Identified>(&node.value);
    return identified != nullptr && identified->qualifiers.type == ast::AddressType::kProtochain;
  });
}

}  // namespace

bool libpcap_refuses(const ast::Filter& filter, const ir::Graph& lowered) {
  if (stays_unoptimized(filter)) return false;
  if (lowered.root >= kMostNodes) return true;
  return Threading(lowered).rejects_all();
}

}  // namespace bpfc
