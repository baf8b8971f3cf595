// Judges on a pair of AF_UNIX datagram sockets: no privileges, about 3 microseconds a verdict.
#pragma once

#include <memory>

#include "tests/oracle/kernel_judge.h"
#include "tests/oracle/kernel_socket.h"

namespace bpfc::oracle {

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
  explicit UnixJudge(std::uint32_t processor) : processor_(processor) {}

  testing::KernelSocket socket_;
  std::uint32_t processor_;
};

}  // namespace bpfc::oracle
