// What the kernel says of packet sockets through sock_diag(7) (net/packet/diag.c).
#pragma once

#include <vector>

#include "bpfc/packet_sockets.h"
#include "bpfc/socket_error.h"
#include "capture/netlink_dump.h"

namespace bpfc::capture {

// By inode number. What is shorter than it should be is left out or cut; objects that are no packet
// sockets are left out.
std::vector<PacketSocketInfo> read_packet_sockets(const std::vector<NetlinkObject>& objects);

// For a dump that failed with this errno.
SocketError packet_diag_failure(int error);

}  // namespace bpfc::capture
