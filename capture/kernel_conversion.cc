#include "capture/kernel_conversion.h"

#include "vm/ancillary.h"
#include "vm/opcode.h"

namespace bpfc::capture {
namespace {

// struct bpf_prog up to its instructions (24 bytes less before 6.18), and one of these.
constexpr std::size_t kHeaderBytes = 96;
constexpr std::size_t kInstructionBytes = 8;

// A and X cleared, the packet saved; and where the program loads from the packet, its data and the
// length of its first fragment.
constexpr std::size_t kPrologue = 3;
constexpr std::size_t kLoadPrologue = 4;

// An offset beyond this one is no immediate of an extended load.
constexpr std::uint32_t kGreatestImmediateOffset = 0x7fff;
constexpr std::uint32_t kFirstNegativeOffset = 0x80000000U;
constexpr std::size_t kGreatestJump = 0x7fff;

struct AncillaryLength {
  AncillaryLoad load;
  std::size_t length;
};
// convert_bpf_extensions().
constexpr auto kAncillaryLengths = std::to_array<AncillaryLength>({
    {AncillaryLoad::kProtocol, 2},
    {AncillaryLoad::kPacketType, 2},
    {AncillaryLoad::kInterfaceIndex, 4},
    {AncillaryLoad::kNetlinkAttribute, 4},
    {AncillaryLoad::kNestedNetlinkAttribute, 4},
    {AncillaryLoad::kMark, 1},
    {AncillaryLoad::kQueue, 1},
    {AncillaryLoad::kHardwareType, 4},
    {AncillaryLoad::kReceiveHash, 1},
    {AncillaryLoad::kCpu, 4},
    {AncillaryLoad::kXorX, 1},
    {AncillaryLoad::kVlanTag, 1},
    {AncillaryLoad::kVlanTagPresent, 3},
    {AncillaryLoad::kPayloadOffset, 4},
    {AncillaryLoad::kRandom, 4},
    {AncillaryLoad::kVlanProtocol, 2},
});
static_assert(kAncillaryLengths.size() == kAncillaryLoads.size());

constexpr std::optional<std::size_t> ancillary_length(std::uint32_t offset) {
  for (const AncillaryLength& row : kAncillaryLengths) {
    if (ancillary_offset(row.load) == offset) return row.length;
  }
  return std::nullopt;
}

// convert_bpf_ld_abs() of an absolute load. `swapped`: of more than a byte.
constexpr std::size_t absolute_length(std::uint32_t offset, bool swapped) {
  // Four arguments, the call, and the end of the program where it failed.
  constexpr std::size_t kHelper = 8;
  // Offsets that the kernel takes as negative go to the helper at once.
  if (offset >= kFirstNegativeOffset) return kHelper;
  // The length is copied and compared, the value loaded, the helper jumped over.
  constexpr std::size_t kQuick = 4;
  return kHelper + kQuick + (offset != 0 ? 1U : 0U) + (swapped ? 1U : 0U) +
         (offset > kGreatestImmediateOffset ? 2U : 0U);
}

constexpr std::size_t indexed_length(std::uint32_t offset) { return offset != 0 ? 9 : 8; }

// A is saved in X, and both are exchanged when the load is done.
constexpr std::size_t header_length_length(std::uint32_t offset) {
  return 6 + absolute_length(offset, false);
}

// An immediate is signed, so that large ones go through a register.
bool through_register(const Instruction& instruction, const BranchParts& parts) {
  return parts.right == RightOperand::kConstant && instruction.k >= kFirstNegativeOffset;
}

// What neither falls through on failure, nor can be turned round to fall through on success, needs
// a second jump.
std::size_t branch_length(const Instruction& instruction, const BranchParts& parts) {
  const bool large = through_register(instruction, parts);
  const bool reversible = parts.comparison != Comparison::kAnyBit;
  const bool single = instruction.jf == 0 || (instruction.jt == 0 && reversible);
  return 1U + (large ? 1U : 0U) + (single ? 0U : 1U);
}

struct Converted {
  std::size_t length = 1;
  bool loads = false;  // needs the longer prologue
};

Converted convert(const Instruction& instruction, Operation operation) {
  const std::uint32_t k = instruction.k;
  switch (operation) {
    case Operation::kLoadWordAbsolute:
    case Operation::kLoadHalfAbsolute:
    case Operation::kLoadByteAbsolute:
      if (const auto length = ancillary_length(k)) return {*length, false};
      return {absolute_length(k, operation != Operation::kLoadByteAbsolute), true};
    case Operation::kLoadWordIndexed:
    case Operation::kLoadHalfIndexed:
    case Operation::kLoadByteIndexed:
      return {indexed_length(k), true};
    case Operation::kLoadXHeaderLength:
      return {header_length_length(k), true};
    case Operation::kDivideX:
    case Operation::kModuloX:
      return {5, false};
    case Operation::kReturnConstant:
      return {2, false};
    default:
      if (const auto parts = branch_parts(operation)) return {branch_length(instruction, *parts)};
      return {};
  }
}

}  // namespace

KernelConversion kernel_conversion(const VerifiedProgram& program) {
  const Program& classic = program.program();
  const auto decoded = program.decoded();
  std::vector<std::size_t> begins;
  begins.reserve(classic.size());
  std::size_t length = kPrologue;
  bool loads = false;
  for (std::size_t i = 0; i < classic.size(); ++i) {
    const Converted converted = convert(classic[i], decoded[i].operation);
    begins.push_back(length);
    length += converted.length;
    loads = loads || converted.loads;
  }
  const std::size_t shift = loads ? kLoadPrologue : 0;

  KernelConversion result{length + shift, std::nullopt};
  for (std::size_t i = 0; i < classic.size() && !result.far_jump; ++i) {
    const auto parts = branch_parts(decoded[i].operation);
    if (!parts && decoded[i].operation != Operation::kJump) continue;
    // Both jumps of a branch count from their own next instruction; the last ends the conversion.
    const std::size_t end = begins[i + 1];
    const std::size_t first = begins[i] + (parts && through_register(classic[i], *parts) ? 2U : 1U);
    // The kernel's first pass takes every target as 0, and wants that to be in reach backwards.
    if (end + shift > kGreatestJump + 1 || begins[decoded[i].on_true] - first > kGreatestJump ||
        begins[decoded[i].on_false] - end > kGreatestJump) {
      result.far_jump = i;
    }
  }
  return result;
}

std::size_t kernel_charge(std::size_t length) { return kHeaderBytes + length * kInstructionBytes; }

}  // namespace bpfc::capture
