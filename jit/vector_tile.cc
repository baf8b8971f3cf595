#include "jit/vector_tile.h"

#include <algorithm>
#include <tuple>

namespace bpfc::jit {

std::vector<VectorTile> tiles_of(const VectorProgram& program) {
  const std::vector<VectorValue>& values = program.values;
  std::vector<ValueId> loads;
  for (ValueId id = 0; id < values.size(); ++id) {
    if (values[id].kind == VectorValueKind::kLoad) loads.push_back(id);
  }
  const auto place = [&](ValueId id) {
    return std::tuple(values[id].left, values[id].k, values[id].size, id);
  };
  std::sort(loads.begin(), loads.end(), [&](ValueId a, ValueId b) { return place(a) < place(b); });

  std::vector<VectorTile> tiles;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  for (const ValueId id : loads) {
    const VectorValue& load = values[id];
    const std::uint32_t end = load.k + load.size;
    const bool fits = !tiles.empty() && tiles.back().left == load.left &&
                      std::max(last, end) - first <= kTileBytes;
    if (!fits) {
      tiles.push_back({.left = load.left, .loads = {}});
      first = load.k;
      last = 0;
    }
    last = std::max(last, end);
    VectorTile& tile = tiles.back();
    tile.bytes = last - first <= kNarrowTileBytes ? kNarrowTileBytes : kTileBytes;
    tile.k = last > tile.bytes ? last - tile.bytes : 0;
    tile.loads.push_back(id);
  }
  return tiles;
}

}  // namespace bpfc::jit
