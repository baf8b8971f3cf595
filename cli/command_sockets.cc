#include <algorithm>

#include "bpfc/interfaces.h"
#include "bpfc/packet_sockets.h"
#include "cli/command.h"
#include "cli/socket_text.h"

namespace bpfc::cli {
namespace {

bool is_not_shown(const PacketSocketInfo& socket) {
  return socket.filter_state == FilterState::kHidden ||
         socket.filter_state == FilterState::kUnknown;
}

}  // namespace

int run(const SocketsCommand& command, Terminal& terminal) {
  const auto fails = [&terminal](const SocketError& error) {
    terminal.error(error.message);
    return kBad;
  };
  const auto interfaces = bpfc::list_interfaces();
  if (!interfaces) return fails(interfaces.error());
  auto sockets = list_packet_sockets();
  if (!sockets) return fails(sockets.error());
  if (!command.interface.empty()) {
    const auto interface = find_interface(command.interface);
    if (!interface) return fails(interface.error());
    std::erase_if(*sockets, [&interface](const PacketSocketInfo& socket) {
      const bool hears_all = socket.interface_index == 0 && socket.running;
      return !hears_all && socket.interface_index != interface->index;
    });
  }
  InterfaceNames names;
  for (const Interface& interface : *interfaces) names.emplace(interface.index, interface.name);
  std::set<std::uint32_t> inodes;
  for (const PacketSocketInfo& socket : *sockets) inodes.insert(socket.inode);
  const SocketHolders holders = find_socket_holders(inodes);
  for (const PacketSocketInfo& socket : *sockets) {
    terminal.print(socket_text(socket, names, holders));
  }
  if (!terminal.finish()) return kBad;
  if (sockets->empty()) terminal.note("there are no such packet sockets in this network namespace");
  if (std::any_of(sockets->begin(), sockets->end(), is_not_shown)) {
    terminal.note("the kernel shows filters to CAP_NET_ADMIN only: run `sudo bpfc sockets`");
  }
  return kDone;
}

}  // namespace bpfc::cli
