// The kernel as a judge: a pair of AF_UNIX datagram sockets, on one of which a filter runs. Needs
// no privileges; not every sandbox permits it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "bpfc/program.h"

namespace bpfc::testing {

class KernelSocket {
 public:
  KernelSocket();
  ~KernelSocket();
  KernelSocket(const KernelSocket&) = delete;
  KernelSocket& operator=(const KernelSocket&) = delete;

  // Empty, or why this kernel or sandbox cannot judge.
  std::string why_unusable();

  // 0, or the errno of SO_ATTACH_FILTER. ENOMEM says that the program passed the verifier and is
  // too large for the socket's memory.
  int attach(std::span<const Instruction> program);

  // Where programs are attached; the packets are sent on the other one.
  int receiver() const { return receiver_; }

  // What the attached filter keeps of a packet of at least one byte: min(its return value, the
  // length). None: the system refused to send, which is no verdict.
  std::optional<std::uint32_t> verdict(std::span<const std::uint8_t> packet);

 private:
  int sender_ = -1;
  int receiver_ = -1;
};

}  // namespace bpfc::testing
