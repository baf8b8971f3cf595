// Makes packets from the inside out.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace bpfc::oracle {

using Bytes = std::vector<std::uint8_t>;

Bytes operator+(Bytes left, const Bytes& right);
Bytes big_endian(std::uint64_t value, std::size_t size);

// A frame from 00:01:02:03:04:05 to 0a:0b:0c:0d:0e:0f, or the other way.
Bytes ethernet(std::uint16_t type, const Bytes& payload, bool reverse = false);
// The same with a length in the place of the type.
Bytes ethernet_llc(const Bytes& llc);
// 10.1.2.3 to 192.168.1.1, or the other way. `options` is a number of words.
Bytes ipv4(std::uint8_t protocol, const Bytes& payload, bool reverse = false,
           std::uint8_t options = 0, std::uint16_t fragment = 0);
// 2001:db8::1 to fe80::1, or the other way.
Bytes ipv6(std::uint8_t next_header, const Bytes& payload, bool reverse = false);
Bytes ports(std::uint16_t source, std::uint16_t destination, const Bytes& rest);
Bytes tcp(std::uint16_t source, std::uint16_t destination);
Bytes udp(std::uint16_t source, std::uint16_t destination, const Bytes& payload);
// Puts a tag behind the addresses of a frame.
Bytes vlan(std::uint16_t tpid, std::uint16_t tag, const Bytes& frame);
Bytes mpls(std::uint32_t label, bool bottom, const Bytes& payload);
Bytes pppoe(std::uint16_t session, std::uint16_t protocol, const Bytes& payload);
// `options` is a number of words; with no type, `inner` is a frame.
Bytes geneve(std::uint32_t vni, std::uint8_t options, std::optional<std::uint16_t> type,
             const Bytes& inner);
Bytes vxlan(std::uint32_t vni, const Bytes& frame);

// Frames that reach every primitive of the language on Ethernet.
std::vector<Bytes> made_frames();

}  // namespace bpfc::oracle
