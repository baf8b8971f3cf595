// A pair of AF_UNIX datagram sockets, on one of which the kernel runs a filter. Needs no
// privileges; not every sandbox permits it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "bpfc/attach.h"
#include "bpfc/expected.h"
#include "judge/attach_pace.h"

namespace bpfc::judge {

// Movable. Not thread-safe.
class DatagramPair {
 public:
  // An error: why this kernel or sandbox cannot judge; a filter has been tried.
  static Expected<DatagramPair, std::string> make();

  DatagramPair(DatagramPair&& other) noexcept;
  DatagramPair(const DatagramPair&) = delete;
  DatagramPair& operator=(const DatagramPair&) = delete;
  ~DatagramPair();

  // As attach_filter() does, as often as one likes: it waits where the kernel has many filters to
  // free.
  Expected<void, SocketError> attach(const VerifiedProgram& program);

  // Where filters are attached; the packets are sent on the other one.
  int receiver() const { return receiver_; }

  // What the attached filter keeps of a packet of at least one byte: min(its return value, the
  // length). None: the system refused to send, which is no verdict.
  std::optional<std::uint32_t> verdict(std::span<const std::uint8_t> packet);

 private:
  DatagramPair(int sender, int receiver) : sender_(sender), receiver_(receiver) {}
  std::string why_unusable();

  int sender_;
  int receiver_;
  AttachPace pace_;
};

}  // namespace bpfc::judge
