#include "tests/oracle/packet_builder.h"

#include <utility>

namespace bpfc::oracle {

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Bytes big_endian(std::uint64_t value, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = size; i-- > 0; value >>= 8U) {
    bytes[i] = static_cast<std::uint8_t>(value);
  }
  return bytes;
}

Bytes ethernet(std::uint16_t type, const Bytes& payload, bool reverse) {
  Bytes ours = big_endian(0x000102030405, 6);
  Bytes theirs = big_endian(0x0a0b0c0d0e0f, 6);
  if (reverse) {
    std::swap(ours, theirs);
  }
  return theirs + ours + big_endian(type, 2) + payload;
}

Bytes ethernet_llc(const Bytes& llc) {
  return ethernet(static_cast<std::uint16_t>(llc.size()), llc);
}

Bytes ipv4(std::uint8_t protocol, const Bytes& payload, bool reverse, std::uint8_t options,
           std::uint16_t fragment) {
  Bytes ours = big_endian(0x0a010203, 4);
  Bytes theirs = big_endian(0xc0a80101, 4);
  if (reverse) {
    std::swap(ours, theirs);
  }
  const std::size_t header = 20 + std::size_t{options} * 4;
  return Bytes{static_cast<std::uint8_t>(0x45 + options), 0} +
         big_endian(header + payload.size(), 2) + big_endian(0x1234, 2) + big_endian(fragment, 2) +
         Bytes{64, protocol, 0, 0} + ours + theirs + Bytes(std::size_t{options} * 4, 1) + payload;
}

Bytes ipv6(std::uint8_t next_header, const Bytes& payload, bool reverse) {
  Bytes ours = big_endian(0x20010db800000000, 8) + big_endian(1, 8);
  Bytes theirs = big_endian(0xfe80000000000000, 8) + big_endian(1, 8);
  if (reverse) {
    std::swap(ours, theirs);
  }
  return big_endian(0x60000000, 4) + big_endian(payload.size(), 2) + Bytes{next_header, 64} + ours +
         theirs + payload;
}

Bytes ports(std::uint16_t source, std::uint16_t destination, const Bytes& rest) {
  return big_endian(source, 2) + big_endian(destination, 2) + rest;
}

Bytes tcp(std::uint16_t source, std::uint16_t destination) {
  return ports(source, destination,
               big_endian(1, 4) + big_endian(0, 4) + Bytes{0x50, 0x02, 0x20, 0, 0, 0, 0, 0} +
                   Bytes{'G', 'E', 'T', ' ', '/'});
}

Bytes udp(std::uint16_t source, std::uint16_t destination, const Bytes& payload) {
  return ports(source, destination, big_endian(8 + payload.size(), 2) + Bytes{0, 0} + payload);
}

Bytes vlan(std::uint16_t tpid, std::uint16_t tag, const Bytes& frame) {
  return Bytes(frame.begin(), frame.begin() + 12) + big_endian(tpid, 2) + big_endian(tag, 2) +
         Bytes(frame.begin() + 12, frame.end());
}

Bytes mpls(std::uint32_t label, bool bottom, const Bytes& payload) {
  return big_endian(std::uint64_t{label} << 12U | (bottom ? 0x100U : 0U) | 0x40U, 4) + payload;
}

Bytes pppoe(std::uint16_t session, std::uint16_t protocol, const Bytes& payload) {
  return Bytes{0x11, 0} + big_endian(session, 2) + big_endian(payload.size() + 2, 2) +
         big_endian(protocol, 2) + payload;
}

Bytes geneve(std::uint32_t vni, std::uint8_t options, std::optional<std::uint16_t> type,
             const Bytes& inner) {
  const Bytes header = Bytes{options, 0} + big_endian(type.value_or(0x6558), 2) +
                       big_endian(std::uint64_t{vni} << 8U, 4);
  return udp(4000, 6081, header + Bytes(std::size_t{options} * 4, 0x55) + inner);
}

Bytes vxlan(std::uint32_t vni, const Bytes& frame) {
  return udp(4000, 4789, Bytes{8, 0, 0, 0} + big_endian(std::uint64_t{vni} << 8U, 4) + frame);
}

std::vector<Bytes> made_frames() {
  constexpr std::uint16_t kIp = 0x0800;
  constexpr std::uint16_t kIp6 = 0x86dd;
  constexpr std::uint8_t kTcp = 6;
  constexpr std::uint8_t kUdp = 17;
  const Bytes web = ipv4(kTcp, tcp(1025, 80));
  const Bytes dns = ipv4(kUdp, udp(53, 53, Bytes(12, 7)), true);
  const Bytes web6 = ipv6(kTcp, tcp(80, 1025));
  const Bytes echo6 = ipv6(58, Bytes{128, 0, 0, 0, 0, 1, 0, 1}, true);
  const Bytes web_frame = ethernet(kIp, web);
  const Bytes arp = big_endian(0x0001080006040001, 8) + big_endian(0x000102030405, 6) +
                    big_endian(0x0a010203, 4) + Bytes(6, 0) + big_endian(0xc0a80101, 4);
  std::vector<Bytes> frames{
      web_frame,
      ethernet(kIp, dns, true),
      ethernet(kIp6, web6),
      ethernet(kIp6, echo6, true),
      ethernet(kIp, ipv4(kTcp, tcp(80, 443), true, 3)),
      ethernet(kIp, ipv4(kUdp, udp(53, 60, Bytes(4, 0)), false, 0, 0x00b9)),
      ethernet(kIp, ipv4(132, ports(80, 81, Bytes(8, 0)))),
      ethernet(kIp, ipv4(1, Bytes{8, 0, 0, 0, 0, 1, 0, 1})),
      ethernet(kIp, ipv4(2, Bytes{0x16, 0, 0, 0})),
      ethernet(kIp, ipv4(112, Bytes{0x21, 1, 100, 1})),
      ethernet(kIp, ipv4(51, Bytes{kTcp, 4, 0, 0, 0, 0, 0, 1} + Bytes(16, 0) + tcp(1, 80))),
      ethernet(kIp6, ipv6(44, Bytes{kTcp, 0, 0, 1, 0, 0, 0, 1} + tcp(80, 2))),
      ethernet(kIp6, ipv6(0, Bytes{60, 0, 1, 4, 0, 0, 0, 0} + Bytes{kUdp, 0, 1, 4, 0, 0, 0, 0} +
                                 udp(53, 9, {}))),
      ethernet(kIp6, ipv6(132, ports(80, 81, Bytes(8, 0)))),
      ethernet(0x0806, arp),
      ethernet(0x8035, arp),
      ethernet(0x6003, big_endian(24, 2) + Bytes{0x02} + big_endian(0x0204, 2) +
                           big_endian(0x0804, 2) + Bytes(16, 0)),
      ethernet(0x6003, big_endian(24, 2) + Bytes{0x81, 0x26, 0, 0} + big_endian(0xaa000400, 4) +
                           big_endian(0x0204, 2) + Bytes{0, 0} + big_endian(0xaa000400, 4) +
                           big_endian(0x0204, 2) + Bytes(4, 0)),
      ethernet_llc(Bytes{0xfe, 0xfe, 0x03, 0x83, 27, 1, 0, 15, 1, 0, 0}),
      ethernet_llc(Bytes{0xfe, 0xfe, 0x03, 0x83, 27, 1, 0, 18, 1, 0, 0}),
      ethernet_llc(Bytes{0xfe, 0xfe, 0x03, 0x81, 0, 0}),
      ethernet_llc(Bytes{0x42, 0x42, 0x03, 0, 0, 0}),
      ethernet_llc(Bytes{0xe0, 0xe0, 0x03, 0xff, 0xff}),
      ethernet_llc(Bytes{0xff, 0xff, 0, 30}),
      ethernet_llc(Bytes{0xf0, 0xf0, 0x01, 0}),
      ethernet_llc(Bytes{0xaa, 0xaa, 0x03, 8, 0, 7, 0x80, 0x9b, 1, 1, 0}),
      ethernet_llc(Bytes{0xaa, 0xaa, 0x03, 0, 0, 0, 0x80, 0xf3, 1, 1, 0}),
      ethernet_llc(Bytes{0xaa, 0xaa, 0x03, 0, 0, 0, 0x81, 0x37, 1, 1, 0}),
      ethernet_llc(Bytes{5, 5, 0x6f, 0}),
      Bytes(6, 0xff) + big_endian(0x000102030405, 6) + big_endian(0x809b, 2) + Bytes(20, 1),
      vlan(0x8100, 5, web_frame),
      vlan(0x88a8, 5, vlan(0x8100, 7, web_frame)),
      vlan(0x9100, 4095, ethernet_llc(Bytes{0xfe, 0xfe, 0x03, 0x83, 27, 1, 0, 26})),
      vlan(0x8100, 9, ethernet(0x8847, mpls(5, true, web))),
      vlan(0x8100, 9, ethernet(0x8864, pppoe(5, 0x21, web))),
      ethernet(0x8847, mpls(5, true, web)),
      ethernet(0x8847, mpls(5, false, mpls(6, true, dns))),
      ethernet(0x8847, mpls(1048575, true, web6)),
      ethernet(0x8863, Bytes{0x11, 9, 0, 0, 0, 0}),
      ethernet(0x8864, pppoe(5, 0x21, web)),
      ethernet(0x8864, pppoe(0x1234, 0x57, echo6)),
      ethernet(0x8864, pppoe(5, 0x23, Bytes{0x83, 27, 1, 0, 15})),
      ethernet(0x8864, pppoe(5, 0x281, mpls(5, false, mpls(6, true, web)))),
      ethernet(0x8864, pppoe(5, 0x21, ipv4(kUdp, geneve(5, 0, kIp, web)))),
  };
  const std::vector<Bytes> tunnels{
      geneve(5, 0, std::nullopt, web_frame),
      geneve(5, 2, std::nullopt, ethernet(kIp, dns)),
      geneve(0x123456, 1, kIp, web),
      geneve(5, 0, kIp6, echo6),
      geneve(5, 0, std::nullopt, vlan(0x8100, 5, web_frame)),
      geneve(5, 0, std::nullopt, ethernet_llc(Bytes{0xfe, 0xfe, 0x03, 0x83, 27, 1, 0, 16})),
      geneve(5, 0, 0x0042, Bytes{0x42, 0x42, 3, 0}),
      geneve(5, 0, 0x8864, pppoe(5, 0x21, web)),
      geneve(5, 0, 0x8847, mpls(5, true, web)),
      geneve(5, 0, std::nullopt, ethernet(kIp, ipv4(kUdp, geneve(6, 0, kIp, web)))),
      vxlan(5, web_frame),
      vxlan(5, ethernet(kIp, ipv4(kUdp, vxlan(6, web_frame)))),
  };
  for (const Bytes& tunnel : tunnels) {
    frames.push_back(ethernet(kIp, ipv4(kUdp, tunnel, false, frames.size() % 2 == 0 ? 1 : 0)));
    frames.push_back(ethernet(kIp6, ipv6(kUdp, tunnel)));
  }
  return frames;
}

}  // namespace bpfc::oracle
