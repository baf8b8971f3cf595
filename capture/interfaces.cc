#include "bpfc/interfaces.h"

#include <fmt/format.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "capture/interface_message.h"
#include "capture/netlink_dump.h"
#include "capture/similar_names.h"
#include "capture/socket_failure.h"

namespace bpfc {
namespace {

using capture::Bytes;
using capture::failed_call;
using capture::failure;

constexpr const char* kList = "list the network interfaces";

static_assert(IFF_UP == 0x1 && IFF_LOOPBACK == 0x8 && IFF_RUNNING == 0x40 && IFF_PROMISC == 0x100);

// The objects of a dump whose request is one structure without choices.
template <typename Request>
Expected<std::vector<capture::NetlinkObject>, int> dump(std::uint16_t type) {
  const Request everything{};
  return capture::netlink_dump(
      NETLINK_ROUTE, type,
      Bytes(reinterpret_cast<const std::uint8_t*>(&everything), sizeof everything));
}

std::optional<std::uint32_t> parse_index(const std::string& text) {
  std::uint32_t index = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, index);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return index;
}

bool is_called(const Interface& interface, const std::string& name) {
  return interface.name == name ||
         std::find(interface.other_names.begin(), interface.other_names.end(), name) !=
             interface.other_names.end();
}

Unexpected<SocketError> no_such_interface(const std::string& name,
                                          const std::vector<Interface>& interfaces) {
  std::vector<std::string> names;
  for (const Interface& interface : interfaces) {
    names.push_back(interface.name);
    names.insert(names.end(), interface.other_names.begin(), interface.other_names.end());
  }
  std::string message = fmt::format("no interface of this network namespace {} '{}'",
                                    parse_index(name) ? "has the name or the index" : "is called",
                                    printable_name(name));
  std::string_view separator = ": perhaps ";
  for (const std::string& similar : capture::similar_names(name, names)) {
    message += fmt::format("{}{}", separator, printable_name(similar));
    separator = " or ";
  }
  return failure(SocketErrorKind::kNoSuchInterface, ENODEV, std::move(message));
}

}  // namespace

Expected<std::vector<Interface>, SocketError> list_interfaces() {
  const auto links = dump<ifinfomsg>(RTM_GETLINK);
  if (!links) return failed_call(kList, links.error());
  const auto addresses = dump<ifaddrmsg>(RTM_GETADDR);
  if (!addresses) return failed_call(kList, addresses.error());
  return capture::read_interfaces(*links, *addresses);
}

Expected<Interface, SocketError> find_interface(const std::string& name_or_index) {
  auto interfaces = list_interfaces();
  if (!interfaces) return Unexpected<SocketError>(std::move(interfaces.error()));
  for (Interface& interface : *interfaces) {
    if (is_called(interface, name_or_index)) return std::move(interface);
  }
  if (const auto index = parse_index(name_or_index)) {
    for (Interface& interface : *interfaces) {
      if (interface.index == *index) return std::move(interface);
    }
  }
  return no_such_interface(name_or_index, *interfaces);
}

std::optional<std::uint32_t> ipv4_netmask(const Interface& interface) {
  for (const InterfaceAddress& address : interface.addresses) {
    if (address.family != 4) continue;
    // A shift by 32 would be undefined.
    return address.prefix_length == 0 ? 0 : 0xffffffffU << (32U - address.prefix_length);
  }
  return std::nullopt;
}

std::string printable_name(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c > 0x20 && c < 0x7f && c != '\\') {
      text += c;
    } else {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return text;
}

}  // namespace bpfc
