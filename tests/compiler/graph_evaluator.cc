#include "tests/compiler/graph_evaluator.h"

#include <optional>
#include <vector>

namespace bpfc::testing {
namespace {

using Result = std::optional<std::uint32_t>;  // none: the filter ends

// Values stand after their operands, so one loop computes all that one value is made of. Cells
// change on the way through the graph, so nothing is kept from node to node.
class Evaluator {
 public:
  Evaluator(const ir::Graph& graph, const Packet& packet)
      : graph_(graph), packet_(packet), cells_(ir::kMaxCells, 0) {}

  std::uint32_t run() {
    ir::NodeIndex at = graph_.root;
    for (;;) {
      const ir::Node& node = graph_[at];
      at = node.then;
      switch (node.kind) {
        case ir::NodeKind::kReturn:
          return node.k;
        case ir::NodeKind::kDecide: {
          const Result left = value(node.left);
          const Result right = value(node.right);
          if (!left || !right) return 0;
          if (!holds(node.comparison, *left, *right)) at = node.otherwise;
          break;
        }
        case ir::NodeKind::kAssign: {
          const Result assigned = value(node.left);
          if (!assigned) return 0;
          cells_[node.k] = *assigned;
          break;
        }
        case ir::NodeKind::kRequire:
          if (packet_.captured.size() < node.k) return 0;
          if (node.left != ir::kNoValue && !value(node.left)) return 0;
          break;
      }
    }
  }

 private:
  Result value(ir::ValueIndex index) const {
    std::vector<bool> needed(index + 1, false);
    needed[index] = true;
    for (ir::ValueIndex i = index + 1; i-- > 0;) {
      if (!needed[i]) continue;
      const ir::Value& made = graph_.values[i];
      if (made.left != ir::kNoValue) needed[made.left] = true;
      if (made.right != ir::kNoValue) needed[made.right] = true;
    }
    std::vector<std::uint32_t> results(index + 1, 0);
    for (ir::ValueIndex i = 0; i <= index; ++i) {
      if (!needed[i]) continue;
      const ir::Value& made = graph_.values[i];
      const std::uint32_t left = made.left == ir::kNoValue ? 0 : results[made.left];
      const std::uint32_t right = made.right == ir::kNoValue ? 0 : results[made.right];
      const Result result = one(made, left, right);
      if (!result) return std::nullopt;
      results[i] = *result;
    }
    return results[index];
  }

  Result one(const ir::Value& made, std::uint32_t left, std::uint32_t right) const {
    switch (made.kind) {
      case ir::ValueKind::kConstant:
        return made.k;
      case ir::ValueKind::kLength:
        return packet_.wire_length;
      case ir::ValueKind::kLoad:
        return load(left + made.k, made.size);
      case ir::ValueKind::kAncillary:
        return ancillary(made.k);
      case ir::ValueKind::kCell:
        return cells_[made.k];
      case ir::ValueKind::kAlu:
        return alu(made.op, left, right);
    }
    return std::nullopt;
  }

  // Addresses from 2^31 up belong to headers that these packets do not have.
  Result load(std::uint32_t address, std::uint32_t size) const {
    if (address >= 0x80000000U || std::size_t{address} + size > packet_.captured.size()) {
      return std::nullopt;
    }
    std::uint32_t result = 0;
    for (std::uint32_t i = 0; i < size; ++i) result = result * 256 + packet_.captured[address + i];
    return result;
  }

  // SKF_AD_* of linux/filter.h.
  std::uint32_t ancillary(std::uint32_t number) const {
    const Ancillary none;
    const Ancillary& known = packet_.ancillary == nullptr ? none : *packet_.ancillary;
    switch (number) {
      case 0:
        return known.protocol;
      case 4:
        return known.packet_type;
      case 8:
        return known.interface_index.value_or(0);
      case 44:
        return known.vlan_tag;
      case 48:
        return known.vlan_tag_present ? 1 : 0;
      default:
        return 0;
    }
  }

  static Result alu(Arithmetic op, std::uint32_t left, std::uint32_t right) {
    switch (op) {
      case Arithmetic::kAdd:
        return left + right;
      case Arithmetic::kSubtract:
        return left - right;
      case Arithmetic::kMultiply:
        return left * right;
      case Arithmetic::kDivide:
        return right == 0 ? Result{} : Result{left / right};
      case Arithmetic::kModulo:
        return right == 0 ? Result{} : Result{left % right};
      case Arithmetic::kAnd:
        return left & right;
      case Arithmetic::kOr:
        return left | right;
      case Arithmetic::kXor:
        return left ^ right;
      case Arithmetic::kShiftLeft:
        return left << (right % 32);
      case Arithmetic::kShiftRight:
        return left >> (right % 32);
      case Arithmetic::kNegate:
        return ~left + 1;
    }
    return std::nullopt;
  }

  static bool holds(Comparison comparison, std::uint32_t left, std::uint32_t right) {
    switch (comparison) {
      case Comparison::kEqual:
        return left == right;
      case Comparison::kGreater:
        return left > right;
      case Comparison::kGreaterOrEqual:
        return left >= right;
      case Comparison::kAnyBit:
        return (left & right) != 0;
    }
    return false;
  }

  const ir::Graph& graph_;
  const Packet& packet_;
  std::vector<std::uint32_t> cells_;
};

}  // namespace

std::uint32_t evaluate(const ir::Graph& graph, const Packet& packet) {
  return Evaluator(graph, packet).run();
}

}  // namespace bpfc::testing
