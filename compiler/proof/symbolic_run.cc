#include "proof/symbolic_run.h"

namespace bpfc::proof {
namespace {

struct Use {
  std::uint32_t reads = 0;
  std::uint32_t writes = 0;
};

// A load of ancillary data reads A and X at times, and A when there is no device.
Use use_of(const DecodedInstruction& now) {
  switch (info(now.operation).kind) {
    case OperationClass::kPacketLoad: {
      if (now.operation == Operation::kLoadXHeaderLength) return {0, kLiveX};
      if (info(now.operation).format == OperandFormat::kIndexed) return {kLiveX, kLiveA};
      return {now.k >= kAncillaryBase ? kLiveA | kLiveX : 0, kLiveA};
    }
    case OperationClass::kArithmetic:
      return {arithmetic_parts(now.operation)->right == RightOperand::kX ? kLiveA | kLiveX : kLiveA,
              0};
    case OperationClass::kBranch:
      return {branch_parts(now.operation)->right == RightOperand::kX ? kLiveA | kLiveX : kLiveA, 0};
    default:
      break;
  }
  switch (now.operation) {
    case Operation::kLoadConstant:
    case Operation::kLoadPacketLength:
      return {0, kLiveA};
    case Operation::kLoadXConstant:
    case Operation::kLoadXPacketLength:
      return {0, kLiveX};
    case Operation::kLoadCell:
      return {live_cell(now.k), kLiveA};
    case Operation::kLoadXCell:
      return {live_cell(now.k), kLiveX};
    case Operation::kStoreCell:
      return {kLiveA, live_cell(now.k)};
    case Operation::kStoreXCell:
      return {kLiveX, live_cell(now.k)};
    case Operation::kTransferAToX:
      return {kLiveA, kLiveX};
    case Operation::kTransferXToA:
      return {kLiveX, kLiveA};
    case Operation::kReturnA:
      return {kLiveA, 0};
    default:
      return {};
  }
}

}  // namespace

std::vector<std::uint32_t> live_registers(const VerifiedProgram& program) {
  const auto code = program.decoded();
  std::vector<std::uint32_t> live(code.size());
  for (std::size_t at = code.size(); at-- > 0;) {
    const DecodedInstruction& now = code[at];
    std::uint32_t after = 0;
    if (info(now.operation).kind != OperationClass::kReturn) {
      after = live[now.on_true] | live[now.on_false];
    }
    const Use use = use_of(now);
    live[at] = (after & ~use.writes) | use.reads;
  }
  return live;
}

bool has_loop(const VerifiedProgram& program) {
  const auto code = program.decoded();
  for (std::size_t at = 0; at < code.size(); ++at) {
    if (info(code[at].operation).kind != OperationClass::kReturn &&
        std::min(code[at].on_true, code[at].on_false) <= at) {
      return true;
    }
  }
  return false;
}

}  // namespace bpfc::proof
