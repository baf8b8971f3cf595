// Asks the kernel for all objects of a kind through netlink(7).
#pragma once

#include <cstdint>
#include <vector>

#include "bpfc/expected.h"
#include "capture/netlink_message.h"

namespace bpfc::capture {

// Where a dump stands after some of its datagrams.
enum class DumpState : std::uint8_t {
  kGoesOn,
  kDone,
  kInterrupted,  // done, but the objects changed meanwhile: some may be missing, or there twice
  kRefused,
};

struct NetlinkObject {
  std::uint16_t type = 0;  // of its message
  std::vector<std::uint8_t> payload;
};

// What the kernel has answered to one request.
class NetlinkAnswer {
 public:
  explicit NetlinkAnswer(std::uint32_t sequence) : sequence_(sequence) {}

  // Takes a datagram. Messages of another sequence number, and those that carry no object, are
  // ignored; so is what cannot be read.
  DumpState add(Bytes datagram);
  // After kRefused: errno.
  int error() const { return error_; }
  const std::vector<NetlinkObject>& objects() const { return objects_; }

 private:
  std::uint32_t sequence_;
  std::vector<NetlinkObject> objects_;
  bool interrupted_ = false;
  int error_ = 0;
};

// The answer to a request of this type and with this content to a protocol (NETLINK_ROUTE...); or
// errno. Where objects change meanwhile it asks again, up to ten times in all, and then says
// EAGAIN. Takes 64 MiB, and waits 5 seconds for each datagram, at most. Thread-safe.
Expected<std::vector<NetlinkObject>, int> netlink_dump(int protocol, std::uint16_t type,
                                                       Bytes request);

}  // namespace bpfc::capture
