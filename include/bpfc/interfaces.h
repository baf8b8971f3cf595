// The network interfaces of the network namespace that the calling thread is in, as the kernel
// lists them to everybody (rtnetlink(7)): no privileges, no file system.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bpfc/expected.h"
#include "bpfc/packet_socket.h"
#include "bpfc/socket_error.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// In network byte order; of IPv4 the first four bytes, the others are 0.
using AddressBytes = std::array<std::uint8_t, 16>;

struct InterfaceAddress {
  std::uint8_t family = 4;  // 4 or 6: IPv4 or IPv6
  AddressBytes bytes{};
  std::uint8_t prefix_length = 0;         // of the peer's address where there is one
  std::optional<AddressBytes> peer;       // the other end of a point-to-point link
  std::optional<AddressBytes> broadcast;  // IPv4 only

  friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

struct Interface {
  std::uint32_t index = 0;
  std::string name;                      // any bytes but white space, '/', ':' and 0
  std::vector<std::string> other_names;  // ip-link(8)'s altname
  std::uint32_t flags = 0;               // IFF_* (netdevice(7))
  std::uint16_t hardware_type = 0;       // ARPHRD_*
  std::uint32_t mtu = 0;
  std::vector<std::uint8_t> hardware_address;  // empty: there is none
  std::vector<InterfaceAddress> addresses;     // in the kernel's order, the primary ones first

  bool is_up() const { return (flags & 0x1U) != 0; }  // told to work
  bool is_loopback() const { return (flags & 0x8U) != 0; }
  bool is_running() const { return (flags & 0x40U) != 0; }  // up, and has a carrier if it uses one
  bool is_promiscuous() const { return (flags & 0x100U) != 0; }  // on somebody's explicit wish

  friend bool operator==(const Interface&, const Interface&) = default;
};

// By index. Interfaces that come and go meanwhile are there or not, but the list is one that was
// true at some moment of each of its two parts, interfaces and addresses.
Expected<std::vector<Interface>, SocketError> list_interfaces();

// By name, by another name, or else by index in decimal. The message of kNoSuchInterface names
// those with similar names.
Expected<Interface, SocketError> find_interface(const std::string& name_or_index);

// The network mask of the interface's first IPv4 address, in host order, which `ip broadcast` goes
// by (libpcap's pcap_lookupnet()).
std::optional<std::uint32_t> ipv4_netmask(const Interface& interface);

// With \xHH for each byte that is no visible ASCII character, and for the backslash.
std::string printable_name(std::string_view name);

// What a packet socket delivers on an interface, and what a capture file makes of it.
struct SocketLink {
  std::uint16_t file_link_type = 0;  // LINKTYPE_*, as find_link_type_of_file() takes it
  PacketFraming framing = PacketFraming::kRaw;
  // Cooked sockets: the bytes of the header that the file has before each packet, made of the
  // packet's sockaddr_ll: 20 as of LINUX_SLL2, 16 as of LINUX_SLL. Raw ones: 0.
  std::uint8_t cooked_header = 0;

  friend bool operator==(const SocketLink&, const SocketLink&) = default;
};

// Of an interface of this ARPHRD_* type; cooked as LINUX_SLL2 where the type is unknown or its
// packets have no one kind of header. Like libpcap 1.10 (map_arphrd_to_dlt() and setup_socket() in
// pcap-linux.c) but for the names that it looks at (cdma_rmnet, isdn), for what the file system
// says of the ports of a switch (DSA), and that it cooks as LINUX_SLL.
SocketLink socket_link(std::uint16_t hardware_type);

// Of a socket that hears every interface.
SocketLink any_interface_link();

}  // namespace bpfc
