#include "judge/trace.h"

#include <array>

#include "judge/test_packet.h"
#include "vm/opcode.h"
#include "vm/packet_load.h"

namespace bpfc::judge {
namespace {

constexpr std::uint64_t kMostSteps = 1U << 16U;

class Tracer {
 public:
  Tracer(const VerifiedProgram& program, const Packet& packet, Trace& result)
      : program_(program), packet_(packet), result_(result) {}

  void run();

 private:
  std::uint32_t add(const Term& term) {
    result_.terms.push_back(term);
    return static_cast<std::uint32_t>(result_.terms.size() - 1);
  }
  std::uint32_t constant(std::uint32_t value) { return add({.value = value}); }
  std::uint32_t value(std::uint32_t term) const { return result_.terms[term].value; }
  bool varies(std::uint32_t term) const { return result_.terms[term].varies; }
  std::uint32_t length() {
    return add({.kind = TermKind::kWireLength, .varies = true, .value = packet_.wire_length});
  }

  // These end the program, with ended_with_, where they return false.
  bool load(std::uint64_t offset, unsigned size, std::uint32_t& into);
  bool load_absolute(std::uint32_t k, unsigned size);
  bool load_ancillary_field(const AncillaryInfo& info);
  bool compute_term(Arithmetic arithmetic, std::uint32_t left, std::uint32_t right,
                    std::uint32_t& into);
  bool load_header_length(std::uint32_t k);
  // What is no jump and no return.
  bool step(const DecodedInstruction& now);

  const VerifiedProgram& program_;
  const Packet& packet_;
  Trace& result_;
  std::uint32_t a_ = 0;  // registers and cells are terms
  std::uint32_t x_ = 0;
  std::array<std::uint32_t, kScratchCells> cells_{};
  std::uint32_t ended_with_ = 0;
};

bool Tracer::load(std::uint64_t offset, unsigned size, std::uint32_t& into) {
  std::uint64_t position = offset;
  if (program_.rules() == Rules::kKernel) {
    const auto found = kernel_position(packet_, static_cast<std::uint32_t>(offset));
    if (!found) return false;
    position = *found;
  } else if (offset + size > kAncillaryBase) {
    return false;
  }
  if (position + size > packet_.captured.size()) {
    result_.missing_end = position + size;
    return false;
  }
  into = add({.kind = TermKind::kBytes,
              .varies = true,
              .size = static_cast<std::uint8_t>(size),
              .value = read_big_endian(packet_.captured.data() + position, size),
              .position = static_cast<std::uint32_t>(position)});
  return true;
}

bool Tracer::load_absolute(std::uint32_t k, unsigned size) {
  const auto ancillary = k >= kAncillaryBase ? find_ancillary(k) : std::nullopt;
  if (!ancillary) return load(k, size, a_);
  // pcap_filter_with_aux_data() knows two, only as ldb, only where there is such data.
  const bool vlan = ancillary->load == AncillaryLoad::kVlanTag ||
                    ancillary->load == AncillaryLoad::kVlanTagPresent;
  if (program_.rules() == Rules::kLibpcap && (!vlan || size != 1 || packet_.ancillary == nullptr)) {
    return false;
  }
  return load_ancillary_field(*ancillary);
}

bool Tracer::load_ancillary_field(const AncillaryInfo& info) {
  if (info.load == AncillaryLoad::kXorX) return compute_term(Arithmetic::kXor, a_, x_, a_);
  const LoadOutcome outcome = load_ancillary(info.load, value(a_), value(x_), packet_);
  if (outcome.ends_program) {
    ended_with_ = outcome.value;
    return false;
  }
  const bool stored =
      packet_.ancillary != nullptr && ancillary_field(*packet_.ancillary, info.load).has_value();
  a_ = stored ? add({.kind = TermKind::kAncillary,
                     .varies = true,
                     .load = info.load,
                     .value = outcome.value})
              : constant(outcome.value);
  return true;
}

bool Tracer::compute_term(Arithmetic arithmetic, std::uint32_t left, std::uint32_t right,
                          std::uint32_t& into) {
  const auto computed = compute(arithmetic, value(left), value(right), program_.rules());
  if (!computed) return false;
  into = add({.kind = TermKind::kArithmetic,
              .varies = varies(left) || varies(right),
              .arithmetic = arithmetic,
              .value = *computed,
              .left = left,
              .right = right});
  return true;
}

bool Tracer::load_header_length(std::uint32_t k) {
  constexpr std::uint32_t kWords = 0xf;
  std::uint32_t byte = 0;
  std::uint32_t words = 0;
  return load(k, 1, byte) && compute_term(Arithmetic::kAnd, byte, constant(kWords), words) &&
         compute_term(Arithmetic::kShiftLeft, words, constant(2), x_);
}

bool Tracer::step(const DecodedInstruction& now) {
  // The kernel adds modulo 2^32, libpcap does not.
  const auto indexed = [&] {
    const std::uint64_t sum = std::uint64_t{value(x_)} + now.k;
    return program_.rules() == Rules::kKernel ? sum & 0xffffffffU : sum;
  };
  switch (now.operation) {
    case Operation::kLoadWordAbsolute:
      return load_absolute(now.k, 4);
    case Operation::kLoadHalfAbsolute:
      return load_absolute(now.k, 2);
    case Operation::kLoadByteAbsolute:
      return load_absolute(now.k, 1);
    case Operation::kLoadWordIndexed:
      return load(indexed(), 4, a_);
    case Operation::kLoadHalfIndexed:
      return load(indexed(), 2, a_);
    case Operation::kLoadByteIndexed:
      return load(indexed(), 1, a_);
    case Operation::kLoadXHeaderLength:
      return load_header_length(now.k);
    case Operation::kLoadConstant:
      a_ = constant(now.k);
      return true;
    case Operation::kLoadXConstant:
      x_ = constant(now.k);
      return true;
    case Operation::kLoadPacketLength:
      a_ = length();
      return true;
    case Operation::kLoadXPacketLength:
      x_ = length();
      return true;
    case Operation::kLoadCell:
      a_ = cells_[now.k];
      return true;
    case Operation::kLoadXCell:
      x_ = cells_[now.k];
      return true;
    case Operation::kStoreCell:
      cells_[now.k] = a_;
      return true;
    case Operation::kStoreXCell:
      cells_[now.k] = x_;
      return true;
    case Operation::kTransferAToX:
      x_ = a_;
      return true;
    case Operation::kTransferXToA:
      a_ = x_;
      return true;
    default:
      break;
  }
  const auto parts = arithmetic_parts(now.operation);
  if (!parts) return true;
  const bool by_x = parts->right == RightOperand::kX;
  return compute_term(parts->arithmetic, a_, by_x ? x_ : constant(now.k), a_);
}

void Tracer::run() {
  result_.terms.clear();
  result_.decisions.clear();
  result_.missing_end.reset();
  result_.verdict = 0;
  result_.steps = 0;
  // What is not written reads as 0.
  constant(0);
  const auto code = program_.decoded();
  std::size_t at = 0;
  while (result_.steps++ < kMostSteps || program_.rules() == Rules::kKernel) {
    const DecodedInstruction& now = code[at];
    if (now.operation == Operation::kReturnConstant || now.operation == Operation::kReturnA) {
      result_.verdict = now.operation == Operation::kReturnA ? value(a_) : now.k;
      return;
    }
    if (now.operation == Operation::kJump) {
      at = now.on_true;
      continue;
    }
    if (const auto parts = branch_parts(now.operation)) {
      const std::uint32_t right = parts->right == RightOperand::kX ? x_ : constant(now.k);
      const bool taken = compare(parts->comparison, value(a_), value(right));
      result_.decisions.push_back(
          {static_cast<std::uint32_t>(at), parts->comparison, taken, a_, right});
      at = taken ? now.on_true : now.on_false;
      continue;
    }
    if (!step(now)) {
      result_.verdict = ended_with_;
      return;
    }
    ++at;
  }
}

}  // namespace

void trace(const VerifiedProgram& program, const Packet& packet, Trace& result) {
  Tracer(program, packet, result).run();
}

}  // namespace bpfc::judge
