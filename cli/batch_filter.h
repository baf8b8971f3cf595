// A program on many packets, by the fastest engine that can be had here.
#pragma once

#include <cstdint>
#include <span>
#include <variant>

#include "bpfc/interpreter.h"
#include "bpfc/jit.h"
#include "bpfc/packet.h"
#include "bpfc/verify.h"

namespace bpfc::cli {

// Machine code; where the system forbids that, the interpreter.
class BatchFilter {
 public:
  explicit BatchFilter(const VerifiedProgram& program);

  // A verdict for each packet. `verdicts` has room for as many.
  void run(std::span<const PacketView> packets, std::span<std::uint32_t> verdicts) const {
    std::visit([&](const auto& engine) { engine.run_batch(packets, verdicts); }, engine_);
  }

 private:
  std::variant<Jit, Interpreter> engine_;
};

}  // namespace bpfc::cli
