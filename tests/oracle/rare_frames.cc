#include "tests/oracle/rare_frames.h"

#include <algorithm>

namespace bpfc::oracle {

namespace {

constexpr std::uint16_t kIp = 0x0800;
constexpr std::uint16_t kIp6 = 0x86dd;

Bytes iso(std::uint8_t protocol, std::uint8_t pdu) {
  return ethernet_llc(Bytes{0xfe, 0xfe, 0x03, protocol, 27, 1, 0, pdu, 1, 0, 0, 0});
}

// Addresses 1.2 and 1.3, in a short header or a long one, with a byte of padding or without.
Bytes decnet(bool long_header, bool padded, bool reverse) {
  const Bytes ours{0x02, 0x04};
  const Bytes theirs{0x03, 0x04};
  const Bytes& source = reverse ? theirs : ours;
  const Bytes& destination = reverse ? ours : theirs;
  const Bytes length = Bytes{24, 0} + (padded ? Bytes{0x81} : Bytes{});
  if (!long_header) {
    return ethernet(0x6003, length + Bytes{0x02} + destination + source + Bytes(16, 0));
  }
  return ethernet(0x6003, length + Bytes{0x06, 0, 0, 0xaa, 0, 4, 0} + destination +
                              Bytes{0, 0, 0xaa, 0, 4, 0} + source + Bytes(8, 0));
}

Bytes to_group(const Bytes& packet, std::size_t offset, const Bytes& address) {
  Bytes changed = packet;
  std::copy(address.begin(), address.end(), changed.begin() + static_cast<std::ptrdiff_t>(offset));
  return changed;
}

// The plain ones.
std::vector<Bytes> plain() {
  std::vector<Bytes> frames;
  for (const std::uint16_t type :
       std::vector<std::uint16_t>{0x0600, 0x6001, 0x6002, 0x6004, 0x6007, 0x8137, 0x80f3, 0x809b,
                                  0x8863, 0x88cc, 0x8809, 0x9000, 0xfefe, 0xffff, 0x05dd}) {
    frames.push_back(ethernet(type, Bytes(24, 0x11)));
  }
  for (const std::uint8_t sap : Bytes{0x05, 0x06, 0x42, 0x81, 0xd4, 0xe0, 0xf0, 0x27, 0xfe}) {
    frames.push_back(ethernet_llc(Bytes{sap, sap, 0x03, 0, 0, 0, 0, 0, 0, 0}));
  }
  for (const std::uint8_t control :
       Bytes{0x00, 0x01, 0x05, 0x09, 0x03, 0x63, 0x43, 0x0f, 0x6f, 0xe3, 0xaf, 0x87}) {
    frames.push_back(ethernet_llc(Bytes{0x42, 0x42, control, 0, 0, 0, 0, 0}));
  }
  for (const std::uint8_t protocol : Bytes{0x81, 0x82, 0x05}) {
    frames.push_back(iso(protocol, 0));
  }
  for (const std::uint8_t pdu : Bytes{15, 16, 17, 18, 20, 24, 25, 26, 27, 5}) {
    frames.push_back(iso(0x83, pdu));
  }
  for (const bool long_header : {false, true}) {
    for (const bool padded : {false, true}) {
      frames.push_back(decnet(long_header, padded, false));
      frames.push_back(decnet(long_header, padded, true));
    }
  }
  constexpr std::size_t kIpv4Destination = 16;
  constexpr std::size_t kIpv6Destination = 24;
  const Bytes packet = ipv4(17, udp(53, 53, Bytes(4, 0)));
  frames.push_back(ethernet(kIp, to_group(packet, kIpv4Destination, {224, 0, 0, 5})));
  frames.push_back(ethernet(kIp, to_group(packet, kIpv4Destination, {10, 1, 2, 255})));
  frames.push_back(
      ethernet(kIp6, to_group(ipv6(58, Bytes{128, 0, 0, 0}), kIpv6Destination, {0xff, 0x02})));
  frames.push_back(to_group(ethernet(kIp, packet), 0, Bytes(6, 0xff)));
  frames.push_back(to_group(ethernet(kIp, packet), 6, Bytes(6, 0xff)));
  frames.push_back(to_group(ethernet(kIp, packet), 6, Bytes{0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f}));
  frames.push_back(ethernet(kIp, ipv4(51, Bytes{17, 4, 0, 0, 0, 0, 0, 1} + Bytes(16, 0))));
  return frames;
}

}  // namespace

std::vector<Bytes> rare_frames() {
  std::vector<Bytes> frames = plain();
  const Bytes web = ipv4(6, tcp(1025, 80));
  const Bytes arp = big_endian(0x0001080006040001, 8) + Bytes(20, 1);
  const std::vector<Bytes> inner{ethernet(kIp, web),
                                 ethernet(0x0806, arp),
                                 iso(0x83, 15),
                                 ethernet_llc(Bytes{0x42, 0x42, 0x03, 0, 0, 0}),
                                 ethernet_llc(Bytes{5, 5, 0x03, 0, 0, 0}),
                                 ethernet(0x8864, pppoe(5, 0x21, web)),
                                 ethernet(0x8847, mpls(5, true, web))};
  for (const Bytes& frame : inner) {
    frames.push_back(vlan(0x8100, 5, frame));
    frames.push_back(vlan(0x88a8, 7, vlan(0x8100, 5, frame)));
    frames.push_back(ethernet(kIp, ipv4(17, geneve(5, 0, std::nullopt, frame))));
  }
  for (const std::uint16_t protocol :
       std::vector<std::uint16_t>{0x23, 0x31, 0x0806, 0x05, 0x8864, 0x281}) {
    frames.push_back(ethernet(0x8864, pppoe(5, protocol, Bytes{0x83, 27, 1, 0, 15, 0, 0, 0})));
  }
  frames.push_back(ethernet(0x8864, pppoe(5, 0x8864, pppoe(5, 0x21, web))));
  frames.push_back(ethernet(0x8847, mpls(5, false, mpls(5, false, mpls(3, true, web)))));
  frames.push_back(
      to_group(ethernet(0x8847, mpls(5, false, mpls(5, true, web))), 0, Bytes(6, 0xff)));
  return frames;
}

}  // namespace bpfc::oracle
