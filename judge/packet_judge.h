// Judges on packet sockets: raw frames sent on one end of a veth pair in a network namespace of
// its own, filters on the receiving end and on the sending end.
#pragma once

#include <memory>

#include "judge/kernel_judge.h"
#include "judge/packet_tap.h"
#include "judge/veth_pair.h"

namespace bpfc::judge {

// Frames of less than 14 bytes cannot be sent and are not judged. A frame is sighted at each end
// where it comes by: a short tagged one does not arrive, for example.
class PacketJudge final : public KernelJudge {
 public:
  static constexpr std::size_t kUsualPrograms = 32;

  // Moves the calling thread, which has to ask for the verdicts, into a network namespace and keeps
  // it on one processor. A packet takes the longer the more programs there can be, needed or not;
  // so does the end of the judge. An error: why this kernel or sandbox cannot judge.
  static Expected<std::unique_ptr<PacketJudge>, std::string> make(
      std::size_t most_programs = kUsualPrograms);
  ~PacketJudge() override;

  const char* name() const override { return "AF_PACKET"; }
  std::size_t most_programs() const override { return most_programs_; }
  Expected<Judgement, std::string> verdicts(
      std::span<const VerifiedProgram> programs,
      std::span<const std::vector<std::uint8_t>> packets) override;

  // What a frame must be addressed to, to be "for this host".
  const VethPair& interfaces() const { return interfaces_; }

 private:
  PacketJudge(VethPair interfaces, int sender, std::uint32_t processor, std::size_t most_programs)
      : interfaces_(std::move(interfaces)),
        sender_(sender),
        processor_(processor),
        most_programs_(most_programs) {}
  bool send_frame(std::span<const std::uint8_t> frame) const;
  bool settle();

  VethPair interfaces_;
  int sender_;
  std::uint32_t processor_;
  std::size_t most_programs_;
  std::uint32_t markers_ = 0;
  std::vector<PacketTap> taps_;
};

}  // namespace bpfc::judge
