#include "cli/socket_text.h"

#include <fmt/format.h>
#include <linux/if_packet.h>
#include <pwd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "bpfc/interfaces.h"
#include "bpfc/listing.h"

namespace bpfc::cli {
namespace {

struct ProtocolName {
  std::uint16_t number;
  std::string_view name;
};

// As the filter language calls them; of linux/if_ether.h the usual ones.
constexpr std::array kProtocols = {
    ProtocolName{0x0000, "none"},  ProtocolName{0x0001, "802.3"},  ProtocolName{0x0003, "all"},
    ProtocolName{0x0004, "802.2"}, ProtocolName{0x0800, "ip"},     ProtocolName{0x0806, "arp"},
    ProtocolName{0x8035, "rarp"},  ProtocolName{0x8100, "vlan"},   ProtocolName{0x86dd, "ip6"},
    ProtocolName{0x8847, "mpls"},  ProtocolName{0x8863, "pppoed"}, ProtocolName{0x8864, "pppoes"},
    ProtocolName{0x888e, "eapol"}, ProtocolName{0x88a8, "qinq"},   ProtocolName{0x88cc, "lldp"},
    ProtocolName{0x88f7, "ptp"},   ProtocolName{0x8902, "cfm"},
};

constexpr std::array<std::string_view, 8> kFanoutModes = {
    "hash", "round robin", "CPU", "rollover", "random", "receive queue", "BPF", "eBPF"};

std::string protocol_text(std::uint16_t number) {
  for (const ProtocolName& row : kProtocols) {
    if (row.number == number) return fmt::format("{} (0x{:04x})", row.name, number);
  }
  return fmt::format("0x{:04x}", number);
}

std::string interface_text(std::uint32_t index, const InterfaceNames& interfaces) {
  const auto found = interfaces.find(index);
  if (found == interfaces.end()) return fmt::format("gone ({})", index);
  return fmt::format("{} ({})", printable_name(found->second), index);
}

std::string type_text(std::uint8_t type) {
  if (type == SOCK_RAW) return "raw";
  if (type == SOCK_DGRAM) return "cooked";
  return type == SOCK_PACKET ? "SOCK_PACKET" : fmt::format("type {}", type);
}

std::string user_text(std::uint32_t number) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(1024);
  // A name service may want more room, but not any amount of it.
  constexpr std::size_t kMostRoom = std::size_t{1} << 20U;
  while (getpwuid_r(number, &entry, buffer.data(), buffer.size(), &found) == ERANGE &&
         buffer.size() < kMostRoom) {
    buffer.resize(buffer.size() * 2);
  }
  return found == nullptr ? fmt::format("{}", number)
                          : fmt::format("{} ({})", printable_name(entry.pw_name), number);
}

std::string processes_text(std::uint32_t inode, const SocketHolders& holders) {
  const auto found = holders.by_inode.find(inode);
  if (found == holders.by_inode.end()) {
    return holders.complete ? "none that /proc shows" : "not known: run as root to see it";
  }
  std::string text;
  for (const SocketHolder& holder : found->second) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", holder.process, printable_name(holder.command));
  }
  return text;
}

std::string ring_text(const SocketRing& ring, std::uint32_t version) {
  std::string text =
      fmt::format("TPACKET_V{}, {} block{} of {} bytes, {} frame{} of {} bytes", version + 1,
                  ring.block_count, ring.block_count == 1 ? "" : "s", ring.block_size,
                  ring.frame_count, ring.frame_count == 1 ? "" : "s", ring.frame_size);
  if (version == TPACKET_V3) text += fmt::format(", timeout {} ms", ring.block_timeout);
  return text;
}

std::string fanout_text(const PacketFanout& fanout) {
  return fanout.mode < kFanoutModes.size()
             ? fmt::format("group {}, by {}", fanout.group, kFanoutModes[fanout.mode])
             : fmt::format("group {}, mode {}", fanout.group, fanout.mode);
}

// The line's name and the rest of it.
std::pair<std::string_view, std::string> membership_line(const PacketMembership& membership,
                                                         const InterfaceNames& interfaces) {
  std::string where = interface_text(membership.interface_index, interfaces);
  std::string address;
  for (const std::uint8_t byte : membership.address) {
    address += fmt::format("{}{:02x}", address.empty() ? "" : ":", byte);
  }
  switch (membership.type) {
    case PACKET_MR_MULTICAST:
      return {"multicast", fmt::format("{} on {}", address, where)};
    case PACKET_MR_PROMISC:
      return {"promiscuous", std::move(where)};
    case PACKET_MR_ALLMULTI:
      return {"all multicast", std::move(where)};
    case PACKET_MR_UNICAST:
      return {"unicast", fmt::format("{} on {}", address, where)};
    default:
      return {"membership", fmt::format("type {} on {}", membership.type, where)};
  }
}

std::string options_text(const PacketSocketInfo& socket) {
  std::string text;
  for (const auto& [is_set, name] : {std::pair{socket.auxiliary_data, "auxiliary data"},
                                     {socket.original_device, "original device"},
                                     {socket.vnet_header, "virtio-net header"}}) {
    if (is_set) text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
  }
  return text;
}

std::string memory_text(const PacketSocketMemory& memory) {
  std::string text = fmt::format("{} of {} bytes queued", memory.queued, memory.queue_limit);
  if (memory.drops) {
    text += fmt::format(", {} packet{} dropped", *memory.drops, *memory.drops == 1 ? "" : "s");
  }
  return text;
}

std::string filter_text(const PacketSocketInfo& socket) {
  switch (socket.filter_state) {
    case FilterState::kNone:
      return "none";
    case FilterState::kClassic:
      return fmt::format("{} instruction{}", socket.filter.size(),
                         socket.filter.size() == 1 ? "" : "s");
    case FilterState::kExtended:
      return fmt::format("an extended one (eBPF) of {} bytes, which is not shown here",
                         socket.memory->options);
    case FilterState::kHidden:
      return fmt::format(
          "there is one, of {} bytes in the kernel, that is not shown without CAP_NET_ADMIN",
          socket.memory->options);
    case FilterState::kUnknown:
      break;
  }
  return "no filter, or none that is shown without CAP_NET_ADMIN";
}

}  // namespace

std::string socket_text(const PacketSocketInfo& socket, const InterfaceNames& interfaces,
                        const SocketHolders& holders) {
  std::string text = fmt::format(
      "socket {}: {}, protocol {}, interface {}{}\n", socket.inode, type_text(socket.type),
      protocol_text(socket.protocol),
      socket.interface_index == 0 ? "any" : interface_text(socket.interface_index, interfaces),
      socket.running ? "" : ", not receiving");
  const auto line = [&text](std::string_view name, std::string_view value) {
    text += fmt::format("  {}: {}\n", name, value);
  };
  if (socket.user) line("user", user_text(*socket.user));
  line("process", processes_text(socket.inode, holders));
  if (const std::string options = options_text(socket); !options.empty()) line("options", options);
  if (socket.receive_ring)
    line("receive ring", ring_text(*socket.receive_ring, socket.ring_version));
  if (socket.transmit_ring) {
    line("transmit ring", ring_text(*socket.transmit_ring, socket.ring_version));
  }
  if (socket.memory) line("memory", memory_text(*socket.memory));
  if (socket.fanout) line("fanout", fanout_text(*socket.fanout));
  for (const PacketMembership& membership : socket.memberships) {
    const auto [name, value] = membership_line(membership, interfaces);
    line(name, value);
  }
  line("filter", filter_text(socket));
  const std::string listing = to_listing(socket.filter);
  for (std::size_t begin = 0; begin < listing.size();) {
    const std::size_t end = std::min(listing.find('\n', begin), listing.size() - 1) + 1;
    text += "    " + listing.substr(begin, end - begin);
    begin = end;
  }
  return text;
}

}  // namespace bpfc::cli
