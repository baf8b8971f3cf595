// Loads that are made together: a window of every packet, 4 or 16 bytes, out of which any number of
// values is shuffled. For a half at 12, a byte at 14 and a word at 20 it is 8 to 24.
#pragma once

#include <cstdint>
#include <vector>

#include "jit/vector_program.h"

namespace bpfc::jit {

inline constexpr std::uint32_t kTileBytes = 16;
inline constexpr std::uint32_t kNarrowTileBytes = 4;

struct VectorTile {
  ValueId left = kNoValue;  // as the loads'
  std::uint32_t k = 0;      // where the window starts, from `left` on
  std::uint32_t bytes = kNarrowTileBytes;
  std::vector<ValueId> loads;

  std::uint32_t end() const { return k + bytes; }
};

// Every load of the program in one of them. A window ends with its last load, unless it would start
// in front of the packet.
std::vector<VectorTile> tiles_of(const VectorProgram& program);

}  // namespace bpfc::jit
