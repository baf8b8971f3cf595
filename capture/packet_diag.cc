#include "capture/packet_diag.h"

#include <linux/if_packet.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "capture/socket_failure.h"

namespace bpfc::capture {
namespace {

void read_information(Bytes value, PacketSocketInfo& socket) {
  const auto information = read_prefix<packet_diag_info>(value);
  socket.interface_index = information.pdi_index;
  socket.ring_version = information.pdi_version;
  socket.running = (information.pdi_flags & PDI_RUNNING) != 0;
  socket.auxiliary_data = (information.pdi_flags & PDI_AUXDATA) != 0;
  socket.original_device = (information.pdi_flags & PDI_ORIGDEV) != 0;
  socket.vnet_header = (information.pdi_flags & PDI_VNETHDR) != 0;
}

std::optional<SocketRing> read_ring(Bytes value) {
  const auto ring = read_prefix<packet_diag_ring>(value);
  if (ring.pdr_block_nr == 0) return std::nullopt;
  return SocketRing{ring.pdr_block_size, ring.pdr_block_nr, ring.pdr_frame_size, ring.pdr_frame_nr,
                    ring.pdr_retire_tmo};
}

std::vector<PacketMembership> read_memberships(Bytes value) {
  std::vector<PacketMembership> memberships;
  for (; const auto row = read_object<packet_diag_mclist>(value);
       value = value.subspan(sizeof *row)) {
    PacketMembership membership{row->pdmc_type, row->pdmc_index, row->pdmc_count, {}};
    if (row->pdmc_type == PACKET_MR_MULTICAST || row->pdmc_type == PACKET_MR_UNICAST) {
      const std::size_t size = std::min<std::size_t>(row->pdmc_alen, sizeof row->pdmc_addr);
      membership.address.assign(row->pdmc_addr, row->pdmc_addr + size);
    }
    memberships.push_back(std::move(membership));
  }
  return memberships;
}

std::optional<PacketSocketMemory> read_memory(Bytes value) {
  // Kernels append variables: the first ones have always been there.
  const auto at = [value](std::size_t variable) {
    return read_object<std::uint32_t>(
        value.subspan(std::min(variable * sizeof(std::uint32_t), value.size())));
  };
  const auto options = at(SK_MEMINFO_OPTMEM);
  if (!options) return std::nullopt;
  return PacketSocketMemory{*at(SK_MEMINFO_RMEM_ALLOC), *at(SK_MEMINFO_RCVBUF), *options,
                            at(SK_MEMINFO_DROPS)};
}

Program read_program(Bytes value) {
  Program program;
  for (; const auto instruction = read_object<Instruction>(value);
       value = value.subspan(sizeof *instruction)) {
    program.push_back(*instruction);
  }
  return program;
}

// The attribute of the filter is there and empty for those who may not see it, and absent where
// there is none or an extended one. The memory that the socket is charged for tells these apart: a
// packet socket has nothing else that is charged as options.
FilterState absent_filter(bool hidden, const std::optional<PacketSocketMemory>& memory) {
  if (!memory) return hidden ? FilterState::kUnknown : FilterState::kNone;
  if (memory->options == 0) return FilterState::kNone;
  return hidden ? FilterState::kHidden : FilterState::kExtended;
}

std::optional<PacketSocketInfo> read_socket(const NetlinkObject& object) {
  const auto message = read_object<packet_diag_msg>(object.payload);
  if (object.type != SOCK_DIAG_BY_FAMILY || !message || message->pdiag_family != AF_PACKET) {
    return std::nullopt;
  }
  PacketSocketInfo socket;
  socket.inode = message->pdiag_ino;
  socket.cookie =
      (std::uint64_t{message->pdiag_cookie[1]} << 32U) | std::uint64_t{message->pdiag_cookie[0]};
  socket.type = message->pdiag_type;
  socket.protocol = message->pdiag_num;
  bool hidden = false;
  for (const auto& [type, value] : netlink_attributes(behind(object.payload, sizeof *message))) {
    switch (type) {
      case PACKET_DIAG_INFO:
        read_information(value, socket);
        break;
      case PACKET_DIAG_MCLIST:
        socket.memberships = read_memberships(value);
        break;
      case PACKET_DIAG_RX_RING:
        socket.receive_ring = read_ring(value);
        break;
      case PACKET_DIAG_TX_RING:
        socket.transmit_ring = read_ring(value);
        break;
      case PACKET_DIAG_FANOUT:
        if (const auto fanout = read_object<std::uint32_t>(value)) {
          socket.fanout = {static_cast<std::uint16_t>(*fanout & 0xffffU),
                           static_cast<std::uint16_t>(*fanout >> 16U)};
        }
        break;
      case PACKET_DIAG_UID:
        socket.user = read_object<std::uint32_t>(value);
        break;
      case PACKET_DIAG_MEMINFO:
        socket.memory = read_memory(value);
        break;
      case PACKET_DIAG_FILTER:
        socket.filter = read_program(value);
        hidden = value.empty();
        break;
      default:
        break;
    }
  }
  socket.filter_state =
      socket.filter.empty() ? absent_filter(hidden, socket.memory) : FilterState::kClassic;
  return socket;
}

}  // namespace

std::vector<PacketSocketInfo> read_packet_sockets(const std::vector<NetlinkObject>& objects) {
  std::vector<PacketSocketInfo> sockets;
  for (const NetlinkObject& object : objects) {
    if (auto socket = read_socket(object)) sockets.push_back(*std::move(socket));
  }
  std::stable_sort(sockets.begin(), sockets.end(),
                   [](const auto& a, const auto& b) { return a.inode < b.inode; });
  return sockets;
}

SocketError packet_diag_failure(int error) {
  // Netlink has no such protocol, or sock_diag nothing for this family of sockets.
  if (error == EPROTONOSUPPORT || error == ENOENT) {
    return {SocketErrorKind::kSystem, error,
            "this kernel does not list packet sockets: it lacks packet_diag (CONFIG_PACKET_DIAG; "
            "if that is a module, run `sudo modprobe packet_diag`)"};
  }
  return failed_call("list the packet sockets", error).value();
}

}  // namespace bpfc::capture
