// The intermediate form: an acyclic graph of decisions over immutable values.
//
// Values have no registers and no place: equal values are one value, as many as are needed. A value
// is computed where a node uses it. Loading bytes that the packet does not have ends the filter,
// rejecting, as does a division by zero; so which nodes lie on the way to a node is part of the
// meaning, and where in the node a load stands is not.
//
// `ip and len > 60` is
//
//   v0 = load half [12]    v1 = 0x800    v2 = length    v3 = 60
//   n0: return 0
//   n1: return 262144
//   n2: v2 > v3 ? n1 : n0
//   n3: v0 = v1 ? n2 : n0          <- root
//
// Equal nodes are one node. A node's successors stand before it, so descending numbers visit the
// graph from the root down and ascending numbers from the returns up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/intern_table.h"
#include "vm/arithmetic.h"

namespace bpfc::ir {

using ValueIndex = std::uint32_t;
using NodeIndex = std::uint32_t;
inline constexpr ValueIndex kNoValue = ~ValueIndex{0};
inline constexpr NodeIndex kNoNode = ~NodeIndex{0};

// Numbered variables, for offsets that depend on the path. A cell that the path has not assigned is
// 0.
inline constexpr std::uint32_t kMaxCells = 64;
// Addresses from here up mean something else to the kernel (SKF_NET_OFF and its like), and sums
// past 2^32 differ between kernel and libpcap.
inline constexpr std::uint64_t kPlainAddresses = std::uint64_t{1} << 31U;
// Values nested deeper are refused: they would need no end of scratch memory.
inline constexpr std::uint32_t kMaxDepth = 2000;

enum class ValueKind : std::uint8_t {
  kConstant,  // k
  kLength,    // the packet's length on the wire
  kLoad,  // `size` bytes, big-endian, at offset k from `left` (kNoValue: from the packet's start);
          // the sum is an address, not 32-bit arithmetic
  kAncillary,  // number k of what the kernel knows of the packet (SKF_AD_*)
  kCell,       // variable k
  kAlu,        // left op right; the right one is kNoValue for kNegate
};

struct Value {
  ValueKind kind = ValueKind::kConstant;
  Arithmetic op{};        // of kAlu
  std::uint8_t size = 0;  // of kLoad
  std::uint32_t k = 0;
  ValueIndex left = kNoValue;
  ValueIndex right = kNoValue;

  friend bool operator==(const Value&, const Value&) = default;
  std::uint64_t hash() const {
    std::uint64_t h = mix(
        static_cast<std::uint64_t>(kind) << 16U | static_cast<std::uint64_t>(op) << 8U | size, k);
    return mix(h, static_cast<std::uint64_t>(left) << 32U | right);
  }
};

// What follows from a value's operands.
struct ValueFacts {
  std::uint64_t cells = 0;  // bit n: reads cell n
  std::uint32_t depth = 0;  // of nesting
  bool can_fail = false;    // holds a load or a division that may end the filter
};

enum class NodeKind : std::uint8_t {
  kReturn,   // k
  kDecide,   // left comparison right ? then : otherwise
  kAssign,   // cell k = left, then `then`
  kRequire,  // then `then`, unless the packet has fewer than k bytes, or, where there is a `left`,
             // computing that would end the filter
};

struct Node {
  NodeKind kind = NodeKind::kReturn;
  Comparison comparison{};
  std::uint32_t k = 0;
  ValueIndex left = kNoValue;
  ValueIndex right = kNoValue;
  NodeIndex then = kNoNode;
  NodeIndex otherwise = kNoNode;

  friend bool operator==(const Node&, const Node&) = default;
  std::uint64_t hash() const {
    std::uint64_t h =
        mix(static_cast<std::uint64_t>(kind) << 8U | static_cast<std::uint64_t>(comparison), k);
    h = mix(h, static_cast<std::uint64_t>(left) << 32U | right);
    return mix(h, static_cast<std::uint64_t>(then) << 32U | otherwise);
  }
};

// Values, made equal ones one. Constants are folded on the way in, by the machine's arithmetic;
// what the kernel and libpcap compute differently (a shift by 32 and more), and what would end the
// filter, stays.
class ValueTable {
 public:
  ValueIndex constant(std::uint32_t k);
  ValueIndex length();
  // Folds a constant base into the offset where the sum means the same everywhere.
  ValueIndex load(std::uint8_t size, ValueIndex base, std::uint32_t offset);
  ValueIndex ancillary(std::uint32_t number);
  ValueIndex cell(std::uint32_t number);
  ValueIndex alu(Arithmetic op, ValueIndex left, ValueIndex right);

  // Whether loads, sums of addresses, and arithmetic of constants are folded (they are, unless this
  // is called).
  void set_folding(bool fold) { folds_ = fold; }

  const Value& operator[](ValueIndex index) const { return table_[index]; }
  const ValueFacts& facts(ValueIndex index) const { return facts_[index]; }
  std::size_t size() const { return table_.size(); }
  std::optional<std::uint32_t> constant_of(ValueIndex index) const {
    const Value& value = table_[index];
    if (value.kind != ValueKind::kConstant) return std::nullopt;
    return value.k;
  }

 private:
  ValueIndex intern(const Value& value);

  InternTable<Value> table_;
  std::vector<ValueFacts> facts_;
  bool folds_ = true;
};

class Graph {
 public:
  ValueTable values;
  NodeIndex root = kNoNode;
  std::uint32_t cell_count = 0;

  NodeIndex add_return(std::uint32_t k);
  NodeIndex decide(Comparison comparison, ValueIndex left, ValueIndex right, NodeIndex then,
                   NodeIndex otherwise);
  NodeIndex assign(std::uint32_t cell, ValueIndex value, NodeIndex next);
  // `length` bytes from the packet's start; 0 gives `next` itself.
  NodeIndex require_bytes(std::uint32_t length, NodeIndex next);
  NodeIndex require_value(ValueIndex value, NodeIndex next);

  // The same node, of this graph's values, with these successors, where it has any.
  NodeIndex add_like(const Node& node, NodeIndex then, NodeIndex otherwise);

  const Node& operator[](NodeIndex index) const { return nodes_[index]; }
  std::size_t size() const { return nodes_.size(); }

  // The same values and no nodes: where a pass builds its result.
  Graph without_nodes() &&;

  // For each node whether the root reaches it.
  std::vector<bool> reachable() const;

 private:
  InternTable<Node> nodes_;
};

// The first thing that is wrong with the graph, or nothing. Every pass keeps it right.
std::optional<std::string> check_graph(const Graph& graph);

// One value or node a line, from the root down.
std::string to_text(const Graph& graph);

}  // namespace bpfc::ir
