// How a decision by fields becomes vectors: which bytes are loaded, what is compared at once, what
// is looked up together, and the tables of what follows.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "jit/decision_table.h"
#include "jit/field_decision.h"
#include "jit/lane_set.h"

namespace bpfc::jit {

// Most tests, which with kMostSets give 32 bits, and how far into the packet they may look.
inline constexpr std::size_t kMostFieldTests = 28;
inline constexpr std::uint32_t kFarthestField = 64;

inline constexpr std::uint32_t kVectorSize = 64;

// Bytes of the packet that are loaded together.
struct FieldWindow {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;  // 16, 32 or 64
};

// Fields that are looked up in one set together.
struct LaneSearch {
  LaneSet set;
  std::vector<std::uint32_t> tests;  // among the decision's sets; each is the lane of its number
};

// What the code is made from.
struct FieldPlan {
  FieldDecision decision;
  std::vector<FieldWindow> windows;  // all within least_captured; 64 bytes together, at most
  std::vector<LaneSearch> searches;  // other sets are searched in by themselves
  std::vector<TableLevel> levels;
  // Words of the tables: a verdict as it is, and from `first_continuation` on, one for each
  // continuation. No verdict is among those.
  std::uint32_t first_continuation = 0;
};

// None: the program is better run as it is, or this machine has no such vectors.
std::optional<FieldPlan> plan_fields(const VerifiedProgram& program, const Flow& flow,
                                     const NeededLengths& lengths);

}  // namespace bpfc::jit
