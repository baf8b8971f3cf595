// Loads that are made together: a window of 16 bytes of every packet, out of which up to any number
// of values is shuffled. For halves at 12 and a byte at 14 and a word at 20 the window is 8 to 24.
#pragma once

#include <cstdint>
#include <vector>

#include "jit/vector_program.h"

namespace bpfc::jit {

inline constexpr std::uint32_t kTileBytes = 16;

struct VectorTile {
  ValueId left = kNoValue;  // as the loads'
  std::uint32_t k = 0;      // where the window starts, from `left` on
  std::vector<ValueId> loads;

  std::uint32_t end() const { return k + kTileBytes; }
};

// Every load of the program in one of them. A window ends with its last load, unless it would start
// in front of the packet.
std::vector<VectorTile> tiles_of(const VectorProgram& program);

}  // namespace bpfc::jit
