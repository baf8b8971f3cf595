#include "jit/vector_values.h"

#include "jit/vector_frame.h"

namespace bpfc::jit {

using namespace frame;  // NOLINT(google-build-using-namespace): a few names of registers

VectorValues::VectorValues(const VectorProgram& program, const VectorSchedule& schedule,
                           VectorConstants& constants, VectorPlaces& places, VectorLoads& loads,
                           Assembler& code)
    : program_(program),
      schedule_(schedule),
      constants_(constants),
      places_(places),
      loads_(loads),
      code_(code) {}

void VectorValues::begin_block(std::uint32_t block, const Xbyak::Opmask& lanes) {
  block_ = block;
  lanes_ = lanes;
}

void VectorValues::end_block(std::uint32_t block) {
  for (const ValueId value : schedule_.ending_in(block)) places_.release(value);
}

void VectorValues::compute(ValueId value) {
  if (value == kNoValue || places_.has(value)) return;
  const VectorValue& of = program_.values[value];
  switch (of.kind) {
    case VectorValueKind::kConstant:
    case VectorValueKind::kWireLength:
    case VectorValueKind::kMerge:
      return;
    case VectorValueKind::kRemaining:
      compute(of.left);
      return compute_remaining(value);
    case VectorValueKind::kArithmetic:
      compute(of.left);
      compute(of.right);
      return compute_arithmetic(value);
    case VectorValueKind::kLoad:
      compute(of.left);
      compute(of.remaining);
      return loads_.compute(value, block_, lanes_);
  }
}

// max(captured, left) - left: what is not there is 0.
void VectorValues::compute_remaining(ValueId value) {
  const Ymm to = places_.target(value);
  const Ymm left = places_.in_register(program_.values[value].left, Ymm(1));
  code_.vpmaxud(Ymm(0), kCaptured, left);
  code_.vpsubd(to, Ymm(0), left);
  places_.put(value, to);
}

void VectorValues::compute_arithmetic(ValueId value) {
  const VectorValue& of = program_.values[value];
  const Ymm to = places_.target(value);
  const Ymm left = places_.in_register(of.left, Ymm(1));
  if (of.arithmetic == Arithmetic::kShiftLeft || of.arithmetic == Arithmetic::kShiftRight) {
    compute_shift(value, to, left);
    return places_.put(value, to);
  }
  places_.with_operand(of.right, [&](const Xbyak::Operand& operand) {
    switch (of.arithmetic) {
      case Arithmetic::kAdd:
        return code_.vpaddd(to, left, operand);
      case Arithmetic::kSubtract:
        return code_.vpsubd(to, left, operand);
      case Arithmetic::kMultiply:
        return code_.vpmulld(to, left, operand);
      case Arithmetic::kAnd:
        return code_.vpandd(to, left, operand);
      case Arithmetic::kOr:
        return code_.vpord(to, left, operand);
      case Arithmetic::kXor:
        return code_.vpxord(to, left, operand);
      case Arithmetic::kNegate:
        code_.vpxor(Xmm(0), Xmm(0), Xmm(0));
        return code_.vpsubd(to, Ymm(0), left);
      default:
        return;  // divisions and shifts were something else
    }
  });
  places_.put(value, to);
}

void VectorValues::compute_shift(ValueId value, const Xbyak::Ymm& to, const Xbyak::Ymm& left) {
  const VectorValue& of = program_.values[value];
  const VectorValue& right = program_.values[of.right];
  const bool to_left = of.arithmetic == Arithmetic::kShiftLeft;
  if (right.kind == VectorValueKind::kConstant) {
    const auto distance = shift_distance(right.k, program_.rules);
    // The instructions too shift all out at 32.
    const auto count = static_cast<std::uint8_t>(distance.value_or(32));
    if (to_left) {
      code_.vpslld(to, left, count);
    } else {
      code_.vpsrld(to, left, count);
    }
    return;
  }
  Ymm count = places_.in_register(of.right, Ymm(2));
  if (program_.rules == Rules::kKernel) {
    code_.vpandd(Ymm(2), count, constants_.broadcast(31));
    count = Ymm(2);
  }
  if (to_left) {
    code_.vpsllvd(to, left, count);
  } else {
    code_.vpsrlvd(to, left, count);
  }
}

void VectorValues::find_in(const VectorSet& set, ValueId value, const Xbyak::Opmask& within,
                           const Xbyak::Opmask& mask) {
  const Ymm of = places_.in_register(value, Ymm(4));
  for (int i = 0; i < 2; ++i) {
    const Ymm slots(i);
    code_.vpmulld(slots, of, constants_.broadcast(set.multipliers[i]));
    code_.vpsrld(slots, slots, static_cast<std::uint8_t>(set.shift));
    const Xbyak::Address entries = constants_.words(set.slots[i]);
    if (set.slots[i].size() == kFewestSlots) {
      // The whole table is two registers.
      code_.vmovdqu32(Zmm(2 + i), entries);
      code_.lea(kScratch, entries);
      code_.vpermi2d(Zmm(i), Zmm(2 + i), code_.ptr[kScratch + 64]);
    } else {
      code_.lea(kScratch, entries);
      code_.kmovb(mask, within);
      code_.vpxor(Xmm(2 + i), Xmm(2 + i), Xmm(2 + i));
      code_.vpgatherdd(Ymm(2 + i) | mask, code_.ptr[kScratch + slots * 4]);
      code_.vmovdqa(slots, Ymm(2 + i));
    }
  }
  code_.vpcmpeqd(mask | within, Ymm(0), of);
  code_.vpcmpeqd(kOther | within, Ymm(1), of);
  code_.korb(mask, mask, kOther);
}

}  // namespace bpfc::jit
