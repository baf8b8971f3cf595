#include "tests/oracle/kernel_socket.h"

#include <linux/filter.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace bpfc::testing {

static_assert(sizeof(sock_filter) == sizeof(Instruction));
static_assert(offsetof(sock_filter, jt) == offsetof(Instruction, jt));
static_assert(offsetof(sock_filter, k) == offsetof(Instruction, k));

KernelSocket::KernelSocket() {
  std::array<int, 2> pair = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair.data()) == 0) {
    sender_ = pair[0];
    receiver_ = pair[1];
  }
}

KernelSocket::~KernelSocket() {
  if (sender_ >= 0) close(sender_);
  if (receiver_ >= 0) close(receiver_);
}

std::string KernelSocket::why_unusable() {
  if (sender_ < 0) return "socketpair(AF_UNIX, SOCK_DGRAM) is not permitted";
  const Instruction keep_one = {BPF_RET | BPF_K, 0, 0, 1};
  if (const int error = attach({&keep_one, 1}); error != 0) {
    return std::string("SO_ATTACH_FILTER is not permitted: ") + std::strerror(error);
  }
  const std::array<std::uint8_t, 2> packet = {1, 2};
  const auto kept = verdict(packet);
  if (!kept) return std::string("datagrams cannot be sent: ") + std::strerror(errno);
  if (*kept != 1) return "SO_ATTACH_FILTER has no effect here";
  return {};
}

int KernelSocket::attach(std::span<const Instruction> program) {
  sock_fprog description{};
  description.len = static_cast<unsigned short>(program.size());
  description.filter = reinterpret_cast<sock_filter*>(const_cast<Instruction*>(program.data()));
  if (setsockopt(receiver_, SOL_SOCKET, SO_ATTACH_FILTER, &description, sizeof description) == 0) {
    return 0;
  }
  return errno;
}

std::optional<std::uint32_t> KernelSocket::verdict(std::span<const std::uint8_t> packet) {
  const ssize_t sent = send(sender_, packet.data(), packet.size(), MSG_DONTWAIT);
  if (sent != static_cast<ssize_t>(packet.size())) return std::nullopt;
  std::uint8_t first = 0;
  const ssize_t kept = recv(receiver_, &first, 1, MSG_DONTWAIT | MSG_TRUNC);
  if (kept < 0) return 0;
  return static_cast<std::uint32_t>(kept);
}

}  // namespace bpfc::testing
