#include "bpfc/packet_sockets.h"

#include <linux/netlink.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include "capture/netlink_dump.h"
#include "capture/packet_diag.h"

namespace bpfc {

Expected<std::vector<PacketSocketInfo>, SocketError> list_packet_sockets() {
  packet_diag_req request{};
  request.sdiag_family = AF_PACKET;
  request.pdiag_show = PACKET_SHOW_INFO | PACKET_SHOW_MCLIST | PACKET_SHOW_RING_CFG |
                       PACKET_SHOW_FANOUT | PACKET_SHOW_MEMINFO | PACKET_SHOW_FILTER;
  const auto objects =
      capture::netlink_dump(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY,
                            {reinterpret_cast<const std::uint8_t*>(&request), sizeof request});
  if (objects) return capture::read_packet_sockets(*objects);
  return Unexpected<SocketError>(capture::packet_diag_failure(objects.error()));
}

}  // namespace bpfc
