// A packet socket (packet(7)) that has delivered no packet which its filter did not see.
#pragma once

#include <cstdint>

#include "bpfc/expected.h"
#include "bpfc/socket_error.h"
#include "bpfc/verify.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

enum class PacketFraming : std::uint8_t {
  kRaw,     // from the link-layer header on (SOCK_RAW)
  kCooked,  // from the network header on (SOCK_DGRAM): the kernel has taken the other one off
};

struct PacketSocketOptions {
  std::uint32_t interface_index = 0;  // 0: every interface, those to come included
  std::uint16_t protocol = 3;         // ethertype in host order; ETH_P_ALL: all, outgoing ones too
  PacketFraming framing = PacketFraming::kRaw;
  bool blocking = true;
};

// Owns its descriptor; movable. A moved-from socket can only be destroyed or assigned to. Different
// sockets are independent; one may be used as freely by many threads as its descriptor.
class PacketSocket {
 public:
  // Creates the socket for no protocol, so that nothing arrives yet, attaches the filter, and only
  // then binds to the interface and the protocol. Needs CAP_NET_RAW in the user namespace that owns
  // the network namespace. The filter sees what the framing says, with the kernel's ancillary data.
  static Expected<PacketSocket, SocketError> open(const VerifiedProgram& filter,
                                                  const PacketSocketOptions& options);

  PacketSocket(PacketSocket&& other) noexcept : descriptor_(other.release()) {}
  PacketSocket& operator=(PacketSocket&& other) noexcept;
  PacketSocket(const PacketSocket&) = delete;
  PacketSocket& operator=(const PacketSocket&) = delete;
  // Takes milliseconds: the kernel waits until nobody is still delivering to the socket.
  ~PacketSocket() { close(); }

  // For recvmsg(), setsockopt() and the functions of attach.h. Closed on exec().
  int descriptor() const { return descriptor_; }
  // Leaves the descriptor to the caller, who has to close it.
  int release();

 private:
  explicit PacketSocket(int descriptor) : descriptor_(descriptor) {}
  void close();

  int descriptor_ = -1;
};

}  // namespace bpfc
