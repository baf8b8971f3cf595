// The engines of this project that are held against interpret(), a row each.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "bpfc/packet.h"
#include "bpfc/verify.h"

namespace bpfc::testing {

// Verdicts on the packets, in their order.
using Verdicts = std::function<void(std::span<const Packet>, std::span<std::uint32_t>)>;

struct Engine {
  const char* name;
  // What it says of packets of which more is known than their bytes counts.
  bool knows_context;
  // It knows only whether a verdict is 0: else it says 1.
  bool matches_only;
  // Keeps nothing of the program. Null: it cannot be here, or not this program.
  Verdicts (*prepare)(const VerifiedProgram& program);
};

std::span<const Engine> engines();

}  // namespace bpfc::testing
