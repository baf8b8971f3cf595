// A load past the captured bytes rejects, and so does `ret #0`. Whatever a block loads must be
// there for the program to go on, and so must what all ways on need. From the end to the start:
// `ret #0` needs more than there can be, any other return nothing, a block the largest of its
// loads' ends and of the smaller need of its two ways on. For `tcp port 80`
//
//   B0 ldh [12]; jeq #0x86dd B1 B4      needs 34
//   B1 ldb [20]; jeq #6 B2 (ret #0)     needs 56
//   B2 ldh [54]; jeq #80 (ret #1) B3    needs 56
//   B3 ldh [56]; jeq #80 ...            needs 58
//   B4 ...                              needs 34 and more
//
// a packet of 33 bytes is rejected at the start, and none of the loads before B1 needs a check.
//
// A load at X + k counts with the lowest end that X may give it, and is covered with the highest.
// That takes the ranges of X, and with it of A and M[], which flow from the start to the end. Only
// loads of which it is certain that they lie below 2^31 count: others mean something else to the
// kernel, or wrap.
#include "vm/needed_length.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "vm/ancillary.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kFarthestEnd = std::numeric_limits<std::int32_t>::max();

struct Range {
  std::uint32_t low = 0;
  std::uint32_t high = kMost;

  void join(const Range& other) {
    low = std::min(low, other.low);
    high = std::max(high, other.high);
  }
};

struct Ranges {
  Range a = {0, 0};
  Range x = {0, 0};
  std::array<Range, kScratchCells> cells{};

  Ranges() { cells.fill({0, 0}); }
  void join(const Ranges& other) {
    a.join(other.a);
    x.join(other.x);
    for (std::size_t i = 0; i < cells.size(); ++i) cells[i].join(other.cells[i]);
  }
};

Range computed(const ArithmeticParts& parts, const Range& a, const Range& right) {
  const bool exact = right.low == right.high;
  switch (parts.arithmetic) {
    case Arithmetic::kAdd:
      if (std::uint64_t{a.high} + right.high <= kMost)
        return {a.low + right.low, a.high + right.high};
      return {};
    case Arithmetic::kAnd:
      return {0, std::min(a.high, right.high)};
    case Arithmetic::kModulo:
      return {0, right.high == 0 ? 0 : std::min(a.high, right.high - 1)};
    case Arithmetic::kDivide:
      return {right.high == 0 ? 0 : a.low / right.high, a.high / std::max(right.low, 1U)};
    case Arithmetic::kShiftRight:
      if (exact && right.low < 32) return {a.low >> right.low, a.high >> right.low};
      return {0, a.high};
    case Arithmetic::kShiftLeft:
      if (exact && right.low < 32 && std::uint64_t{a.high} << right.low <= kMost) {
        return {a.low << right.low, a.high << right.low};
      }
      return {};
    case Arithmetic::kMultiply:
      if (std::uint64_t{a.high} * right.high <= kMost)
        return {a.low * right.low, a.high * right.high};
      return {};
    default:
      return {};
  }
}

// Where a packet load ends at least and at most; none: not certainly in the packet.
struct LoadEnds {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
};
std::optional<LoadEnds> ends_of_load(const DecodedInstruction& load, const Range& x) {
  const OperandFormat format = info(load.operation).format;
  const Range base = format == OperandFormat::kIndexed ? x : Range{0, 0};
  const std::uint32_t size = load_size(load.operation);
  if (std::uint64_t{base.high} + load.k + size > kFarthestEnd) return std::nullopt;
  return LoadEnds{base.low + load.k + size, base.high + load.k + size};
}

void apply(const DecodedInstruction& now, Ranges& ranges) {
  constexpr std::uint32_t kMostHeaderLength = 60;
  switch (now.operation) {
    case Operation::kLoadWordAbsolute:
    case Operation::kLoadHalfAbsolute:
    case Operation::kLoadByteAbsolute:
      ranges.a = now.k >= kAncillaryBase || load_size(now.operation) == 4
                     ? Range{}
                     : Range{0, (1U << 8 * load_size(now.operation)) - 1};
      return;
    case Operation::kLoadWordIndexed:
      ranges.a = {};
      return;
    case Operation::kLoadHalfIndexed:
    case Operation::kLoadByteIndexed:
      ranges.a = {0, (1U << 8 * load_size(now.operation)) - 1};
      return;
    case Operation::kLoadXHeaderLength:
      ranges.x = {0, kMostHeaderLength};
      return;
    case Operation::kLoadConstant:
      ranges.a = {now.k, now.k};
      return;
    case Operation::kLoadXConstant:
      ranges.x = {now.k, now.k};
      return;
    case Operation::kLoadPacketLength:
      ranges.a = {};
      return;
    case Operation::kLoadXPacketLength:
      ranges.x = {};
      return;
    case Operation::kLoadCell:
      ranges.a = ranges.cells[now.k];
      return;
    case Operation::kLoadXCell:
      ranges.x = ranges.cells[now.k];
      return;
    case Operation::kStoreCell:
      ranges.cells[now.k] = ranges.a;
      return;
    case Operation::kStoreXCell:
      ranges.cells[now.k] = ranges.x;
      return;
    case Operation::kTransferAToX:
      ranges.x = ranges.a;
      return;
    case Operation::kTransferXToA:
      ranges.a = ranges.x;
      return;
    default:
      break;
  }
  if (const auto parts = arithmetic_parts(now.operation)) {
    ranges.a = computed(*parts, ranges.a,
                        parts->right == RightOperand::kX ? ranges.x : Range{now.k, now.k});
  }
}

// Whether the program may end here returning A, which happens where there is no device.
bool may_return(const DecodedInstruction& load) {
  return load.k == ancillary_offset(AncillaryLoad::kInterfaceIndex) ||
         load.k == ancillary_offset(AncillaryLoad::kHardwareType);
}

}  // namespace

NeededLengths::NeededLengths(const VerifiedProgram& program, const Flow& flow)
    : needed_(flow.blocks().size()),
      certain_(flow.blocks().size()),
      covered_(program.decoded().size()) {
  if (flow.loops()) return;
  const std::span<const DecodedInstruction> code = program.decoded();
  const std::span<const FlowBlock> blocks = flow.blocks();

  // The loads' ends, forwards.
  std::vector<std::optional<LoadEnds>> ends(code.size());
  std::vector<std::unique_ptr<Ranges>> at_start(blocks.size());
  at_start[0] = std::make_unique<Ranges>();
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const FlowBlock& block = blocks[b];
    const auto ranges = std::move(at_start[b]);
    for (std::uint32_t i = block.first; i <= block.last; ++i) {
      if (info(code[i].operation).kind == OperationClass::kPacketLoad) {
        ends[i] = ends_of_load(code[i], ranges->x);
      }
      apply(code[i], *ranges);
    }
    for (const std::uint32_t next : {block.on_true, block.on_false}) {
      if (next == kNoBlock) continue;
      if (at_start[next]) {
        at_start[next]->join(*ranges);
      } else {
        at_start[next] = std::make_unique<Ranges>(*ranges);
      }
    }
  }

  // What is needed, backwards.
  for (std::size_t b = blocks.size(); b-- > 0;) {
    const FlowBlock& block = blocks[b];
    const DecodedInstruction& last = code[block.last];
    std::uint32_t needed = 0;
    if (block.on_true != kNoBlock) {
      needed = std::min(needed_[block.on_true], needed_[block.on_false]);
    } else if (last.operation == Operation::kReturnConstant && last.k == 0) {
      needed = kNeverAccepts;
    }
    for (std::uint32_t i = block.last + 1; i-- > block.first;) {
      if (info(code[i].operation).kind != OperationClass::kPacketLoad) continue;
      if (ends[i]) needed = std::max(needed, ends[i]->low);
      if (may_return(code[i])) needed = 0;
    }
    needed_[b] = needed;
  }

  // What is certain, forwards.
  std::fill(certain_.begin() + 1, certain_.end(), kNeverAccepts);
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const FlowBlock& block = blocks[b];
    const std::uint32_t certain = std::max(certain_[b], needed_[b]);
    std::uint32_t known = certain;
    for (std::uint32_t i = block.first; i <= block.last; ++i) {
      if (!ends[i]) continue;
      covered_[i] = ends[i]->high <= known;
      // A load that has been made has shown that much.
      known = std::max(known, ends[i]->low);
    }
    for (const std::uint32_t next : {block.on_true, block.on_false}) {
      if (next != kNoBlock) certain_[next] = std::min(certain_[next], known);
    }
  }
}

}  // namespace bpfc
