#include "bpfc/verify.h"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <utility>

#include "vm/ancillary.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

using MaybeError = std::optional<VerifyError>;

VerifyError error_at(std::size_t index, VerifyRule rule, const std::string& what) {
  return {index, rule, fmt::format("instruction {}: {}", index, what)};
}

// bpf_validate() takes an int; targets are 32 bits wide.
constexpr std::size_t kLibpcapMaxInstructions = std::numeric_limits<std::int32_t>::max();

MaybeError check_length(std::size_t length, Rules rules) {
  if (length == 0) {
    return VerifyError{0, VerifyRule::kEmpty, "the program has no instructions"};
  }
  const std::size_t limit =
      rules == Rules::kKernel ? kKernelMaxInstructions : kLibpcapMaxInstructions;
  if (length <= limit) return std::nullopt;
  return VerifyError{
      limit, VerifyRule::kTooLong,
      fmt::format("the program has {} instructions, and {} are allowed", length, limit)};
}

// Where `ja` at `index` goes. The kernel's offsets are unsigned, libpcap's signed; both wrap at
// 2^32, so that one sum serves for either, and the kernel's check is that nothing wrapped.
std::uint32_t jump_target(std::size_t index, std::uint32_t k) {
  return static_cast<std::uint32_t>(index) + 1 + k;
}

MaybeError check_jump(std::size_t index, std::uint32_t k, std::size_t length, Rules rules) {
  const bool forward_only = rules == Rules::kKernel;
  const bool in_range =
      forward_only ? k < length - index - 1 : std::size_t{jump_target(index, k)} < length;
  if (in_range) return std::nullopt;
  return error_at(index, VerifyRule::kJumpOutOfRange,
                  forward_only && std::size_t{jump_target(index, k)} <= index
                      ? "jumps backward"
                      : "jumps past the last instruction");
}

MaybeError check_branch(std::size_t index, const Instruction& instruction, std::size_t length) {
  const std::size_t next = index + 1;
  if (next + instruction.jt < length && next + instruction.jf < length) return std::nullopt;
  return error_at(index, VerifyRule::kJumpOutOfRange, "jumps past the last instruction");
}

// The arithmetic that is refused for its constant operand.
MaybeError check_constant(std::size_t index, Operation operation, std::uint32_t k, Rules rules) {
  switch (operation) {
    case Operation::kDivideConstant:
    case Operation::kModuloConstant:
      if (k != 0) return std::nullopt;
      return error_at(index, VerifyRule::kDivisionByZero,
                      fmt::format("{} by the constant 0", info(operation).mnemonic));
    case Operation::kShiftLeftConstant:
    case Operation::kShiftRightConstant:
      if (k < 32 || rules != Rules::kKernel) return std::nullopt;
      return error_at(index, VerifyRule::kShiftTooFar, fmt::format("shifts by {} bits", k));
    default:
      return std::nullopt;
  }
}

// The rules that an instruction obeys or breaks whatever stands around it.
MaybeError check_instruction(std::size_t index, const Instruction& instruction, std::size_t length,
                             Rules rules) {
  const auto operation = decode(instruction.code);
  if (!operation) {
    return error_at(index, VerifyRule::kUnknownOpcode,
                    fmt::format("opcode {:#x} does not exist", instruction.code));
  }
  const OperationInfo& row = info(*operation);
  if (row.format == OperandFormat::kCell && instruction.k >= kScratchCells) {
    return error_at(index, VerifyRule::kScratchOutOfRange,
                    fmt::format("M[{}] does not exist", instruction.k));
  }
  if (row.kind == OperationClass::kArithmetic) {
    return check_constant(index, *operation, instruction.k, rules);
  }
  if (row.kind == OperationClass::kJump) {
    return check_jump(index, instruction.k, length, rules);
  }
  if (row.kind == OperationClass::kBranch) return check_branch(index, instruction, length);
  if (row.format == OperandFormat::kAbsolute && rules == Rules::kKernel &&
      instruction.k >= kAncillaryBase && !find_ancillary(instruction.k)) {
    return error_at(index, VerifyRule::kUnknownAncillary,
                    fmt::format("there is no ancillary load {}", instruction.k - kAncillaryBase));
  }
  return std::nullopt;
}

DecodedInstruction decode_instruction(std::size_t index, const Instruction& instruction) {
  const Operation operation = *decode(instruction.code);
  const auto next = static_cast<std::uint32_t>(index + 1);
  DecodedInstruction decoded{operation, instruction.k, next, next};
  const OperationClass kind = info(operation).kind;
  if (kind == OperationClass::kJump) {
    decoded.on_true = decoded.on_false = jump_target(index, instruction.k);
  } else if (kind == OperationClass::kBranch) {
    decoded.on_true = next + instruction.jt;
    decoded.on_false = next + instruction.jf;
  }
  return decoded;
}

// The kernel's check_load_and_stores: one pass from the first instruction to the last, in which
// state flows from each instruction into the next, also out of a `ret`; only after a jump does it
// start from "all written". Jumps go forward, so whatever jumps to an instruction has been seen
// before it. This refuses some programs that never read an unwritten cell, and it lets pass reads
// that are unreachable: which ones is part of the rule.
MaybeError check_cells_written(std::span<const DecodedInstruction> code) {
  constexpr std::uint16_t kAllWritten = 0xffff;
  std::vector<std::uint16_t> written_at(code.size(), kAllWritten);
  std::uint16_t written = 0;
  for (std::size_t index = 0; index < code.size(); ++index) {
    const DecodedInstruction& now = code[index];
    written &= written_at[index];
    switch (info(now.operation).kind) {
      case OperationClass::kStore:
        written = static_cast<std::uint16_t>(written | 1U << now.k);
        break;
      case OperationClass::kValueLoad:
        if (info(now.operation).format == OperandFormat::kCell && (written >> now.k & 1U) == 0) {
          return error_at(index, VerifyRule::kScratchUnwritten,
                          fmt::format("M[{}] is read where it may not have been written", now.k));
        }
        break;
      case OperationClass::kJump:
      case OperationClass::kBranch:
        written_at[now.on_true] &= written;
        written_at[now.on_false] &= written;
        written = kAllWritten;
        break;
      default:
        break;
    }
  }
  return std::nullopt;
}

}  // namespace

Expected<VerifiedProgram, VerifyError> verify(std::span<const Instruction> program, Rules rules) {
  if (auto error = check_length(program.size(), rules)) return tl::unexpected(*std::move(error));
  VerifiedProgram verified;
  verified.decoded_.reserve(program.size());
  for (std::size_t index = 0; index < program.size(); ++index) {
    if (auto error = check_instruction(index, program[index], program.size(), rules)) {
      return tl::unexpected(*std::move(error));
    }
    verified.decoded_.push_back(decode_instruction(index, program[index]));
  }
  if (info(verified.decoded_.back().operation).kind != OperationClass::kReturn) {
    return tl::unexpected(
        error_at(program.size() - 1, VerifyRule::kNoReturn, "the last instruction is not a ret"));
  }
  if (rules == Rules::kKernel) {
    if (auto error = check_cells_written(verified.decoded_))
      return tl::unexpected(*std::move(error));
  }
  verified.program_.assign(program.begin(), program.end());
  verified.rules_ = rules;
  return verified;
}

}  // namespace bpfc
