#include "tests/compiler/named_packets.h"

#include <algorithm>
#include <array>

namespace bpfc::testing {
namespace {

using oracle::big_endian;
using oracle::Bytes;
using oracle::operator+;

constexpr std::uint16_t kIp = 0x0800;
constexpr std::uint16_t kArp = 0x0806;
constexpr std::uint16_t kRarp = 0x8035;
constexpr std::uint16_t kIp6 = 0x86dd;
constexpr std::uint8_t kTcp = 6;

constexpr std::uint32_t kIp4Addresses[] = {
    0x7f000000, 0x7f000001, 0x0a010200, 0x0a010203, 0x0a010204, 0x0a010205, 0x0a010206, 0x0a010207,
    0x0a010209, 0x0a01020a, 0x0a01020b, 0x0a01020c, 0x0a01020d, 0x0a000000, 0xac100000, 0xc0a80000,
    0xc0a80100, 0xc0a80101, 0xc0a80180, 0x05060000, 0x05060001, 0x00000000, 0xffffffff, 0x0a020304};
// The last bytes of 2001:db8:: addresses.
constexpr std::uint8_t kIp6Addresses[] = {1, 2, 3, 6, 7};
constexpr std::uint16_t kPorts[] = {0,  20, 21, 22, 79, 80, 81, 82, 83, 84, 85,   86,   87,
                                    88, 89, 90, 91, 92, 93, 94, 95, 97, 98, 1024, 65535};

std::vector<Bytes> ip6_addresses() {
  std::vector<Bytes> addresses = {big_endian(0, 8) + big_endian(1, 8),
                                  big_endian(0, 8) + big_endian(0xffff0a010209, 8),
                                  big_endian(0xfe80000000000000, 8) + big_endian(2, 8)};
  for (const std::uint8_t last : kIp6Addresses) {
    addresses.push_back(big_endian(0x20010db800000000, 8) + big_endian(last, 8));
  }
  return addresses;
}

// Bytes of a packet written over.
void put(Bytes& packet, std::size_t offset, const Bytes& bytes) {
  std::copy(bytes.begin(), bytes.end(), packet.begin() + static_cast<std::ptrdiff_t>(offset));
}

// Of 00:01:02:03:04:xx and 0a:0b:0c:0d:0e:0f, by the number of the packet.
void vary_mac_addresses(std::vector<Bytes>& packets) {
  constexpr std::uint8_t kLast[] = {5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  for (std::size_t i = 0; i < packets.size(); ++i) {
    put(packets[i], i % 3 == 0 ? 0 : 6, big_endian(0x000102030400U + kLast[i % 12], 6));
    put(packets[i], i % 3 == 0 ? 6 : 0,
        i % 3 == 1 ? big_endian(0x0a0b0c0d0e0f, 6)
                   : big_endian(0x000102030400U + kLast[i / 12 % 12], 6));
  }
}

Bytes address_resolution(const Bytes& source, const Bytes& destination) {
  return big_endian(0x0001080006040001, 8) + big_endian(0x000102030405, 6) + source + Bytes(6, 0) +
         destination;
}

}  // namespace

std::vector<Bytes> address_packets() {
  std::vector<Bytes> packets;
  for (const std::uint32_t from : kIp4Addresses) {
    for (const std::uint32_t to : kIp4Addresses) {
      const Bytes source = big_endian(from, 4);
      const Bytes destination = big_endian(to, 4);
      Bytes& ip = packets.emplace_back(oracle::ethernet(kIp, oracle::ipv4(kTcp, {})));
      put(ip, 26, source);
      put(ip, 30, destination);
      packets.push_back(oracle::ethernet(kArp, address_resolution(source, destination)));
      packets.push_back(oracle::ethernet(kRarp, address_resolution(source, destination)));
    }
  }
  for (const Bytes& from : ip6_addresses()) {
    for (const Bytes& to : ip6_addresses()) {
      Bytes& packet = packets.emplace_back(oracle::ethernet(kIp6, oracle::ipv6(kTcp, {})));
      put(packet, 22, from);
      put(packet, 38, to);
    }
  }
  vary_mac_addresses(packets);
  return packets;
}

std::vector<Bytes> port_packets() {
  constexpr std::uint8_t kSctp = 132;
  std::vector<Bytes> packets;
  for (const std::uint8_t protocol : {kTcp, std::uint8_t{17}, kSctp, std::uint8_t{1}}) {
    for (const std::uint16_t port : kPorts) {
      for (const Bytes& segment : {oracle::ports(port, 1024, {}), oracle::ports(1024, port, {}),
                                   oracle::ports(port, port, {}), oracle::ports(port, 80, {}),
                                   oracle::ports(83, port, {})}) {
        packets.push_back(oracle::ethernet(kIp, oracle::ipv4(protocol, segment)));
        packets.push_back(oracle::ethernet(kIp6, oracle::ipv6(protocol, segment)));
      }
    }
  }
  return packets;
}

std::vector<Bytes> protocol_packets() {
  constexpr std::uint8_t kHopByHop = 0;
  constexpr std::uint8_t kFragment = 44;
  std::vector<Bytes> packets;
  for (int number = 0; number < 256; ++number) {
    const auto protocol = static_cast<std::uint8_t>(number);
    // Behind the header: what would be an extension header that ends the chain.
    const Bytes last = Bytes{59, 0} + Bytes(14, 0);
    const Bytes before = Bytes{protocol, 0} + Bytes(6, 0);
    packets.push_back(oracle::ethernet(kIp, oracle::ipv4(protocol, last)));
    packets.push_back(oracle::ethernet(kIp6, oracle::ipv6(protocol, last)));
    packets.push_back(oracle::ethernet(kIp6, oracle::ipv6(kHopByHop, before + last)));
    packets.push_back(oracle::ethernet(kIp6, oracle::ipv6(kFragment, before + last)));
    const auto type = static_cast<std::uint16_t>(0x0800 + number);
    packets.push_back(oracle::ethernet(type, last));
  }
  return packets;
}

}  // namespace bpfc::testing
