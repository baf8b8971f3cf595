// A program in the form in which several packets run through it side by side, a lane each.
//
// Lanes cannot jump. So every block has a mask, the lanes that have come to it, and the blocks run
// one after the other in the order of the program, which jumps forward only. Registers and scratch
// cells are gone: what a block computes are values, each a pure function of the packet, computed
// for all lanes at once whether they need it or not, and so only once for all blocks. What ways
// bring different values of is a merge, which each way writes for its own lanes.
//
//   (0) ldh [12]                      v0 = half at 12
//   (1) jeq #0x800  jt 2  jf 4        block 0: v0 = 0x800 ? block 1 : block 2
//   (2) ldxb 4*([14]&0xf)             v1 = byte at 14, v2 = v1 & 15, v3 = v2 << 2
//   (3) ja 5                          block 1: m0 := v3 for these lanes, on to block 3
//   (4) ldx #40                       block 2: m0 := 40 for these lanes
//   (5) ldh [x + 14]                  v4 = half at m0 + 14
//   (6) jeq #80  jt 7  jf 8           block 3: reject lanes where v4 is out of bounds; v4 = 80 ?
//   ...
//
// Chains and trees of branches on one value against constants are sets: one exit of many ways.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "bpfc/verify.h"
#include "vm/arithmetic.h"
#include "vm/flow.h"
#include "vm/partition.h"

namespace bpfc::jit {

// An index into VectorProgram::values.
using ValueId = std::uint32_t;
inline constexpr ValueId kNoValue = std::numeric_limits<ValueId>::max();

enum class VectorValueKind : std::uint8_t {
  kConstant,    // k
  kWireLength,  // ld #pktlen
  kRemaining,   // captured bytes behind the first `left` ones; 0: no more than these
  kLoad,        // `size` bytes at left + k; without `left`, at k
  kArithmetic,  // left op right
  kMerge,       // what each way wrote
};

struct VectorValue {
  VectorValueKind kind = VectorValueKind::kConstant;
  Arithmetic arithmetic = Arithmetic::kAdd;
  std::uint8_t size = 0;
  ValueId left = kNoValue;
  ValueId right = kNoValue;
  ValueId remaining = kNoValue;  // of a load with `left`: what remains behind that
  std::uint32_t k = 0;
  std::uint32_t maximum = std::numeric_limits<std::uint32_t>::max();  // never greater than this
};

// What a lane must fulfil to stay in a block.
struct VectorCheck {
  ValueId load = kNoValue;       // one with `left`: it lies within the captured bytes
  ValueId remaining = kNoValue;  // behind its `left`
};

// Where lanes go on; kNoBlock never stands here.
struct VectorWay {
  std::uint32_t block = 0;
  struct Write {
    ValueId merge = kNoValue;
    ValueId value = kNoValue;
  };
  std::vector<Write> writes;
};

enum class VectorExitKind : std::uint8_t {
  kReturn,  // `left`
  kOnward,  // ways[0]
  kBranch,  // left `comparison` right ? ways[0] : ways[1]
  kSet,     // by which of `pieces` holds `left`
};

struct VectorExit {
  VectorExitKind kind = VectorExitKind::kReturn;
  Comparison comparison = Comparison::kEqual;
  ValueId left = kNoValue;
  ValueId right = kNoValue;
  // No two lead to the same block.
  std::vector<VectorWay> ways;
  // kSet: the ranges that lead to ways[1], ways[2]...; all others lead to ways[0].
  struct Range {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
  };
  std::vector<std::vector<Range>> ranges;
};

struct VectorBlock {
  bool reached = false;
  std::vector<VectorCheck> checks;
  VectorExit exit;
};

struct VectorProgram {
  std::vector<VectorValue> values;
  std::vector<VectorBlock> blocks;  // the flow's; ways lead to greater indices
  Rules rules = Rules::kKernel;
};

// Loads at constant offsets that end here or before are made of every packet that is long enough
// for all of them; others are checked.
inline constexpr std::uint32_t kUncheckedEnd = 64;
// X + k from here on is no position by the kernel's rules, and nothing that we look at by
// libpcap's.
inline constexpr std::uint32_t kPositionEnd = 0x80000000U;

// Of a program with more blocks that lanes come to, returns of constants not counted, one packet at
// a time takes less long: it does not run them all.
inline constexpr std::size_t kMostVectorBlocks = 40;

// None: the program jumps backwards, divides by what is no power of two, loads what lies beside the
// packet's bytes, or is too large. Near linear in the program's length.
std::optional<VectorProgram> to_vector_program(const VerifiedProgram& program, const Flow& flow);

}  // namespace bpfc::jit
