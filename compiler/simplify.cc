// Does: brings values and comparisons into the form that takes fewest instructions.
// Needs: nothing; intervals say what cannot carry.
// Keeps: which loads a node makes.
// Shrinks: the number of operations in values; one sweep.
//
//   [x + 12 + 14] -> [x + 26]           a constant goes into the load, where the sum cannot wrap
//   (a + 8) + (b + 22) -> (a + b) + 30  constants are added at once
//   a - b != 0    -> a != b             a comparison needs no difference
//   (a - b) = c   -> a = b + c          what is left of it is loaded last, into A
//   a & 3 = 0     -> no bit of 3 in a   without `and`
#include "compiler/interval.h"
#include "compiler/pass.h"

namespace bpfc {
namespace {

using ir::kNoValue;
using ir::ValueIndex;
using ir::ValueKind;

class Simplifier {
 public:
  explicit Simplifier(ir::Graph graph) : source_(std::move(graph)), intervals_(source_) {}

  ir::Graph run() {
    const std::vector<bool> reached = source_.reachable();
    result_.values = source_.values;
    result_.cell_count = source_.cell_count;
    image_of_value_.assign(source_.values.size(), kNoValue);
    std::vector<ir::NodeIndex> image(source_.root + 1, ir::kNoNode);
    for (ir::NodeIndex i = 0; i <= source_.root; ++i) {
      if (!reached[i]) continue;
      const ir::Node& node = source_[i];
      if (node.kind == ir::NodeKind::kDecide) {
        image[i] = decide(node, image[node.then], image[node.otherwise]);
        continue;
      }
      ir::Node simpler = node;
      simpler.left = simple(node.left);
      image[i] = result_.add_like(simpler, node.then == ir::kNoNode ? node.then : image[node.then],
                                  ir::kNoNode);
    }
    result_.root = image[source_.root];
    return std::move(result_);
  }

 private:
  // The value in the result's table. Operands have been visited; nesting is bounded.
  ValueIndex simple(ValueIndex index) {
    if (index == kNoValue) return index;
    if (image_of_value_[index] != kNoValue) return image_of_value_[index];
    const ir::Value value = source_.values[index];
    ValueIndex made = index;
    if (value.kind == ValueKind::kAlu) {
      const ValueIndex left = simple(value.left);
      const ValueIndex right = simple(value.right);
      made = value.op == Arithmetic::kAdd ? sum(left, right)
                                          : result_.values.alu(value.op, left, right);
    } else if (value.kind == ValueKind::kLoad && value.left != kNoValue) {
      made = load(value);
    }
    image_of_value_[index] = made;
    return made;
  }

  // A sum without its constant, and that.
  std::pair<ValueIndex, std::uint32_t> apart(ValueIndex index) const {
    const ir::Value& value = at(index);
    if (value.kind != ValueKind::kAlu || value.op != Arithmetic::kAdd) return {index, 0};
    if (const auto constant = result_.values.constant_of(value.right)) {
      return {value.left, *constant};
    }
    return {index, 0};
  }

  // All constants are added at once, at the end.
  ValueIndex sum(ValueIndex left, ValueIndex right) {
    ir::ValueTable& values = result_.values;
    if (values.constant_of(left)) std::swap(left, right);
    if (const auto constant = values.constant_of(right)) {
      const auto [rest, own] = apart(left);
      return values.alu(Arithmetic::kAdd, rest, values.constant(own + *constant));
    }
    const auto [first, of_first] = apart(left);
    const auto [second, of_second] = apart(right);
    return values.alu(Arithmetic::kAdd, values.alu(Arithmetic::kAdd, first, second),
                      values.constant(of_first + of_second));
  }

  // Constants that are added to the base become part of the offset.
  ValueIndex load(const ir::Value& value) {
    ValueIndex base = value.left;
    std::uint64_t offset = value.k;
    for (;;) {
      const ir::Value& sum = source_.values[base];
      if (sum.kind != ValueKind::kAlu || sum.op != Arithmetic::kAdd) break;
      const bool constant_first = source_.values.constant_of(sum.left).has_value();
      const ValueIndex rest = constant_first ? sum.right : sum.left;
      const auto constant = source_.values.constant_of(constant_first ? sum.left : sum.right);
      // Whatever the packet, all of it is a plain address.
      if (!constant || intervals_[rest].high + std::uint64_t{*constant} + offset + value.size >
                           ir::kPlainAddresses) {
        break;
      }
      offset += *constant;
      base = rest;
    }
    return result_.values.load(value.size, simple(base), static_cast<std::uint32_t>(offset));
  }

  const ir::Value& at(ValueIndex index) const { return result_.values[index]; }
  bool is_difference(ValueIndex index) const {
    return at(index).kind == ValueKind::kAlu && at(index).op == Arithmetic::kSubtract;
  }

  ir::NodeIndex decide(const ir::Node& node, ir::NodeIndex then, ir::NodeIndex otherwise) {
    ValueIndex left = simple(node.left);
    ValueIndex right = simple(node.right);
    if (node.comparison != Comparison::kEqual) {
      return result_.decide(node.comparison, left, right, then, otherwise);
    }
    if (result_.values.constant_of(right) == 0U && is_difference(left) &&
        !result_.values.constant_of(at(left).right)) {
      right = at(left).right;
      left = at(left).left;
    }
    const ir::Value masked = at(left);
    if (result_.values.constant_of(right) == 0U && masked.kind == ValueKind::kAlu &&
        masked.op == Arithmetic::kAnd && result_.values.constant_of(masked.right)) {
      return result_.decide(Comparison::kAnyBit, masked.left, masked.right, otherwise, then);
    }
    // Sums may be taken over: arithmetic is modulo 2^32 on both sides.
    while (is_difference(left) && !result_.values.constant_of(right)) {
      const ValueIndex taken = at(left).right;
      left = at(left).left;
      right = result_.values.alu(Arithmetic::kAdd, right, taken);
    }
    return result_.decide(Comparison::kEqual, left, right, then, otherwise);
  }

  ir::Graph source_;
  Intervals intervals_;
  ir::Graph result_;
  std::vector<ValueIndex> image_of_value_;
};

}  // namespace

ir::Graph simplify(ir::Graph graph, const PassContext& /*context*/) {
  return Simplifier(std::move(graph)).run();
}

}  // namespace bpfc
