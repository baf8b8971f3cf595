// An instruction as one to three of the machine's. Constants fold into them; the machine's shifts
// take the count modulo 32, as the kernel does, and a load that is not covered compares its end
// first.
#include <bit>

#include "jit/scalar_emitter.h"

namespace bpfc::jit {

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

}  // namespace bpfc::jit
