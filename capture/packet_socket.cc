#include "bpfc/packet_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "bpfc/attach.h"
#include "capture/packet_permission.h"
#include "capture/socket_failure.h"

namespace bpfc {
namespace {

using capture::failed_call;
using capture::failure;

Unexpected<SocketError> no_such_interface(std::uint32_t index) {
  return failure(SocketErrorKind::kNoSuchInterface, ENODEV,
                 fmt::format("no interface of this network namespace has the index {}", index));
}

Unexpected<SocketError> interface_down(int socket, std::uint32_t index) {
  ifreq request{};
  request.ifr_ifindex = static_cast<int>(index);
  if (ioctl(socket, SIOCGIFNAME, &request) != 0) return no_such_interface(index);
  const std::string name = request.ifr_name;
  return failure(SocketErrorKind::kInterfaceDown, ENETDOWN,
                 fmt::format("the interface {} (index {}) is down: run `sudo ip link set {} up`",
                             name, index, name));
}

// 0 or errno; what the kernel reports apart from the results of calls.
int pending_error(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

Expected<void, SocketError> bind_to(int socket, const PacketSocketOptions& options) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(options.protocol);
  address.sll_ifindex = static_cast<int>(options.interface_index);
  if (bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    if (error == ENODEV) return no_such_interface(options.interface_index);
    return failed_call("bind the packet socket", error);
  }
  // An interface that is down is bound to, and delivers when it comes up.
  const int error = pending_error(socket);
  if (error == 0) return {};
  if (error == ENETDOWN) return interface_down(socket, options.interface_index);
  return failed_call("bind the packet socket", error);
}

}  // namespace

Expected<PacketSocket, SocketError> PacketSocket::open(const VerifiedProgram& filter,
                                                       const PacketSocketOptions& options) {
  const int type = (options.framing == PacketFraming::kRaw ? SOCK_RAW : SOCK_DGRAM) |
                   (options.blocking ? 0 : SOCK_NONBLOCK) | SOCK_CLOEXEC;
  PacketSocket opened(socket(AF_PACKET, type, 0));
  if (opened.descriptor_ < 0) {
    const int error = errno;
    if (error != EPERM && error != EACCES) return failed_call("open a packet socket", error);
    return failure(SocketErrorKind::kNotPermitted, error,
                   capture::packet_permission(capture::own_privileges()));
  }
  auto ready = attach_filter(opened.descriptor_, filter).and_then([&] {
    return bind_to(opened.descriptor_, options);
  });
  if (!ready) return Unexpected<SocketError>(std::move(ready.error()));
  return opened;
}

PacketSocket& PacketSocket::operator=(PacketSocket&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = other.release();
  }
  return *this;
}

int PacketSocket::release() { return std::exchange(descriptor_, -1); }

void PacketSocket::close() {
  if (descriptor_ >= 0) ::close(release());
}

}  // namespace bpfc
