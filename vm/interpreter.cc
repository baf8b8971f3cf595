// One loop over the decoded instructions, compiled for each set of rules, with and without counts
// of visits. The cases of arithmetic and branches come out of isa.def, what they compute out of
// arithmetic.h.
#include "bpfc/interpreter.h"

#include <algorithm>
#include <array>

#include "bpfc/program_cost.h"
#include "vm/ancillary.h"
#include "vm/arithmetic.h"
#include "vm/opcode.h"
#include "vm/packet_load.h"
#include "vm/special_load.h"

namespace bpfc {
namespace {

struct Run {
  std::uint32_t verdict = 0;
  std::uint64_t executed = 0;
};

// What one run works on.
class Machine {
 public:
  Machine(const VerifiedProgram& program, const Packet& packet, std::uint64_t step_limit)
      : code_(program.decoded().data()),
        packet_(packet),
        data_(packet.captured.data()),
        plain_length_(std::min<std::uint64_t>(
            packet.captured.size(),
            program.rules() == Rules::kKernel ? kFirstSpecialOffset : kAncillaryBase)),
        step_limit_(step_limit) {}

  // `visits` is looked at where kCounts is true.
  template <Rules kRules, bool kCounts>
  Run run(std::uint64_t* visits);

 private:
  template <Rules kRules, unsigned kSize>
  LoadOutcome load_absolute(const DecodedInstruction& now, std::uint32_t a, std::uint32_t x) const {
    if (std::uint64_t{now.k} + kSize <= plain_length_) [[likely]] {
      return {read_big_endian(data_ + now.k, kSize), false};
    }
    return load_absolute_beyond(now, a, x, packet_, kRules);
  }

  // The kernel adds modulo 2^32; for libpcap a sum past that is out of bounds.
  template <Rules kRules, unsigned kSize>
  LoadOutcome load_indexed(std::uint32_t k, std::uint32_t x) const {
    const std::uint64_t offset = kRules == Rules::kKernel ? x + k : std::uint64_t{x} + k;
    if (offset + kSize <= plain_length_) [[likely]] {
      return {read_big_endian(data_ + offset, kSize), false};
    }
    return load_indexed_beyond(offset, kSize, packet_, kRules);
  }

  const DecodedInstruction* code_;
  const Packet& packet_;
  const std::uint8_t* data_;
  std::uint64_t plain_length_;  // loads that end below it need no other look
  std::uint64_t step_limit_;
};

template <Rules kRules, bool kCounts>
Run Machine::run([[maybe_unused]] std::uint64_t* visits) {
  std::uint32_t a = 0;
  std::uint32_t x = 0;
  std::array<std::uint32_t, kScratchCells> cells{};
  const DecodedInstruction* now = code_;
  std::uint64_t executed = 0;

  for (;;) {
    ++executed;
    if constexpr (kCounts) ++visits[now - code_];
    switch (now->operation) {
      case Operation::kLoadWordAbsolute: {
        const LoadOutcome loaded = load_absolute<kRules, 4>(*now, a, x);
        if (loaded.ends_program) return {loaded.value, executed};
        a = loaded.value;
        ++now;
        break;
      }
      case Operation::kLoadHalfAbsolute: {
        const LoadOutcome loaded = load_absolute<kRules, 2>(*now, a, x);
        if (loaded.ends_program) return {loaded.value, executed};
        a = loaded.value;
        ++now;
        break;
      }
      case Operation::kLoadByteAbsolute: {
        const LoadOutcome loaded = load_absolute<kRules, 1>(*now, a, x);
        if (loaded.ends_program) return {loaded.value, executed};
        a = loaded.value;
        ++now;
        break;
      }
      case Operation::kLoadWordIndexed: {
        const LoadOutcome loaded = load_indexed<kRules, 4>(now->k, x);
        if (loaded.ends_program) return {loaded.value, executed};
        a = loaded.value;
        ++now;
        break;
      }
      case Operation::kLoadHalfIndexed: {
        const LoadOutcome loaded = load_indexed<kRules, 2>(now->k, x);
        if (loaded.ends_program) return {loaded.value, executed};
        a = loaded.value;
        ++now;
        break;
      }
      case Operation::kLoadByteIndexed: {
        const LoadOutcome loaded = load_indexed<kRules, 1>(now->k, x);
        if (loaded.ends_program) return {loaded.value, executed};
        a = loaded.value;
        ++now;
        break;
      }
      case Operation::kLoadXHeaderLength: {
        const LoadOutcome loaded = load_indexed<kRules, 1>(now->k, 0);
        if (loaded.ends_program) return {loaded.value, executed};
        x = (loaded.value & 0xf) << 2;
        ++now;
        break;
      }

      case Operation::kLoadConstant:
        a = now->k;
        ++now;
        break;
      case Operation::kLoadXConstant:
        x = now->k;
        ++now;
        break;
      case Operation::kLoadPacketLength:
        a = packet_.wire_length;
        ++now;
        break;
      case Operation::kLoadXPacketLength:
        x = packet_.wire_length;
        ++now;
        break;
      case Operation::kLoadCell:
        a = cells[now->k];
        ++now;
        break;
      case Operation::kLoadXCell:
        x = cells[now->k];
        ++now;
        break;
      case Operation::kStoreCell:
        cells[now->k] = a;
        ++now;
        break;
      case Operation::kStoreXCell:
        cells[now->k] = x;
        ++now;
        break;

#define BPFC_RIGHT_Constant now->k
#define BPFC_RIGHT_X x
#define BPFC_OPERATION(name, code, mnemonic, format, kind)
#define BPFC_ARITHMETIC(name, code, mnemonic, format, arithmetic, operand)                   \
  case Operation::k##name: {                                                                 \
    const auto result = compute(Arithmetic::k##arithmetic, a, BPFC_RIGHT_##operand, kRules); \
    if (!result) return {0, executed};                                                       \
    a = *result;                                                                             \
    ++now;                                                                                   \
    break;                                                                                   \
  }
#define BPFC_BRANCH(name, code, mnemonic, format, comparison, operand)                           \
  case Operation::k##name:                                                                       \
    now = code_ + (compare(Comparison::k##comparison, a, BPFC_RIGHT_##operand) ? now->on_true    \
                                                                               : now->on_false); \
    break;
#include "vm/isa.def"

      case Operation::kJump: {
        const DecodedInstruction* target = code_ + now->on_true;
        if constexpr (kRules == Rules::kLibpcap) {
          if (target <= now && executed >= step_limit_) return {0, executed};
        }
        now = target;
        break;
      }
      case Operation::kReturnConstant:
        return {now->k, executed};
      case Operation::kReturnA:
        return {a, executed};
      case Operation::kTransferAToX:
        x = a;
        ++now;
        break;
      case Operation::kTransferXToA:
        a = x;
        ++now;
        break;
    }
  }
}

}  // namespace

std::uint32_t interpret(const VerifiedProgram& program, const Packet& packet,
                        std::uint64_t* executed, std::uint64_t step_limit) {
  Machine machine(program, packet, step_limit);
  const Run run = program.rules() == Rules::kKernel ? machine.run<Rules::kKernel, false>(nullptr)
                                                    : machine.run<Rules::kLibpcap, false>(nullptr);
  if (executed != nullptr) *executed += run.executed;
  return run.verdict;
}

std::uint32_t interpret_counting(const VerifiedProgram& program, const Packet& packet,
                                 std::span<std::uint64_t> visits, std::uint64_t step_limit) {
  Machine machine(program, packet, step_limit);
  const Run run = program.rules() == Rules::kKernel
                      ? machine.run<Rules::kKernel, true>(visits.data())
                      : machine.run<Rules::kLibpcap, true>(visits.data());
  return run.verdict;
}

}  // namespace bpfc
