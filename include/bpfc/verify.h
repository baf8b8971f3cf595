// The gate between bytes that look like a program and a program that may run.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bpfc/expected.h"
#include "bpfc/program.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

enum class Rules : std::uint8_t {
  kKernel,   // what SO_ATTACH_FILTER accepts (net/core/filter.c: bpf_check_classic)
  kLibpcap,  // what pcap_setfilter accepts of programs that mean something (bpf_validate), narrowed
             // to the opcodes that have a meaning: backward `ja` and programs of any length pass
};

// The rule that an instruction breaks.
enum class VerifyRule : std::uint8_t {
  kEmpty,
  kTooLong,
  kUnknownOpcode,
  kJumpOutOfRange,
  kDivisionByZero,
  kShiftTooFar,
  kScratchOutOfRange,
  kScratchUnwritten,
  kUnknownAncillary,
  kNoReturn,
};

struct VerifyError {
  std::size_t instruction = 0;  // index into the program
  VerifyRule rule = VerifyRule::kEmpty;
  std::string message;  // one sentence that names the instruction and the rule

  friend bool operator==(const VerifyError&, const VerifyError&) = default;
};

// What an instruction does, once its bits have been decoded. One for each row of vm/isa.def.
enum class Operation : std::uint8_t;

// A decoded instruction. `on_true` and `on_false` are absolute; for `ja` both are its target; for
// what does not jump both are the next instruction.
struct DecodedInstruction {
  Operation operation{};
  std::uint32_t k = 0;
  std::uint32_t on_true = 0;
  std::uint32_t on_false = 0;
};

// A program that obeys the rules it was verified by. Only verify() makes one. Immutable, copyable;
// reading it is thread-safe.
class VerifiedProgram {
 public:
  std::span<const DecodedInstruction> decoded() const { return decoded_; }
  const Program& program() const { return program_; }
  Rules rules() const { return rules_; }

 private:
  friend Expected<VerifiedProgram, VerifyError> verify(std::span<const Instruction> program,
                                                       Rules rules);
  VerifiedProgram() = default;

  Program program_;
  std::vector<DecodedInstruction> decoded_;
  Rules rules_ = Rules::kKernel;
};

// Checks every rule; the first broken one, in the order in which the kernel would find it, is the
// error. Linear in the program's length. Thread-safe.
Expected<VerifiedProgram, VerifyError> verify(std::span<const Instruction> program, Rules rules);

}  // namespace bpfc
