// Which registers an instruction reads and writes.
#pragma once

#include <cstdint>

#include "vm/opcode.h"

namespace bpfc {

// A, X and the scratch cells, a bit each.
using RegisterSet = std::uint32_t;
inline constexpr std::uint32_t kFirstCellBit = 2;
inline constexpr std::uint32_t kRegisters = kFirstCellBit + kScratchCells;
inline constexpr RegisterSet kLiveA = 1U << 0U;
inline constexpr RegisterSet kLiveX = 1U << 1U;
constexpr RegisterSet live_cell(std::uint32_t cell) { return 1U << (kFirstCellBit + cell); }
inline constexpr RegisterSet kAllLive = (1U << kRegisters) - 1;
inline constexpr RegisterSet kAllCellsLive = kAllLive & ~(kLiveA | kLiveX);

struct RegisterUse {
  RegisterSet reads = 0;
  RegisterSet writes = 0;
};

// `k` is the instruction's; cells must exist.
constexpr RegisterUse register_use(Operation operation, std::uint32_t k) {
  const OperationInfo& row = info(operation);
  switch (row.kind) {
    case OperationClass::kPacketLoad:
      if (row.format == OperandFormat::kHeaderLength) return {0, kLiveX};
      if (row.format == OperandFormat::kIndexed) return {kLiveX, kLiveA};
      // Some ancillary loads read A and X, and without a device A is what the program returns.
      return {k >= kAncillaryBase ? kLiveA | kLiveX : 0, kLiveA};
    case OperationClass::kArithmetic:
      return {row.format == OperandFormat::kIndexRegister ? kLiveA | kLiveX : kLiveA, kLiveA};
    case OperationClass::kBranch:
      return {row.format == OperandFormat::kIndexRegister ? kLiveA | kLiveX : kLiveA, 0};
    default:
      break;
  }
  switch (operation) {
    case Operation::kLoadConstant:
    case Operation::kLoadPacketLength:
      return {0, kLiveA};
    case Operation::kLoadXConstant:
    case Operation::kLoadXPacketLength:
      return {0, kLiveX};
    case Operation::kLoadCell:
      return {live_cell(k), kLiveA};
    case Operation::kLoadXCell:
      return {live_cell(k), kLiveX};
    case Operation::kStoreCell:
      return {kLiveA, live_cell(k)};
    case Operation::kStoreXCell:
      return {kLiveX, live_cell(k)};
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

}  // namespace bpfc
