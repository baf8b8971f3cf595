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

#include <bit>

#include "jit/load_request.h"
#include "jit/scalar_emitter.h"
#include "jit/set_search.h"
#include "vm/packet_load.h"
#include "vm/partition.h"

namespace bpfc::jit {
namespace {

constexpr std::uint64_t kStepLimit = std::uint64_t{1} << 20U;  // interpret()'s

std::uint32_t swapped(std::uint32_t value, std::uint32_t size) {
  return __builtin_bswap32(value) >> (32 - 8 * size);
}

}  // namespace

ScalarNeeds ScalarEmitter::find_needs() const {
  ScalarNeeds needs;
  for (const FlowBlock& block : flow_.blocks()) {
    for (std::uint32_t i = block.first; i <= block.last; ++i) {
      const DecodedInstruction& now = code_[i];
      const RegisterUse use = register_use(now.operation, now.k);
      needs.cells |= (use.reads | use.writes) & kAllCellsLive;
      needs.wire_length |= info(now.operation).format == OperandFormat::kPacketLength;
      if (info(now.operation).kind != OperationClass::kPacketLoad || lengths_.is_covered(i))
        continue;
      const bool indexed = info(now.operation).format == OperandFormat::kIndexed;
      needs.requests |= !is_direct(now) || (indexed && rules_ == Rules::kKernel);
      needs.bound |= indexed;
    }
  }
  needs.context = needs.requests;
  needs.wire_length |= needs.requests;
  return needs;
}

void ScalarEmitter::assign_places() {
  std::vector<int> free = {Xbyak::Operand::R9};
  if (!needs_.context) free.push_back(Xbyak::Operand::R10);
  if (!needs_.wire_length) free.push_back(Xbyak::Operand::R11);
  int size = 0;
  for (std::uint32_t cell = 0; cell < kScratchCells; ++cell) {
    places_[cell].in_register = -1;
    if ((needs_.cells & live_cell(cell)) == 0) continue;
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
  if (!needs_.requests) {
    // Nothing is called, so what lies below the stack's end is free (the red zone of 128 bytes,
    // System V ABI), and debuggers find the caller.
    static_assert(kScratchCells * sizeof(std::uint32_t) + sizeof(std::uint64_t) <= 128);
    for (CellPlace& place : places_) place.on_stack -= size;
    steps_at_ -= size;
    return;
  }
  // Calls want the stack at a multiple of 16; the return address is on it already.
  frame_ = (size + 15) / 16 * 16 + 8;
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
  const RegisterSet live = flow_.live_in(0);
  if ((live & kLiveA) != 0) out_.xor_(a_, a_);
  if ((live & kLiveX) != 0) out_.xor_(x_, x_);
  for (std::uint32_t cell = 0; cell < kScratchCells; ++cell) {
    if ((live & needs_.cells & live_cell(cell)) == 0) continue;
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
    for (const auto& [bit, value] : continuation.values) {
      if (bit == kLiveA || bit == kLiveX) continue;
      const auto cell = static_cast<std::uint32_t>(std::countr_zero(bit)) - kFirstCellBit;
      if (places_[cell].in_register >= 0) {
        materialize(value, cell_register(cell));
      } else {
        materialize(value, scratch_);
        out_.mov(cell_on_stack(cell), scratch_);
      }
    }
    for (const auto& [bit, value] : continuation.values) {
      if (bit == kLiveA) materialize(value, a_);
      if (bit == kLiveX) materialize(value, x_);
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

void emit_scalar_code(Assembler& out, ConstantPool& pool, const VerifiedProgram& program,
                      const Flow& flow, const NeededLengths& lengths, const ScalarEntries& entries,
                      std::vector<CodeLocation>* locations) {
  ScalarEmitter(out, pool, program, flow, lengths, entries, locations).run();
}

}  // namespace bpfc::jit
