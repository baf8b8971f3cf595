// A packet socket in words.
#pragma once

#include <map>
#include <string>

#include "bpfc/packet_sockets.h"

namespace bpfc::cli {

// By index; those that have gone are not there.
using InterfaceNames = std::map<std::uint32_t, std::string>;

// A line that begins with `socket INODE: `, and under it, indented, a line for each thing there is
// to say, the filter's listing last:
//
//   socket 52417: raw, protocol all (0x0003), interface eth0 (2)
//     user: root (0)
//     process: 8119 tcpdump
//     receive ring: TPACKET_V2, 16 blocks of 131072 bytes, 16 frames of 131072 bytes
//     memory: 0 of 212992 bytes queued, 0 packets dropped
//     promiscuous: eth0 (2)
//     filter: 2 instructions
//       (000) ldh      [12]
//       (001) ret      #262144
//
// `holders` is what find_socket_holders() found.
std::string socket_text(const PacketSocketInfo& socket, const InterfaceNames& interfaces,
                        const SocketHolders& holders);

}  // namespace bpfc::cli
