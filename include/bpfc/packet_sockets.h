// The packet sockets of the network namespace that the calling thread is in, whoever opened them,
// as the kernel lists them (sock_diag(7), linux/packet_diag.h), and the processes that hold them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bpfc/expected.h"
#include "bpfc/program.h"
#include "bpfc/socket_error.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// A ring of blocks that kernel and program share (Documentation/networking/packet_mmap.rst).
struct SocketRing {
  std::uint32_t block_size = 0;  // bytes
  std::uint32_t block_count = 0;
  std::uint32_t frame_size = 0;  // bytes; of TPACKET_V3 the greatest packet with its header
  std::uint32_t frame_count = 0;
  std::uint32_t block_timeout = 0;  // TPACKET_V3: milliseconds until a block is handed over

  friend bool operator==(const SocketRing&, const SocketRing&) = default;
};

// What the socket asks of an interface for as long as it is open (PACKET_ADD_MEMBERSHIP).
struct PacketMembership {
  std::uint16_t type = 0;  // PACKET_MR_*: 0 multicast, 1 promiscuous, 2 all multicast, 3 unicast
  std::uint32_t interface_index = 0;
  std::uint32_t count = 0;            // how often it has been asked for
  std::vector<std::uint8_t> address;  // of types 0 and 3

  friend bool operator==(const PacketMembership&, const PacketMembership&) = default;
};

// Sockets that share the packets among them.
struct PacketFanout {
  std::uint16_t group = 0;
  std::uint16_t mode = 0;  // PACKET_FANOUT_*

  friend bool operator==(const PacketFanout&, const PacketFanout&) = default;
};

// In bytes, as the kernel charges them.
struct PacketSocketMemory {
  std::uint32_t queued = 0;  // packets that wait to be received; of a ring none is queued
  std::uint32_t queue_limit = 0;
  std::uint32_t options = 0;           // the filter's, in which net.core.optmem_max limits it
  std::optional<std::uint32_t> drops;  // packets, since the socket was opened, that found no room

  friend bool operator==(const PacketSocketMemory&, const PacketSocketMemory&) = default;
};

enum class FilterState : std::uint8_t {
  kNone,
  kClassic,   // `filter` is what was attached
  kExtended,  // an eBPF program, which the kernel does not show here
  kHidden,    // there is one, which is shown to holders of CAP_NET_ADMIN only
  kUnknown,   // the caller has no CAP_NET_ADMIN, and the kernel does not say whether there is one
};

struct PacketSocketInfo {
  std::uint32_t inode = 0;            // as in the links of /proc/PID/fd and in /proc/net/packet
  std::uint64_t cookie = 0;           // never given to another socket
  std::uint8_t type = 0;              // SOCK_RAW, SOCK_DGRAM (cooked) or the old SOCK_PACKET
  std::uint16_t protocol = 0;         // ethertype in host order; 3 (ETH_P_ALL): all; 0: none
  std::uint32_t interface_index = 0;  // 0: every interface
  bool running = false;               // it has its hook, and packets come
  bool auxiliary_data = false;        // PACKET_AUXDATA
  bool original_device = false;       // PACKET_ORIGDEV
  bool vnet_header = false;           // PACKET_VNET_HDR
  std::uint32_t ring_version = 0;     // TPACKET_V1 is 0, TPACKET_V3 is 2
  std::optional<SocketRing> receive_ring;
  std::optional<SocketRing> transmit_ring;
  std::optional<PacketFanout> fanout;
  std::vector<PacketMembership> memberships;
  std::optional<std::uint32_t> user;  // who opened it, as the caller's user namespace numbers users
  std::optional<PacketSocketMemory> memory;
  FilterState filter_state = FilterState::kNone;
  // As it was attached; bpf(2)'s rules held for it, whatever this program's verifier says.
  Program filter;

  friend bool operator==(const PacketSocketInfo&, const PacketSocketInfo&) = default;
};

// By inode number. Needs no privileges, but see FilterState. An error says what the kernel lacks.
Expected<std::vector<PacketSocketInfo>, SocketError> list_packet_sockets();

struct SocketHolder {
  std::int32_t process = 0;
  std::string command;  // its name (/proc/PID/comm): any bytes; empty where it has gone

  friend bool operator==(const SocketHolder&, const SocketHolder&) = default;
};

struct SocketHolders {
  std::map<std::uint32_t, std::vector<SocketHolder>> by_inode;  // by process number
  // Whether the descriptors of every process that /proc shows could be looked at; those of other
  // users cannot without CAP_SYS_PTRACE.
  bool complete = true;
};

// The processes that have descriptors of the sockets with these inode numbers, by a walk through
// /proc: those that the process's PID namespace shows. What comes and goes meanwhile may be missed.
SocketHolders find_socket_holders(const std::set<std::uint32_t>& inodes);

}  // namespace bpfc
