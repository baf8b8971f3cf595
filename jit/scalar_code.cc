// Blocks are emitted in the order of the program, each instruction as one to three of the
// machine's:
//
//   eax A    r8d X    rdi the packet    esi the captured length
//   r9d, and r10d and r11d where they are free, the first scratch cells; the others on the stack
//   r11d the wire length and r10 the context, where the program asks for them
//   rcx, rdx for the moment
//
// A block that needs more captured bytes than is certain compares once, and rejects; loads that
// this covers are bare. A value that is only compared is not brought into host order: the constant
// is swapped instead. For `tcp port 80`, its first block becomes
//
//   cmp esi, 34; jb reject; movzx eax, word [rdi + 12]; cmp eax, 0x0008; jne B3
//
// Where branches compare one value with many constants it is searched for (set_search.h). A last
// choice between two verdicts is a conditional move. What is rare stands behind the rest: loads
// that the library makes (load_request.h), for which the registers are saved in the frame.
#include "jit/scalar_code.h"

#include <algorithm>
#include <array>
#include <bit>
#include <deque>
#include <optional>

#include "jit/constant_pool.h"
#include "jit/load_request.h"
#include "jit/set_search.h"
#include "vm/ancillary.h"
#include "vm/opcode.h"
#include "vm/packet_load.h"
#include "vm/partition.h"

namespace bpfc::jit {
namespace {

using Xbyak::Label;
using Xbyak::Reg32;
using Xbyak::Reg64;

constexpr std::uint64_t kStepLimit = std::uint64_t{1} << 20U;  // interpret()'s
constexpr std::uint32_t kFarthestEnd = 0x7fffffff;             // of a displacement

std::uint32_t swapped(std::uint32_t value, std::uint32_t size) {
  return __builtin_bswap32(value) >> (32 - 8 * size);
}

// What the program needs beside A, X and the bytes.
struct Needs {
  bool context = false;
  bool wire_length = false;
  bool requests = false;  // loads that the library makes
  bool bound = false;     // the captured length cut to what the rules take for positions
  LocationSet cells = 0;
};

// Whether machine code makes this load, given that its bytes are there.
bool is_direct(const DecodedInstruction& load) {
  return std::uint64_t{load.k} + load_size(load.operation) <= kFarthestEnd;
}

Needs needs_of(std::span<const DecodedInstruction> code, const Flow& flow,
               const NeededLengths& lengths, Rules rules) {
  Needs needs;
  for (const FlowBlock& block : flow.blocks()) {
    for (std::uint32_t i = block.first; i <= block.last; ++i) {
      const DecodedInstruction& now = code[i];
      const LocationUse use = locations_used(now);
      needs.cells |= (use.read | use.written) & (kLocationA - 1);
      needs.wire_length |= info(now.operation).format == OperandFormat::kPacketLength;
      if (info(now.operation).kind != OperationClass::kPacketLoad || lengths.is_covered(i))
        continue;
      const bool indexed = info(now.operation).format == OperandFormat::kIndexed;
      needs.requests |= !is_direct(now) || (indexed && rules == Rules::kKernel);
      needs.bound |= indexed;
    }
  }
  needs.context = needs.requests;
  needs.wire_length |= needs.requests;
  return needs;
}

class ScalarEmitter {
 public:
  ScalarEmitter(Assembler& out, ConstantPool& pool, const VerifiedProgram& program,
                const Flow& flow, const NeededLengths& lengths, const ScalarEntries& entries,
                std::vector<CodeLocation>* locations)
      : out_(out),
        pool_(pool),
        program_(program),
        code_(program.decoded()),
        flow_(flow),
        lengths_(lengths),
        entries_(entries),
        locations_(locations),
        rules_(program.rules()),
        needs_(needs_of(code_, flow, lengths, rules_)),
        labels_(flow.blocks().size()),
        partition_effort_(4 * code_.size()) {}

  void run();

 private:
  // Where a cell is.
  struct CellPlace {
    int in_register = -1;  // index of the register
    int on_stack = 0;      // offset from rsp
  };
  // A load that does not fit, put behind the rest.
  struct Detour {
    Label from;
    Label back;
    std::uint32_t instruction;
    bool into_x;
  };

  void assign_places();
  void enter();
  void clear_registers();
  void leave();
  void continuations();
  void materialize(const FieldValue& value, const Reg32& into);
  void block(std::uint32_t index);
  void instruction(std::uint32_t index);
  void packet_load(std::uint32_t index);
  void load_from(const DecodedInstruction& load, const Xbyak::Address& address);
  void arithmetic(const DecodedInstruction& now, const ArithmeticParts& parts);
  void divide(const DecodedInstruction& now, const ArithmeticParts& parts);
  void shift(const DecodedInstruction& now, const ArithmeticParts& parts);
  // A jump by what the last comparison says; `taken` is the condition for the branch's first way.
  void branch_ways(const FlowBlock& block, std::uint32_t index, Comparison comparison);
  void compare_a(const DecodedInstruction& now);
  bool compare_in_memory(const FlowBlock& block);
  bool search(std::uint32_t index);
  bool choose_verdict(const FlowBlock& block, Comparison comparison);
  void go_to(std::uint32_t from, std::uint32_t block);
  void detours();

  Label& label_of(std::uint32_t block) {
    return lengths_.needed(block) == kNeverAccepts ? reject_ : labels_[block];
  }
  bool rejects(std::uint32_t block) const { return lengths_.needed(block) == kNeverAccepts; }
  // The block that is emitted behind this one.
  std::uint32_t next_emitted(std::uint32_t block) const;
  bool a_is_live(const FlowBlock& block) const {
    return ((flow_.live_in(block.on_true) | flow_.live_in(block.on_false)) & kLocationA) != 0;
  }
  std::optional<std::uint32_t> verdict_of(std::uint32_t block) const;
  Reg32 cell_register(std::uint32_t cell) const { return Reg32(places_[cell].in_register); }
  Xbyak::Address cell_on_stack(std::uint32_t cell) {
    return out_.dword[out_.rsp + places_[cell].on_stack];
  }
  void note(std::uint32_t index) {
    if (locations_ != nullptr) {
      locations_->push_back({static_cast<std::uint32_t>(out_.getSize()), index});
    }
  }

  Assembler& out_;
  ConstantPool& pool_;
  const VerifiedProgram& program_;
  std::span<const DecodedInstruction> code_;
  const Flow& flow_;
  const NeededLengths& lengths_;
  const ScalarEntries& entries_;
  std::vector<CodeLocation>* locations_;
  Rules rules_;
  Needs needs_;
  std::vector<Label> labels_;
  Label reject_;
  Label request_;  // calls the library
  std::deque<Detour> detours_;
  std::array<CellPlace, kScratchCells> places_{};
  int frame_ = 0;       // bytes on the stack
  int request_at_ = 0;  // the LoadRequest in the frame
  int saved_at_ = 0;    // the cells' registers in the frame
  int steps_at_ = 0;    // the count of steps in the frame, of programs that loop
  std::size_t partition_effort_;

  const Reg32 a_ = Xbyak::util::eax;
  const Reg64 a64_ = Xbyak::util::rax;
  const Reg32 x_ = Xbyak::util::r8d;
  const Reg64 x64_ = Xbyak::util::r8;
  const Reg64 data_ = Xbyak::util::rdi;
  const Reg32 captured_ = Xbyak::util::esi;
  const Reg64 captured64_ = Xbyak::util::rsi;
  const Reg32 length_ = Xbyak::util::r11d;
  const Reg64 context_ = Xbyak::util::r10;
  const Reg32 scratch_ = Xbyak::util::ecx;
  const Reg64 scratch64_ = Xbyak::util::rcx;
  const Reg32 scratch2_ = Xbyak::util::edx;
  const Reg64 scratch2_64_ = Xbyak::util::rdx;
};

void ScalarEmitter::assign_places() {
  std::vector<int> free = {Xbyak::Operand::R9};
  if (!needs_.context) free.push_back(Xbyak::Operand::R10);
  if (!needs_.wire_length) free.push_back(Xbyak::Operand::R11);
  int size = 0;
  for (std::uint32_t cell = 0; cell < kScratchCells; ++cell) {
    places_[cell].in_register = -1;
    if ((needs_.cells & location_of_cell(cell)) == 0) continue;
    if (!free.empty()) {
      places_[cell].in_register = free.front();
      free.erase(free.begin());
    } else {
      places_[cell].on_stack = size;
      size += 4;
    }
  }
  size = (size + 7) / 8 * 8;
  if (flow_.loops()) {
    steps_at_ = size;
    size += 8;
  }
  if (needs_.requests) {
    request_at_ = size;
    size += static_cast<int>(sizeof(LoadRequest));
    saved_at_ = size;
    size += 8;
  }
  // Calls want the stack at a multiple of 16; the return address is on it already.
  if (size != 0) frame_ = (size + 15) / 16 * 16 + 8;
}

void ScalarEmitter::enter() {
  if (frame_ != 0) out_.sub(out_.rsp, frame_);
  if (needs_.wire_length) out_.mov(length_, out_.edx);
  if (needs_.context) out_.mov(context_, out_.rcx);
  out_.mov(captured_, captured_);  // the upper half may hold anything
  if (needs_.requests) {
    out_.mov(out_.dword[out_.rsp + request_at_ + offsetof(LoadRequest, captured)], captured_);
  }
  if (needs_.bound) {
    out_.mov(scratch_, rules_ == Rules::kKernel ? kFirstSpecialOffset : kAncillaryBase);
    out_.cmp(captured_, scratch_);
    out_.cmova(captured_, scratch_);
  }
  if (flow_.loops()) out_.mov(out_.qword[out_.rsp + steps_at_], 0);
}

void ScalarEmitter::clear_registers() {
  const LocationSet live = flow_.live_in(0);
  if ((live & kLocationA) != 0) out_.xor_(a_, a_);
  if ((live & kLocationX) != 0) out_.xor_(x_, x_);
  for (std::uint32_t cell = 0; cell < kScratchCells; ++cell) {
    if ((live & needs_.cells & location_of_cell(cell)) == 0) continue;
    if (places_[cell].in_register >= 0) {
      out_.xor_(cell_register(cell), cell_register(cell));
    } else {
      out_.mov(cell_on_stack(cell), 0);
    }
  }
}

void ScalarEmitter::leave() {
  if (frame_ != 0) out_.add(out_.rsp, frame_);
  out_.ret();
}

std::uint32_t ScalarEmitter::next_emitted(std::uint32_t block) const {
  for (++block; block < labels_.size(); ++block) {
    if (!rejects(block)) return block;
  }
  return kNoBlock;
}

void ScalarEmitter::go_to(std::uint32_t from, std::uint32_t block) {
  if (rejects(block) || block != next_emitted(from)) out_.jmp(label_of(block));
}

std::optional<std::uint32_t> ScalarEmitter::verdict_of(std::uint32_t block) const {
  const FlowBlock& ways = flow_.blocks()[block];
  if (rejects(block)) return 0;
  if (ways.first != ways.last || code_[ways.last].operation != Operation::kReturnConstant) {
    return std::nullopt;
  }
  return code_[ways.last].k;
}

void ScalarEmitter::run() {
  assign_places();
  out_.L(entries_.start);
  if (rejects(0)) {
    note(flow_.blocks()[0].first);
    out_.xor_(a_, a_);
    out_.ret();
    return;
  }
  note(flow_.blocks()[0].first);
  enter();
  clear_registers();
  for (std::uint32_t index = 0; index < labels_.size(); ++index) {
    if (!rejects(index)) block(index);
  }
  out_.L(reject_);
  out_.xor_(a_, a_);
  leave();
  detours();
  continuations();
}

void ScalarEmitter::continuations() {
  for (std::size_t i = 0; i < entries_.continuations.size(); ++i) {
    const Continuation& continuation = entries_.continuations[i];
    out_.L(entries_.labels[i]);
    enter();
    if (const std::uint32_t certain = lengths_.certain(continuation.block); certain != 0) {
      out_.cmp(captured_, certain);
      out_.jb(reject_);
    }
    for (const auto& [location, value] : continuation.values) {
      if (location == kLocationA || location == kLocationX) continue;
      const auto cell = static_cast<std::uint32_t>(std::countr_zero(location));
      if (places_[cell].in_register >= 0) {
        materialize(value, cell_register(cell));
      } else {
        materialize(value, scratch_);
        out_.mov(cell_on_stack(cell), scratch_);
      }
    }
    for (const auto& [location, value] : continuation.values) {
      if (location == kLocationA) materialize(value, a_);
      if (location == kLocationX) materialize(value, x_);
    }
    out_.jmp(labels_[continuation.block]);
  }
}

void ScalarEmitter::materialize(const FieldValue& value, const Reg32& into) {
  if (value.is_constant()) {
    out_.mov(into, value.addend);
    return;
  }
  const Xbyak::RegExp from = data_ + value.offset;
  if (value.size == 1) {
    out_.movzx(into, out_.byte[from]);
  } else if (value.size == 2) {
    out_.movzx(into, out_.word[from]);
    out_.rol(into.cvt16(), 8);
  } else {
    out_.mov(into, out_.dword[from]);
    out_.bswap(into);
  }
  out_.and_(into, value.mask);
  if (value.left_shift > 0) out_.shl(into, value.left_shift);
  if (value.left_shift < 0) out_.shr(into, -value.left_shift);
  if (value.addend != 0) out_.add(into, value.addend);
}

void ScalarEmitter::block(std::uint32_t index) {
  const FlowBlock& block = flow_.blocks()[index];
  out_.L(labels_[index]);
  if (flow_.loops()) out_.add(out_.qword[out_.rsp + steps_at_], block.last - block.first + 1);
  if (lengths_.needed(index) > lengths_.certain(index)) {
    note(block.first);
    out_.cmp(captured_, lengths_.needed(index));
    out_.jb(reject_);
  }
  const DecodedInstruction& last = code_[block.last];
  const auto parts = branch_parts(last.operation);
  if (!parts || block.on_true == block.on_false) {
    for (std::uint32_t i = block.first; i <= block.last; ++i) {
      // A branch without a choice does nothing.
      if (!parts || i != block.last) instruction(i);
    }
    if (block.on_true == kNoBlock) return;
    if (flow_.loops() && block.on_true <= index && last.operation == Operation::kJump) {
      out_.cmp(out_.qword[out_.rsp + steps_at_], kStepLimit);
      out_.jae(reject_);
    }
    go_to(index, block.on_true);
    return;
  }
  if (!flow_.loops() && search(index)) return;
  if (!compare_in_memory(block)) {
    for (std::uint32_t i = block.first; i < block.last; ++i) instruction(i);
    note(block.last);
    compare_a(last);
  }
  branch_ways(block, index, parts->comparison);
}

void ScalarEmitter::compare_a(const DecodedInstruction& now) {
  const auto parts = *branch_parts(now.operation);
  const bool by_x = parts.right == RightOperand::kX;
  if (parts.comparison == Comparison::kAnyBit) {
    if (by_x) {
      out_.test(a_, x_);
    } else {
      out_.test(a_, now.k);
    }
  } else if (by_x) {
    out_.cmp(a_, x_);
  } else if (now.k == 0 && parts.comparison == Comparison::kEqual) {
    out_.test(a_, a_);
  } else {
    out_.cmp(a_, now.k);
  }
}

// A value that is loaded, perhaps masked, compared and not needed afterwards stays as it is in the
// packet.
bool ScalarEmitter::compare_in_memory(const FlowBlock& block) {
  const DecodedInstruction& last = code_[block.last];
  const auto parts = *branch_parts(last.operation);
  if (parts.right != RightOperand::kConstant || a_is_live(block)) return false;
  if (parts.comparison != Comparison::kEqual && parts.comparison != Comparison::kAnyBit)
    return false;
  std::uint32_t load = block.last;
  std::optional<std::uint32_t> mask;
  if (load > block.first && code_[load - 1].operation == Operation::kAndConstant) {
    --load;
    mask = code_[load].k;
  }
  if (load == block.first) return false;
  --load;
  const DecodedInstruction& loaded = code_[load];
  const std::uint32_t size = load_size(loaded.operation);
  if (size == 0 || loaded.operation == Operation::kLoadXHeaderLength || !is_direct(loaded) ||
      !lengths_.is_covered(load)) {
    return false;
  }
  const std::uint64_t limit = std::uint64_t{1} << 8 * size;
  if (last.k >= limit) return false;
  for (std::uint32_t i = block.first; i < load; ++i) instruction(i);
  note(load);
  const bool indexed = info(loaded.operation).format == OperandFormat::kIndexed;
  const Xbyak::RegExp place = indexed ? data_ + x64_ + loaded.k : data_ + loaded.k;
  const std::uint32_t constant = swapped(last.k, size);
  const bool plain = !mask && parts.comparison == Comparison::kEqual;
  if (plain && size != 2) {
    note(block.last);
    if (size == 4) {
      out_.cmp(out_.dword[place], constant);
    } else {
      out_.cmp(out_.byte[place], constant);
    }
    return true;
  }
  if (size == 4) {
    out_.mov(a_, out_.dword[place]);
  } else if (size == 2) {
    out_.movzx(a_, out_.word[place]);
  } else {
    out_.movzx(a_, out_.byte[place]);
  }
  if (mask) {
    note(load + 1);
    out_.and_(a_, swapped(static_cast<std::uint32_t>(*mask & (limit - 1)), size));
  }
  note(block.last);
  if (parts.comparison == Comparison::kAnyBit) {
    out_.test(a_, constant);
  } else {
    out_.cmp(a_, constant);
  }
  return true;
}

bool ScalarEmitter::choose_verdict(const FlowBlock& block, Comparison comparison) {
  const auto on_true = verdict_of(block.on_true);
  const auto on_false = verdict_of(block.on_false);
  if (!on_true || !on_false) return false;
  // mov leaves the flags alone.
  out_.mov(scratch_, *on_true);
  out_.mov(a_, *on_false);
  switch (comparison) {
    case Comparison::kEqual:
      out_.cmove(a_, scratch_);
      break;
    case Comparison::kAnyBit:
      out_.cmovne(a_, scratch_);
      break;
    case Comparison::kGreater:
      out_.cmova(a_, scratch_);
      break;
    case Comparison::kGreaterOrEqual:
      out_.cmovae(a_, scratch_);
      break;
  }
  leave();
  return true;
}

void ScalarEmitter::branch_ways(const FlowBlock& block, std::uint32_t index,
                                Comparison comparison) {
  if (choose_verdict(block, comparison)) return;
  const bool fall_into_true = !rejects(block.on_true) && block.on_true == next_emitted(index);
  Label& target = label_of(fall_into_true ? block.on_false : block.on_true);
  switch (comparison) {
    case Comparison::kEqual:
      fall_into_true ? out_.jne(target) : out_.je(target);
      break;
    case Comparison::kAnyBit:
      fall_into_true ? out_.je(target) : out_.jne(target);
      break;
    case Comparison::kGreater:
      fall_into_true ? out_.jbe(target) : out_.ja(target);
      break;
    case Comparison::kGreaterOrEqual:
      fall_into_true ? out_.jb(target) : out_.jae(target);
      break;
  }
  if (!fall_into_true) go_to(index, block.on_false);
}

// Branches that compare A again and again, as one search.
bool ScalarEmitter::search(std::uint32_t index) {
  const FlowBlock& block = flow_.blocks()[index];
  const auto partition = find_partition(program_, flow_, index, partition_effort_);
  if (!partition || partition->branches <= kMostRangesCompared) return false;
  const auto set = as_set(*partition);
  if (!set || set->members.size() <= kMostRangesCompared) return false;
  // The blocks that the search leads past reject short packets too. What they make certain of
  // others behind them has to be certain without them.
  const std::uint32_t certain = std::max(lengths_.certain(index), lengths_.needed(index));
  for (const std::uint32_t target : {set->inside, set->outside}) {
    if (!rejects(target) && lengths_.certain(target) > certain) return false;
  }
  for (std::uint32_t i = block.first; i < block.last; ++i) instruction(i);
  note(block.last);
  emit_set_search(out_, pool_, *set, {a_, scratch64_, scratch2_64_});
  const FlowBlock ways = {block.first, block.last, set->inside, set->outside, 0};
  branch_ways(ways, index, Comparison::kAnyBit);
  return true;
}

void ScalarEmitter::instruction(std::uint32_t index) {
  const DecodedInstruction& now = code_[index];
  note(index);
  switch (now.operation) {
    case Operation::kLoadConstant:
      out_.mov(a_, now.k);
      return;
    case Operation::kLoadXConstant:
      out_.mov(x_, now.k);
      return;
    case Operation::kLoadPacketLength:
      out_.mov(a_, length_);
      return;
    case Operation::kLoadXPacketLength:
      out_.mov(x_, length_);
      return;
    case Operation::kLoadCell:
    case Operation::kLoadXCell: {
      const Reg32 into = now.operation == Operation::kLoadCell ? a_ : x_;
      if (places_[now.k].in_register >= 0) {
        out_.mov(into, cell_register(now.k));
      } else {
        out_.mov(into, cell_on_stack(now.k));
      }
      return;
    }
    case Operation::kStoreCell:
    case Operation::kStoreXCell: {
      const Reg32 from = now.operation == Operation::kStoreCell ? a_ : x_;
      if (places_[now.k].in_register >= 0) {
        out_.mov(cell_register(now.k), from);
      } else {
        out_.mov(cell_on_stack(now.k), from);
      }
      return;
    }
    case Operation::kTransferAToX:
      out_.mov(x_, a_);
      return;
    case Operation::kTransferXToA:
      out_.mov(a_, x_);
      return;
    case Operation::kReturnConstant:
      if (now.k == 0) {
        out_.xor_(a_, a_);
      } else {
        out_.mov(a_, now.k);
      }
      leave();
      return;
    case Operation::kReturnA:
      leave();
      return;
    case Operation::kJump:
      return;
    default:
      break;
  }
  if (info(now.operation).kind == OperationClass::kPacketLoad) {
    packet_load(index);
  } else if (const auto parts = arithmetic_parts(now.operation)) {
    arithmetic(now, *parts);
  }
}

void ScalarEmitter::load_from(const DecodedInstruction& load, const Xbyak::Address& address) {
  switch (load.operation) {
    case Operation::kLoadXHeaderLength:
      out_.movzx(x_, address);
      out_.and_(x_, 0xf);
      out_.shl(x_, 2);
      return;
    case Operation::kLoadByteAbsolute:
    case Operation::kLoadByteIndexed:
      out_.movzx(a_, address);
      return;
    case Operation::kLoadHalfAbsolute:
    case Operation::kLoadHalfIndexed:
      out_.movzx(a_, address);
      out_.rol(Xbyak::util::ax, 8);
      return;
    default:
      out_.mov(a_, address);
      out_.bswap(a_);
      return;
  }
}

void ScalarEmitter::packet_load(std::uint32_t index) {
  const DecodedInstruction& load = code_[index];
  const std::uint32_t size = load_size(load.operation);
  const bool indexed = info(load.operation).format == OperandFormat::kIndexed;
  const Xbyak::AddressFrame& frame = size == 4 ? out_.dword : size == 2 ? out_.word : out_.byte;
  if (lengths_.is_covered(index)) {
    load_from(load, indexed ? frame[data_ + x64_ + load.k] : frame[data_ + load.k]);
    return;
  }
  const auto detour = [&]() -> Detour& {
    Detour& made = detours_.emplace_back();
    made.instruction = index;
    made.into_x = load.operation == Operation::kLoadXHeaderLength;
    return made;
  };
  if (!indexed) {
    if (is_direct(load)) {
      out_.cmp(captured_, load.k + size);
      out_.jb(reject_);
      load_from(load, frame[data_ + load.k]);
    } else {
      Detour& made = detour();
      out_.jmp(made.from);
      out_.L(made.back);
    }
    return;
  }
  // rdx = X + k, rcx = its end
  if (rules_ == Rules::kKernel) {
    out_.mov(scratch2_, x_);
    if (load.k != 0) out_.add(scratch2_, load.k);
  } else {
    out_.mov(scratch2_, load.k);
    out_.add(scratch2_64_, x64_);
  }
  out_.lea(scratch64_, out_.ptr[scratch2_64_ + size]);
  out_.cmp(scratch64_, captured64_);
  if (rules_ == Rules::kKernel) {
    Detour& made = detour();
    out_.ja(made.from);
    load_from(load, frame[data_ + scratch2_64_]);
    out_.L(made.back);
  } else {
    out_.ja(reject_);
    load_from(load, frame[data_ + scratch2_64_]);
  }
}

void ScalarEmitter::arithmetic(const DecodedInstruction& now, const ArithmeticParts& parts) {
  const bool by_x = parts.right == RightOperand::kX;
  switch (parts.arithmetic) {
    case Arithmetic::kAdd:
      by_x ? out_.add(a_, x_) : out_.add(a_, now.k);
      return;
    case Arithmetic::kSubtract:
      by_x ? out_.sub(a_, x_) : out_.sub(a_, now.k);
      return;
    case Arithmetic::kMultiply:
      by_x ? out_.imul(a_, x_) : out_.imul(a_, a_, static_cast<int>(now.k));
      return;
    case Arithmetic::kAnd:
      by_x ? out_.and_(a_, x_) : out_.and_(a_, now.k);
      return;
    case Arithmetic::kOr:
      by_x ? out_.or_(a_, x_) : out_.or_(a_, now.k);
      return;
    case Arithmetic::kXor:
      by_x ? out_.xor_(a_, x_) : out_.xor_(a_, now.k);
      return;
    case Arithmetic::kNegate:
      out_.neg(a_);
      return;
    case Arithmetic::kShiftLeft:
    case Arithmetic::kShiftRight:
      shift(now, parts);
      return;
    case Arithmetic::kDivide:
    case Arithmetic::kModulo:
      divide(now, parts);
      return;
  }
}

void ScalarEmitter::shift(const DecodedInstruction& now, const ArithmeticParts& parts) {
  const bool left = parts.arithmetic == Arithmetic::kShiftLeft;
  if (parts.right == RightOperand::kConstant) {
    const auto distance = shift_distance(now.k, rules_);
    if (!distance) {
      out_.xor_(a_, a_);
    } else if (*distance != 0) {
      left ? out_.shl(a_, static_cast<int>(*distance)) : out_.shr(a_, static_cast<int>(*distance));
    }
    return;
  }
  // The machine shifts by the count modulo 32, as the kernel does.
  out_.mov(scratch_, x_);
  left ? out_.shl(a_, Xbyak::util::cl) : out_.shr(a_, Xbyak::util::cl);
  if (rules_ == Rules::kLibpcap) {
    out_.xor_(scratch2_, scratch2_);
    out_.cmp(scratch_, 31);
    out_.cmova(a_, scratch2_);
  }
}

void ScalarEmitter::divide(const DecodedInstruction& now, const ArithmeticParts& parts) {
  const bool modulo = parts.arithmetic == Arithmetic::kModulo;
  if (parts.right == RightOperand::kConstant && std::has_single_bit(now.k)) {
    if (modulo) {
      out_.and_(a_, now.k - 1);
    } else {
      out_.shr(a_, std::countr_zero(now.k));
    }
    return;
  }
  Reg32 divisor = x_;
  if (parts.right == RightOperand::kConstant) {
    out_.mov(scratch_, now.k);
    divisor = scratch_;
  } else {
    out_.test(x_, x_);
    out_.jz(reject_);
  }
  out_.xor_(scratch2_, scratch2_);
  out_.div(divisor);
  if (modulo) out_.mov(a_, scratch2_);
}

// A detour fills in what is its own of the request, calls, and comes back with the value, unless
// the program has ended.
void ScalarEmitter::detours() {
  if (detours_.empty()) return;
  const auto field = [this](std::size_t offset, int deeper = 0) {
    return out_.rsp + (request_at_ + deeper + static_cast<int>(offset));
  };
  for (Detour& detour : detours_) {
    const DecodedInstruction& load = code_[detour.instruction];
    out_.L(detour.from);
    note(detour.instruction);
    if (info(load.operation).format == OperandFormat::kIndexed) {
      // A position, as most are, in a packet of less than 2^31 bytes: there is nothing there.
      out_.mov(scratch_, out_.dword[field(offsetof(LoadRequest, captured))]);
      out_.or_(scratch_, scratch2_);
      out_.jns(reject_);
    }
    out_.mov(out_.dword[field(offsetof(LoadRequest, k))], load.k);
    out_.mov(out_.byte[field(offsetof(LoadRequest, operation))],
             static_cast<std::uint8_t>(load.operation));
    out_.call(request_);
    Label ends;
    out_.jnz(ends);
    if (detour.into_x) {
      out_.mov(x_, scratch_);
      out_.and_(x_, 0xf);
      out_.shl(x_, 2);
    } else {
      out_.mov(a_, scratch_);
    }
    out_.jmp(detour.back);
    out_.L(ends);
    out_.mov(a_, scratch_);
    leave();
  }

  // Leaves the value in ecx, and the zero flag set where the program goes on.
  constexpr int kReturnAddress = 8;
  const auto here = [&](std::size_t offset) { return field(offset, kReturnAddress); };
  const int saved = saved_at_ + kReturnAddress;
  out_.L(request_);
  out_.mov(out_.qword[here(offsetof(LoadRequest, data))], data_);
  out_.mov(out_.qword[here(offsetof(LoadRequest, context))], context_);
  out_.mov(out_.dword[here(offsetof(LoadRequest, length))], length_);
  out_.mov(out_.dword[here(offsetof(LoadRequest, a))], a_);
  out_.mov(out_.dword[here(offsetof(LoadRequest, x))], x_);
  out_.mov(out_.byte[here(offsetof(LoadRequest, rules))], static_cast<std::uint8_t>(rules_));
  out_.mov(out_.dword[out_.rsp + saved], Xbyak::util::r9d);
  out_.mov(out_.dword[out_.rsp + saved + 4], captured_);
  out_.lea(out_.rdi, out_.ptr[here(0)]);
  out_.mov(out_.rax, reinterpret_cast<std::uint64_t>(&answer));
  out_.sub(out_.rsp, 8);
  out_.call(out_.rax);
  out_.add(out_.rsp, 8);
  out_.mov(out_.rdx, out_.rax);
  out_.mov(scratch_, a_);
  out_.mov(data_, out_.qword[here(offsetof(LoadRequest, data))]);
  out_.mov(context_, out_.qword[here(offsetof(LoadRequest, context))]);
  out_.mov(length_, out_.dword[here(offsetof(LoadRequest, length))]);
  out_.mov(a_, out_.dword[here(offsetof(LoadRequest, a))]);
  out_.mov(x_, out_.dword[here(offsetof(LoadRequest, x))]);
  out_.mov(Xbyak::util::r9d, out_.dword[out_.rsp + saved]);
  out_.mov(captured_, out_.dword[out_.rsp + saved + 4]);
  out_.shr(out_.rdx, 32);
  out_.ret();
}

}  // namespace

void emit_scalar_code(Assembler& out, ConstantPool& pool, const VerifiedProgram& program,
                      const Flow& flow, const NeededLengths& lengths, const ScalarEntries& entries,
                      std::vector<CodeLocation>* locations) {
  ScalarEmitter(out, pool, program, flow, lengths, entries, locations).run();
}

}  // namespace bpfc::jit
