// Each node becomes a block. A value is computed into A, its second operand into X; what must wait
// meanwhile goes to M[]. At a block's start A and X hold what they hold at the end of all blocks
// before it, where these agree, so a value that is still there is not computed again:
//
//   ip and tcp port 80:  ldh [12] ... ldb [23] ... ldxb 4*([14]&0xf); ldh [x + 14]; jeq #80
//                        ldh [x + 16]; jeq #80            <- X still holds the header length
//
// `4*([k]&0xf)` is recognised as the one instruction that computes it.
#include "compiler/select.h"

#include <algorithm>
#include <array>
#include <optional>

#include "compiler/node_order.h"
#include "compiler/scratch.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

using ir::kNoValue;
using ir::ValueIndex;
using ir::ValueKind;

// So many cells may live in X.
constexpr std::uint32_t kMostTried = 8;

struct Registers {
  ValueIndex a = kNoValue;
  ValueIndex x = kNoValue;
};

constexpr std::size_t kOperands = 2;  // a constant, X

// The operations of each arithmetic operator, and of each comparison.
constexpr auto kArithmeticOperations = [] {
  std::array<std::array<Operation, kOperands>, 11> table{};
  for (const OperationInfo& row : kOperations) {
    if (const auto parts = arithmetic_parts(row.operation)) {
      table[static_cast<std::size_t>(parts->arithmetic)][static_cast<std::size_t>(parts->right)] =
          row.operation;
    }
  }
  return table;
}();
constexpr auto kBranchOperations = [] {
  std::array<std::array<Operation, kOperands>, 4> table{};
  for (const OperationInfo& row : kOperations) {
    if (const auto parts = branch_parts(row.operation)) {
      table[static_cast<std::size_t>(parts->comparison)][static_cast<std::size_t>(parts->right)] =
          row.operation;
    }
  }
  return table;
}();

constexpr Operation operation_of(Arithmetic op, RightOperand right) {
  return kArithmeticOperations[static_cast<std::size_t>(op)][static_cast<std::size_t>(right)];
}

constexpr Operation operation_of(Comparison comparison, RightOperand right) {
  return kBranchOperations[static_cast<std::size_t>(comparison)][static_cast<std::size_t>(right)];
}

// By size: 1, 2, 4 bytes.
constexpr Operation load_operation(std::uint8_t size, bool indexed) {
  switch (size) {
    case 1:
      return indexed ? Operation::kLoadByteIndexed : Operation::kLoadByteAbsolute;
    case 2:
      return indexed ? Operation::kLoadHalfIndexed : Operation::kLoadHalfAbsolute;
    default:
      return indexed ? Operation::kLoadWordIndexed : Operation::kLoadWordAbsolute;
  }
}

bool is_commutative(Arithmetic op) {
  return op == Arithmetic::kAdd || op == Arithmetic::kMultiply || op == Arithmetic::kAnd ||
         op == Arithmetic::kOr || op == Arithmetic::kXor;
}

// Where each cell is kept.
struct CellPlaces {
  std::vector<bool> in_x;    // assigned by way of X, which holds it until X is needed
  std::vector<bool> stored;  // and to M[]
};

class Selector {
 public:
  Selector(const ir::Graph& graph, const std::vector<ir::NodeIndex>& order,
           const ScratchPlan& scratch, const CellPlaces& places)
      : graph_(graph),
        values_(graph.values),
        order_(order),
        scratch_(scratch),
        places_(places),
        next_scratch_(scratch_.slots),
        loaded_(graph.cell_count, false) {
    enough_scratch_ = scratch_.slots <= kScratchCells;
    find_values();
  }

  Expected<Selection, Diagnostic> run() {
    std::vector<std::uint32_t> block_of(graph_.size(), Block::kNowhere);
    for (std::uint32_t i = 0; i < order_.size(); ++i) block_of[order_[i]] = i;
    const auto block_number = [&](ir::NodeIndex node) {
      return node == ir::kNoNode ? Block::kNowhere : block_of[node];
    };
    std::vector<std::optional<Registers>> at_start(order_.size());
    at_start[0] = Registers{};
    selection_.blocks.reserve(order_.size());
    selection_.instructions.reserve(2 * order_.size());
    for (std::uint32_t i = 0; i < order_.size() && enough_scratch_; ++i) {
      const ir::Node& node = graph_[order_[i]];
      Block block;
      block.first = static_cast<std::uint32_t>(selection_.instructions.size());
      registers_ = at_start[i].value_or(Registers{});
      if (i == 0) clear_cells();
      select(node, block);
      block.count = static_cast<std::uint32_t>(selection_.instructions.size()) - block.first;
      block.then = block_number(node.then);
      block.otherwise = block_number(node.otherwise);
      for (const std::uint32_t next : {block.then, block.otherwise}) {
        if (next != Block::kNowhere) meet(at_start[next]);
      }
      selection_.blocks.push_back(block);
    }
    if (!enough_scratch_) {
      return Unexpected<Diagnostic>(
          Diagnostic{DiagnosticCode::kTooComplex,
                     {},
                     "the expression is too complex: the machine has 16 words of scratch memory",
                     {}});
    }
    return std::move(selection_);
  }

  // Whether a cell was read from M[] anywhere.
  const std::vector<bool>& loaded() const { return loaded_; }

 private:
  void meet(std::optional<Registers>& at_start) const {
    if (!at_start) {
      at_start = registers_;
      return;
    }
    if (at_start->a != registers_.a) at_start->a = kNoValue;
    if (at_start->x != registers_.x) at_start->x = kNoValue;
  }

  // For each value, whether computing it takes X; and where the cells are among the values.
  void find_values() {
    takes_x_.resize(values_.size());
    cell_value_.assign(graph_.cell_count, kNoValue);
    for (ValueIndex i = 0; i < values_.size(); ++i) {
      const ir::Value& value = values_[i];
      const auto constant =
          value.right == kNoValue ? std::nullopt : values_.constant_of(value.right);
      const bool second =
          value.right != kNoValue && !(constant && valid_immediate(value.op, *constant));
      takes_x_[i] = (value.kind == ValueKind::kLoad && value.left != kNoValue) || second ||
                    (value.left != kNoValue && takes_x_[value.left]) || header_length(i);
      if (value.kind == ValueKind::kCell) cell_value_[value.k] = i;
    }
  }

  // The offset k, if the value is 4*([k]&0xf).
  std::optional<std::uint32_t> header_length(ValueIndex index) const {
    const ir::Value& shift = values_[index];
    if (shift.kind != ValueKind::kAlu || shift.op != Arithmetic::kShiftLeft) return std::nullopt;
    if (values_.constant_of(shift.right) != 2U) return std::nullopt;
    const ir::Value& mask = values_[shift.left];
    if (mask.kind != ValueKind::kAlu || mask.op != Arithmetic::kAnd) return std::nullopt;
    if (values_.constant_of(mask.right) != 0xfU) return std::nullopt;
    const ir::Value& load = values_[mask.left];
    if (load.kind != ValueKind::kLoad || load.size != 1 || load.left != kNoValue) {
      return std::nullopt;
    }
    return load.k;
  }

  // Whether one instruction brings the value into X, and A stays as it is.
  bool loads_into_x(ValueIndex index) const {
    switch (values_[index].kind) {
      case ValueKind::kConstant:
      case ValueKind::kCell:
      case ValueKind::kLength:
        return true;
      default:
        return header_length(index).has_value();
    }
  }

  void emit(Operation operation, std::uint32_t k = 0) {
    selection_.instructions.push_back({encode(operation), 0, 0, k});
  }

  // A word of M[] for a value that must wait. Given back by release().
  std::uint32_t reserve() {
    if (next_scratch_ >= kScratchCells) {
      enough_scratch_ = false;
      return 0;
    }
    return next_scratch_++;
  }
  void release() {
    if (next_scratch_ > scratch_.slots) --next_scratch_;
  }

  void clear_cells() {
    std::vector<bool> wanted(kScratchCells, false);
    for (std::uint32_t cell = 0; cell < graph_.cell_count; ++cell) {
      const std::uint32_t slot = scratch_.slot_of_cell[cell];
      if (places_.stored[cell] && slot < kScratchCells) wanted[slot] = true;
    }
    bool zero_in_a = false;
    for (const std::uint32_t slot : scratch_.cleared) {
      if (slot >= kScratchCells || !wanted[slot]) continue;
      wanted[slot] = false;
      if (!zero_in_a) emit(Operation::kLoadConstant, 0);
      zero_in_a = true;
      emit(Operation::kStoreCell, slot);
    }
  }

  void select(const ir::Node& node, Block& block) {
    switch (node.kind) {
      case ir::NodeKind::kReturn:
        emit(Operation::kReturnConstant, node.k);
        break;
      case ir::NodeKind::kRequire:
        if (node.left != kNoValue) {
          into_a(node.left);
        } else {
          emit(Operation::kLoadByteAbsolute, node.k - 1);
          registers_.a = kNoValue;
        }
        break;
      case ir::NodeKind::kAssign:
        assign(node.k, node.left);
        break;
      case ir::NodeKind::kDecide:
        decide(node, block);
        break;
    }
  }

  void assign(std::uint32_t cell, ValueIndex value) {
    const std::uint32_t slot = scratch_.slot_of_cell[cell];
    const bool in_x = places_.in_x[cell] && slot != kNoSlot;
    if (in_x) {
      into_x(value);
    } else {
      into_a(value);
    }
    const std::uint64_t changed = std::uint64_t{1} << cell;
    for (ValueIndex* const held : {&registers_.a, &registers_.x}) {
      if (*held != kNoValue && (values_.facts(*held).cells & changed) != 0) *held = kNoValue;
    }
    if (slot == kNoSlot) return;
    if (places_.stored[cell]) {
      emit(in_x ? Operation::kStoreXCell : Operation::kStoreCell, slot);
    }
    (in_x ? registers_.x : registers_.a) = cell_value_[cell];
  }

  void decide(const ir::Node& node, Block& block) {
    ValueIndex left = node.left;
    ValueIndex right = node.right;
    const bool symmetric =
        node.comparison == Comparison::kEqual || node.comparison == Comparison::kAnyBit;
    if (symmetric && values_.constant_of(left)) std::swap(left, right);
    if (const auto constant = values_.constant_of(right)) {
      into_a(left);
      block.branch = Instruction{encode(operation_of(node.comparison, RightOperand::kConstant)), 0,
                                 0, *constant};
      return;
    }
    into_a_and_x(left, right);
    block.branch = Instruction{encode(operation_of(node.comparison, RightOperand::kX)), 0, 0, 0};
  }

  void into_a_and_x(ValueIndex left, ValueIndex right) {
    const bool x_survives = registers_.a == left || !takes_x_[left];
    if (registers_.x == right && x_survives) {
      into_a(left);
    } else if (loads_into_x(right)) {
      into_a(left);
      into_x(right);
    } else if (!takes_x_[left]) {
      into_x(right);
      into_a(left);
    } else {
      into_a(right);
      const std::uint32_t slot = reserve();
      emit(Operation::kStoreCell, slot);
      into_a(left);
      emit(Operation::kLoadXCell, slot);
      release();
      registers_.x = right;
    }
  }

  void into_x(ValueIndex index) {
    if (registers_.x == index) return;
    const ir::Value& value = values_[index];
    if (value.kind == ValueKind::kConstant) {
      emit(Operation::kLoadXConstant, value.k);
    } else if (value.kind == ValueKind::kCell) {
      emit(Operation::kLoadXCell, scratch_.slot_of_cell[value.k]);
      loaded_[value.k] = true;
    } else if (value.kind == ValueKind::kLength) {
      emit(Operation::kLoadXPacketLength);
    } else if (const auto offset = header_length(index)) {
      emit(Operation::kLoadXHeaderLength, *offset);
    } else {
      into_a(index);
      emit(Operation::kTransferAToX);
    }
    registers_.x = index;
  }

  void into_a(ValueIndex index) {
    if (registers_.a == index) return;
    const ir::Value& value = values_[index];
    if (header_length(index)) into_x(index);
    if (registers_.x == index) {
      emit(Operation::kTransferXToA);
      registers_.a = index;
      return;
    }
    switch (value.kind) {
      case ValueKind::kConstant:
        emit(Operation::kLoadConstant, value.k);
        break;
      case ValueKind::kLength:
        emit(Operation::kLoadPacketLength);
        break;
      case ValueKind::kLoad:
        if (value.left != kNoValue) into_x(value.left);
        emit(load_operation(value.size, value.left != kNoValue), value.k);
        break;
      case ValueKind::kAncillary:
        emit(Operation::kLoadWordAbsolute, kAncillaryBase + value.k);
        break;
      case ValueKind::kCell:
        emit(Operation::kLoadCell, scratch_.slot_of_cell[value.k]);
        loaded_[value.k] = true;
        break;
      case ValueKind::kAlu:
        compute(value);
        break;
    }
    registers_.a = index;
  }

  void compute(const ir::Value& value) {
    if (value.op == Arithmetic::kNegate) {
      into_a(value.left);
      emit(Operation::kNegate);
      return;
    }
    ValueIndex left = value.left;
    ValueIndex right = value.right;
    if (is_commutative(value.op) &&
        (values_.constant_of(left) || (loads_into_x(left) && !loads_into_x(right)))) {
      std::swap(left, right);
    }
    const auto constant = values_.constant_of(right);
    // The kernel refuses a division by the constant 0 and a shift by one of 32 and more; X may hold
    // them.
    const bool immediate = constant && valid_immediate(value.op, *constant);
    if (immediate) {
      into_a(left);
      emit(operation_of(value.op, RightOperand::kConstant), *constant);
      return;
    }
    into_a_and_x(left, right);
    emit(operation_of(value.op, RightOperand::kX));
  }

  static bool valid_immediate(Arithmetic op, std::uint32_t k) {
    switch (op) {
      case Arithmetic::kDivide:
      case Arithmetic::kModulo:
        return k != 0;
      case Arithmetic::kShiftLeft:
      case Arithmetic::kShiftRight:
        return k < 32;
      default:
        return true;
    }
  }

  const ir::Graph& graph_;
  const ir::ValueTable& values_;
  const std::vector<ir::NodeIndex>& order_;
  const ScratchPlan& scratch_;
  const CellPlaces& places_;
  std::uint32_t next_scratch_;
  bool enough_scratch_ = true;
  std::vector<bool> takes_x_;
  std::vector<ValueIndex> cell_value_;
  std::vector<bool> loaded_;
  Registers registers_;
  Selection selection_;
};

std::size_t size_of(const Selection& selection) {
  std::size_t size = selection.instructions.size();
  for (const Block& block : selection.blocks) size += block.branch ? 1 : 0;
  return size;
}

// The selection for these places, without stores to words that nothing reads: a cell may be in A or
// X wherever it is needed.
class Selecting {
 public:
  Selecting(const ir::Graph& graph, const std::vector<ir::NodeIndex>& order,
            const ScratchPlan& scratch)
      : graph_(graph), order_(order), scratch_(scratch) {}

  Expected<Selection, Diagnostic> with(const std::vector<bool>& in_x) {
    CellPlaces places{in_x, std::vector<bool>(graph_.cell_count, true)};
    Selector first(graph_, order_, scratch_, places);
    auto selection = first.run();
    loaded_ = first.loaded();
    if (!selection || loaded_ == places.stored) return selection;
    places.stored = loaded_;
    return Selector(graph_, order_, scratch_, places).run();
  }
  // Whether the cell was read from M[] in the last one.
  bool was_loaded(std::uint32_t cell) const { return loaded_[cell]; }

 private:
  const ir::Graph& graph_;
  const std::vector<ir::NodeIndex>& order_;
  const ScratchPlan& scratch_;
  std::vector<bool> loaded_;
};

// Cells that loads count from, which takes X.
std::vector<bool> bases(const ir::Graph& graph) {
  std::vector<bool> found(graph.cell_count, false);
  for (ValueIndex i = 0; i < graph.values.size(); ++i) {
    const ir::Value& value = graph.values[i];
    if (value.kind != ValueKind::kLoad || value.left == kNoValue) continue;
    const ir::Value& base = graph.values[value.left];
    if (base.kind == ValueKind::kCell) found[base.k] = true;
  }
  return found;
}

}  // namespace

Expected<Selection, Diagnostic> select_instructions(const ir::Graph& graph, bool clear_cells) {
  const std::vector<ir::NodeIndex> order = forward_order(graph);
  const ScratchPlan scratch = plan_scratch(graph, order, clear_cells);
  std::vector<bool> in_x(graph.cell_count, false);
  Selecting selecting(graph, order, scratch);
  auto best = selecting.with(in_x);
  if (!best || graph.cell_count == 0) return best;
  // Each cell in X, if that makes the program shorter; it does not where A has it whenever it is
  // read.
  const std::vector<bool> base = bases(graph);
  std::vector<bool> worth_a_try(graph.cell_count);
  for (std::uint32_t cell = 0; cell < graph.cell_count; ++cell) {
    worth_a_try[cell] = base[cell] || selecting.was_loaded(cell);
  }
  for (std::uint32_t cell = 0; cell < std::min(graph.cell_count, kMostTried); ++cell) {
    if (!worth_a_try[cell]) continue;
    in_x[cell] = true;
    auto tried = selecting.with(in_x);
    in_x[cell] = tried && size_of(*tried) < size_of(*best);
    if (in_x[cell]) best = std::move(tried);
  }
  return best;
}

}  // namespace bpfc
