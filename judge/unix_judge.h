// Judges on a pair of AF_UNIX datagram sockets: no privileges, about 3 microseconds a verdict.
#pragma once

#include <memory>

#include "judge/datagram_pair.h"
#include "judge/kernel_judge.h"

namespace bpfc::judge {

// Packets of no bytes are not judged, nor those larger than a datagram may be here.
class UnixJudge final : public KernelJudge {
 public:
  // Keeps the calling thread, which has to ask for the verdicts, on one processor: the filter runs
  // in send(). An error: why this kernel or sandbox cannot judge.
  static Expected<std::unique_ptr<UnixJudge>, std::string> make();

  const char* name() const override { return "AF_UNIX"; }
  std::size_t most_programs() const override { return 64; }
  Expected<Judgement, std::string> verdicts(
      std::span<const VerifiedProgram> programs,
      std::span<const std::vector<std::uint8_t>> packets) override;

 private:
  UnixJudge(DatagramPair pair, std::uint32_t processor)
      : pair_(std::move(pair)), processor_(processor) {}

  DatagramPair pair_;
  std::uint32_t processor_;
};

}  // namespace bpfc::judge
