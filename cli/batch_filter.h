// A program on many packets, by the fastest engine that can be had here.
#pragma once

#include <span>

#include "bpfc/interpreter.h"
#include "bpfc/packet.h"
#include "bpfc/verify.h"

namespace bpfc::cli {

class BatchFilter {
 public:
  explicit BatchFilter(const VerifiedProgram& program) : engine_(program) {}

  // A verdict for each packet. `verdicts` has room for as many.
  void run(std::span<const PacketView> packets, std::span<std::uint32_t> verdicts) const {
    engine_.run_batch(packets, verdicts);
  }

 private:
  Interpreter engine_;
};

}  // namespace bpfc::cli
