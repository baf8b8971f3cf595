#include "capture/interface_message.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>

namespace bpfc::capture {
namespace {

std::optional<Interface> read_link(const NetlinkObject& object) {
  const auto message = read_object<ifinfomsg>(object.payload);
  if (object.type != RTM_NEWLINK || !message || message->ifi_index <= 0) return std::nullopt;
  Interface interface;
  interface.index = static_cast<std::uint32_t>(message->ifi_index);
  interface.flags = message->ifi_flags;
  interface.hardware_type = message->ifi_type;
  for (const auto& [type, value] : netlink_attributes(behind(object.payload, sizeof *message))) {
    switch (type) {
      case IFLA_IFNAME:
        interface.name = read_text(value);
        break;
      case IFLA_MTU:
        interface.mtu = read_object<std::uint32_t>(value).value_or(0);
        break;
      case IFLA_ADDRESS:
        interface.hardware_address.assign(value.begin(), value.end());
        break;
      case IFLA_PROP_LIST:
        for (const NetlinkAttribute& property : netlink_attributes(value)) {
          if (property.type == IFLA_ALT_IFNAME) {
            interface.other_names.push_back(read_text(property.value));
          }
        }
        break;
      default:
        break;
    }
  }
  if (interface.name.empty()) return std::nullopt;
  return interface;
}

struct OwnedAddress {
  std::uint32_t interface_index;
  InterfaceAddress address;
};

std::optional<OwnedAddress> read_address(const NetlinkObject& object) {
  const auto message = read_object<ifaddrmsg>(object.payload);
  if (object.type != RTM_NEWADDR || !message) return std::nullopt;
  const bool ipv4 = message->ifa_family == AF_INET;
  if (!ipv4 && message->ifa_family != AF_INET6) return std::nullopt;
  const std::size_t size = ipv4 ? 4 : 16;
  if (message->ifa_prefixlen > size * 8) return std::nullopt;
  const auto read_bytes = [size](Bytes value) -> std::optional<AddressBytes> {
    if (value.size() < size) return std::nullopt;
    AddressBytes bytes{};
    std::copy_n(value.begin(), size, bytes.begin());
    return bytes;
  };
  // IFA_ADDRESS is the other end's where the link has two, and then IFA_LOCAL the own one. IPv6
  // has IFA_LOCAL only there.
  std::optional<AddressBytes> local;
  std::optional<AddressBytes> prefix;
  OwnedAddress owned{message->ifa_index, {}};
  for (const auto& [type, value] : netlink_attributes(behind(object.payload, sizeof *message))) {
    if (type == IFA_LOCAL) local = read_bytes(value);
    if (type == IFA_ADDRESS) prefix = read_bytes(value);
    if (type == IFA_BROADCAST) owned.address.broadcast = read_bytes(value);
  }
  if (!local) local = prefix;
  if (!local) return std::nullopt;
  owned.address.family = ipv4 ? 4 : 6;
  owned.address.bytes = *local;
  owned.address.prefix_length = message->ifa_prefixlen;
  if (prefix && *prefix != *local) owned.address.peer = prefix;
  return owned;
}

}  // namespace

std::vector<Interface> read_interfaces(const std::vector<NetlinkObject>& links,
                                       const std::vector<NetlinkObject>& addresses) {
  std::vector<Interface> interfaces;
  for (const NetlinkObject& object : links) {
    if (auto interface = read_link(object)) interfaces.push_back(*std::move(interface));
  }
  std::stable_sort(interfaces.begin(), interfaces.end(),
                   [](const Interface& a, const Interface& b) { return a.index < b.index; });
  for (const NetlinkObject& object : addresses) {
    const auto owned = read_address(object);
    if (!owned) continue;
    const auto owner = std::lower_bound(
        interfaces.begin(), interfaces.end(), owned->interface_index,
        [](const Interface& interface, std::uint32_t index) { return interface.index < index; });
    if (owner == interfaces.end() || owner->index != owned->interface_index) continue;
    owner->addresses.push_back(owned->address);
  }
  return interfaces;
}

}  // namespace bpfc::capture
