#include "judge/datagram_pair.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "vm/opcode.h"

namespace bpfc::judge {

Expected<DatagramPair, std::string> DatagramPair::make() {
  std::array<int, 2> ends = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return Unexpected<std::string>(std::string("socketpair(AF_UNIX, SOCK_DGRAM): ") +
                                   std::strerror(errno));
  }
  DatagramPair pair(ends[0], ends[1]);
  if (std::string why = pair.why_unusable(); !why.empty()) {
    return Unexpected<std::string>(std::move(why));
  }
  return pair;
}

DatagramPair::DatagramPair(DatagramPair&& other) noexcept
    : sender_(std::exchange(other.sender_, -1)),
      receiver_(std::exchange(other.receiver_, -1)),
      pace_(other.pace_) {}

DatagramPair::~DatagramPair() {
  if (sender_ >= 0) close(sender_);
  if (receiver_ >= 0) close(receiver_);
}

std::string DatagramPair::why_unusable() {
  const Instruction keep_one = {encode(Operation::kReturnConstant), 0, 0, 1};
  const auto attached = attach(*verify({&keep_one, 1}, Rules::kKernel));
  if (!attached) return attached.error().message;
  const std::array<std::uint8_t, 2> packet = {1, 2};
  const auto kept = verdict(packet);
  if (!kept) return std::string("datagrams cannot be sent: ") + std::strerror(errno);
  if (*kept != 1) return "a socket filter has no effect here";
  return {};
}

Expected<void, SocketError> DatagramPair::attach(const VerifiedProgram& program) {
  auto attached = attach_filter(receiver_, program);
  if (attached) pace_.attached();
  return attached;
}

std::optional<std::uint32_t> DatagramPair::verdict(std::span<const std::uint8_t> packet) {
  const ssize_t sent = send(sender_, packet.data(), packet.size(), MSG_DONTWAIT);
  if (sent != static_cast<ssize_t>(packet.size())) return std::nullopt;
  std::uint8_t first = 0;
  const ssize_t kept = recv(receiver_, &first, 1, MSG_DONTWAIT | MSG_TRUNC);
  if (kept < 0) return 0;
  return static_cast<std::uint32_t>(kept);
}

}  // namespace bpfc::judge
