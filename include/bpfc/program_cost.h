// What a program costs: how long the ways through it are, and which instructions packets execute.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bpfc/interpreter.h"
#include "bpfc/verify.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// Counts of executed instructions.
struct PathLength {
  std::uint32_t shortest = 0;
  std::uint32_t longest = 0;

  friend bool operator==(const PathLength&, const PathLength&) = default;
};

struct ProgramPaths {
  PathLength whole;            // from the first instruction through a return
  std::vector<PathLength> to;  // of each instruction, itself included; 0: no way leads there
};

// Ways as the jumps allow them, whether a packet takes them or not, and without the ends that loads
// out of bounds make. None for a program that jumps backwards. Linear; thread-safe.
std::optional<ProgramPaths> measure_paths(const VerifiedProgram& program);

// interpret(), and visits[i] is increased each time that instruction i is executed. `visits` must
// have an element for each instruction. Slower than interpret(). Thread-safe.
std::uint32_t interpret_counting(const VerifiedProgram& program, const Packet& packet,
                                 std::span<std::uint64_t> visits,
                                 std::uint64_t step_limit = 1U << 20);

}  // namespace bpfc
