#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "bpfc/interfaces.h"
#include "bpfc/link_type.h"
#include "cli/command.h"

namespace bpfc::cli {
namespace {

struct Row {
  std::uint32_t index;
  std::string name;
  std::string state;
  std::string_view link_type;
  std::string addresses;
};

// One word, so that columns can be counted.
std::string state_of(const Interface& interface) {
  std::string state = interface.is_up() ? "up" : "down";
  if (interface.is_up() && !interface.is_running()) state += ",no-carrier";
  if (interface.is_loopback()) state += ",loopback";
  return state;
}

std::string_view link_type_of(const SocketLink& link) {
  const LinkType* type = find_link_type_of_file(link.file_link_type);
  return type == nullptr ? "-" : type->name;
}

std::string text_of(std::uint8_t family, const AddressBytes& bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* result =
      inet_ntop(family == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return result == nullptr ? "?" : result;
}

std::string addresses_of(const Interface& interface) {
  std::string text;
  for (const InterfaceAddress& address : interface.addresses) {
    if (!text.empty()) text += ' ';
    text += text_of(address.family, address.bytes);
    if (address.peer) text += "->" + text_of(address.family, *address.peer);
    text += fmt::format("/{}", address.prefix_length);
  }
  return text.empty() ? "-" : text;
}

}  // namespace

int list_interfaces(Terminal& terminal) {
  const auto interfaces = bpfc::list_interfaces();
  if (!interfaces) {
    terminal.error(interfaces.error().message);
    return kBad;
  }
  std::vector<Row> rows = {{0, "any", "-", link_type_of(any_interface_link()), "-"}};
  for (const Interface& interface : *interfaces) {
    rows.push_back({interface.index, printable_name(interface.name), state_of(interface),
                    link_type_of(socket_link(interface.hardware_type)), addresses_of(interface)});
  }
  std::size_t name_width = 4;
  std::size_t state_width = 5;
  std::size_t link_width = 9;
  for (const Row& row : rows) {
    name_width = std::max(name_width, row.name.size());
    state_width = std::max(state_width, row.state.size());
    link_width = std::max(link_width, row.link_type.size());
  }
  terminal.print(fmt::format("index  {:<{}}  {:<{}}  {:<{}}  addresses\n", "name", name_width,
                             "state", state_width, "link type", link_width));
  for (const Row& row : rows) {
    terminal.print(fmt::format("{:>5}  {:<{}}  {:<{}}  {:<{}}  {}\n", row.index, row.name,
                               name_width, row.state, state_width, row.link_type, link_width,
                               row.addresses));
  }
  return terminal.finish() ? kDone : kBad;
}

}  // namespace bpfc::cli
