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
  // Moves the calling thread, which has to ask for the verdicts, into a network namespace and keeps
  // it on one processor. An error: why this kernel or sandbox cannot judge.
  static Expected<std::unique_ptr<PacketJudge>, std::string> make();
  ~PacketJudge() override;

  const char* name() const override { return "AF_PACKET"; }
  std::size_t most_programs() const override;
  Expected<Judgement, std::string> verdicts(
      std::span<const VerifiedProgram> programs,
      std::span<const std::vector<std::uint8_t>> packets) override;

  // What a frame must be addressed to, to be "for this host".
  const VethPair& interfaces() const { return interfaces_; }

 private:
  PacketJudge(VethPair interfaces, int sender, std::uint32_t processor)
      : interfaces_(std::move(interfaces)), sender_(sender), processor_(processor) {}
  bool send_frame(std::span<const std::uint8_t> frame) const;
  bool settle();

  VethPair interfaces_;
  int sender_;
  std::uint32_t processor_;
  std::uint32_t markers_ = 0;
  std::vector<PacketTap> taps_;
};

}  // namespace bpfc::judge
