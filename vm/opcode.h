// Opcodes: the numbers of struct sock_filter's `code` and what they mean, both ways. The rows are
// in isa.def; nothing else in the project looks at the bits of a code.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bpfc/verify.h"
#include "vm/arithmetic.h"

namespace bpfc {

enum class Operation : std::uint8_t {
#define BPFC_OPERATION(name, code, mnemonic, format, kind) k##name,
#include "vm/isa.def"
};

enum class OperationClass : std::uint8_t {
  kPacketLoad,  // reads the packet or ancillary data: may end the program
  kValueLoad,   // a constant, a length or a scratch cell into A or X
  kStore,       // A or X into a scratch cell
  kArithmetic,  // A = A op operand; division may end the program
  kJump,        // ja
  kBranch,      // a conditional jump
  kReturn,
  kTransfer,  // between A and X
};

// What an instruction's operand is, and so how it is written and what k means.
enum class OperandFormat : std::uint8_t {
  kNone,             // k unused
  kAbsolute,         // [k], or an ancillary load's name
  kIndexed,          // [x + k]
  kHeaderLength,     // 4*([k]&0xf)
  kPacketLength,     // #pktlen; k unused
  kHexConstant,      // #0xk
  kDecimalConstant,  // #k
  kCell,             // M[k]
  kIndexRegister,    // x; k unused
  kTarget,           // the index of the instruction to jump to
};

struct OperationInfo {
  Operation operation;
  std::uint16_t code;
  std::string_view mnemonic;
  OperandFormat format;
  OperationClass kind;
};

inline constexpr auto kOperations = std::to_array<OperationInfo>({
#define BPFC_OPERATION(name, code, mnemonic, format, kind) \
  {Operation::k##name, code, mnemonic, OperandFormat::k##format, OperationClass::k##kind},
#include "vm/isa.def"
});
static_assert(kOperations.size() == 49);

constexpr const OperationInfo& info(Operation operation) {
  return kOperations[static_cast<std::size_t>(operation)];
}

constexpr std::uint16_t encode(Operation operation) { return info(operation).code; }

inline constexpr std::uint8_t kNoOperation = 0xff;
// By code; all valid ones are below 256.
inline constexpr auto kOperationByCode = [] {
  std::array<std::uint8_t, 256> by_code{};
  by_code.fill(kNoOperation);
  for (const OperationInfo& row : kOperations) {
    by_code[row.code] = static_cast<std::uint8_t>(row.operation);
  }
  return by_code;
}();

// None: not one of the 49.
constexpr std::optional<Operation> decode(std::uint16_t code) {
  if (code >= kOperationByCode.size() || kOperationByCode[code] == kNoOperation) {
    return std::nullopt;
  }
  return static_cast<Operation>(kOperationByCode[code]);
}

// How many bytes of the packet a load reads; 0: it is no packet load.
constexpr std::uint32_t load_size(Operation operation) {
  switch (operation) {
    case Operation::kLoadWordAbsolute:
    case Operation::kLoadWordIndexed:
      return 4;
    case Operation::kLoadHalfAbsolute:
    case Operation::kLoadHalfIndexed:
      return 2;
    case Operation::kLoadByteAbsolute:
    case Operation::kLoadByteIndexed:
    case Operation::kLoadXHeaderLength:
      return 1;
    default:
      return 0;
  }
}

// Whether libpcap's bpf_image() prints the columns jt and jf for this code: all codes, valid or
// not, whose class is BPF_JMP and whose operation is not BPF_JA.
constexpr bool prints_jump_columns(std::uint16_t code) {
  constexpr std::uint16_t kClassMask = 0x07;
  constexpr std::uint16_t kOperationMask = 0xf0;
  return (code & kClassMask) == (encode(Operation::kJump) & kClassMask) &&
         (code & kOperationMask) != (encode(Operation::kJump) & kOperationMask);
}

// What stands on the right of an arithmetic operation or a comparison; A is always on the left.
enum class RightOperand : std::uint8_t { kConstant, kX };

struct ArithmeticParts {
  Arithmetic arithmetic;
  RightOperand right;  // meaningless for kNegate
};
struct BranchParts {
  Comparison comparison;
  RightOperand right;
};

// None: not of class kArithmetic.
constexpr std::optional<ArithmeticParts> arithmetic_parts(Operation operation) {
  switch (operation) {
#define BPFC_OPERATION(name, code, mnemonic, format, kind)
#define BPFC_ARITHMETIC(name, code, mnemonic, format, arithmetic, operand) \
  case Operation::k##name:                                                 \
    return ArithmeticParts{Arithmetic::k##arithmetic, RightOperand::k##operand};
#include "vm/isa.def"
    default:
      return std::nullopt;
  }
}

// None: not of class kBranch.
constexpr std::optional<BranchParts> branch_parts(Operation operation) {
  switch (operation) {
#define BPFC_OPERATION(name, code, mnemonic, format, kind)
#define BPFC_BRANCH(name, code, mnemonic, format, comparison, operand) \
  case Operation::k##name:                                             \
    return BranchParts{Comparison::k##comparison, RightOperand::k##operand};
#include "vm/isa.def"
    default:
      return std::nullopt;
  }
}

}  // namespace bpfc
