// Machine code that tells, without branches, whether a value is in a set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "jit/assembler.h"
#include "jit/constant_pool.h"
#include "vm/partition.h"

namespace bpfc::jit {

// A partition whose pieces lead to two blocks only.
struct ValueSet {
  std::vector<PartitionPiece> members;  // ascending; fewer, or as many, as there are gaps
  std::uint32_t inside = 0;             // blocks
  std::uint32_t outside = 0;
};
// None: it leads to one, or to more than two.
std::optional<ValueSet> as_set(const Partition& partition);

// A search takes some 15 instructions. It pays for sets that have more ranges than this: fewer
// are compared with, one after the other, sooner.
inline constexpr std::size_t kMostRangesCompared = 4;

// `value` is kept, the others are not.
struct SearchRegisters {
  Xbyak::Reg32 value;
  Xbyak::Reg64 scratch;
  Xbyak::Reg64 found;
};

// Leaves 0 in `found`, and the zero flag set, where the value is not in the set, else another
// number and the flag cleared. Changes xmm0.
void emit_set_search(Assembler& out, ConstantPool& pool, const ValueSet& set,
                     const SearchRegisters& registers);

}  // namespace bpfc::jit
