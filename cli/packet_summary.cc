#include "cli/packet_summary.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

#include "bpfc/link_type.h"
#include "compiler/protocol_numbers.h"

namespace bpfc::cli {
namespace {

using Bytes = std::span<const std::uint8_t>;

// Big-endian; 0 past the end.
std::uint32_t number_at(Bytes bytes, std::size_t offset, std::size_t size) {
  std::uint32_t value = 0;
  if (offset + size > bytes.size()) return 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8U | bytes[offset + i];
  return value;
}

Bytes from(Bytes bytes, std::size_t offset) {
  return bytes.subspan(std::min(offset, bytes.size()));
}

struct ProtocolName {
  std::uint32_t number;
  std::string_view name;
  bool has_ports;
};

constexpr std::array kProtocols = {
    ProtocolName{ip_protocol::kIcmp, "icmp", false},
    ProtocolName{ip_protocol::kIgmp, "igmp", false},
    ProtocolName{ip_protocol::kTcp, "tcp", true},
    ProtocolName{ip_protocol::kUdp, "udp", true},
    ProtocolName{ip_protocol::kEsp, "esp", false},
    ProtocolName{ip_protocol::kAh, "ah", false},
    ProtocolName{ip_protocol::kIcmp6, "icmp6", false},
    ProtocolName{ip_protocol::kPim, "pim", false},
    ProtocolName{ip_protocol::kVrrp, "vrrp", false},
    ProtocolName{ip_protocol::kSctp, "sctp", true},
};

struct EthertypeName {
  std::uint32_t number;
  std::string_view name;
};

constexpr std::array kEthertypes = {
    EthertypeName{ethertype::kRarp, "rarp"},
    EthertypeName{ethertype::kLldp, "lldp"},
    EthertypeName{ethertype::kSlow, "slow"},
    EthertypeName{ethertype::kMpls, "mpls"},
    EthertypeName{ethertype::kPppoeDiscovery, "pppoe discovery"},
    EthertypeName{ethertype::kPppoeSession, "pppoe session"},
    EthertypeName{ethertype::kAtalk, "atalk"},
    EthertypeName{ethertype::kAarp, "aarp"},
    EthertypeName{ethertype::kDecnet, "decnet"},
    EthertypeName{ethertype::kIpx, "ipx"},
};

std::string address(int family, Bytes bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const std::size_t size = family == AF_INET ? 4 : 16;
  if (bytes.size() < size || inet_ntop(family, bytes.data(), text.data(),
                                       static_cast<socklen_t>(text.size())) == nullptr) {
    return "?";
  }
  return text.data();
}

std::string conversation(const std::string& source, const std::string& destination,
                         std::uint32_t protocol, std::optional<Bytes> transport) {
  const auto* row = std::find_if(kProtocols.begin(), kProtocols.end(),
                                 [=](const ProtocolName& p) { return p.number == protocol; });
  const bool known = row != kProtocols.end();
  const std::string name = known ? std::string(row->name) : fmt::format("protocol {}", protocol);
  constexpr std::size_t kPorts = 4;
  if (known && row->has_ports && transport && transport->size() >= kPorts) {
    return fmt::format("{}.{} > {}.{} {}", source, number_at(*transport, 0, 2), destination,
                       number_at(*transport, 2, 2), name);
  }
  return fmt::format("{} > {} {}{}", source, destination, name, transport ? "" : " fragment");
}

std::string ip4(Bytes bytes) {
  constexpr std::size_t kHeader = 20;
  if (bytes.size() < kHeader) return "ip, cut short";
  const std::size_t header = (bytes[0] & 0xfU) * 4U;
  const bool first = (number_at(bytes, 6, 2) & 0x1fffU) == 0;
  return conversation(address(AF_INET, from(bytes, 12)), address(AF_INET, from(bytes, 16)),
                      bytes[9], first ? std::optional(from(bytes, header)) : std::nullopt);
}

std::string ip6(Bytes bytes) {
  constexpr std::size_t kHeader = 40;
  if (bytes.size() < kHeader) return "ip6, cut short";
  return conversation(address(AF_INET6, from(bytes, 8)), address(AF_INET6, from(bytes, 24)),
                      bytes[6], from(bytes, kHeader));
}

std::string arp(Bytes bytes) {
  constexpr std::uint32_t kRequest = 1;
  constexpr std::uint32_t kReply = 2;
  const std::string sender = address(AF_INET, from(bytes, 14));
  const std::string target = address(AF_INET, from(bytes, 24));
  switch (number_at(bytes, 6, 2)) {
    case kRequest:
      return fmt::format("arp who has {}, tell {}", target, sender);
    case kReply:
      return fmt::format("arp {} is here, to {}", sender, target);
    default:
      return "arp";
  }
}

std::string payload(std::uint32_t type, Bytes bytes) {
  constexpr std::size_t kTag = 4;
  std::string tags;
  while ((type == ethertype::kVlan || type == ethertype::kServiceVlan ||
          type == ethertype::kOldServiceVlan) &&
         bytes.size() >= kTag) {
    tags += fmt::format("vlan {}, ", number_at(bytes, 0, 2) & 0xfffU);
    type = number_at(bytes, 2, 2);
    bytes = from(bytes, kTag);
  }
  if (type == ethertype::kIp) return tags + ip4(bytes);
  if (type == ethertype::kIp6) return tags + ip6(bytes);
  if (type == ethertype::kArp) return tags + arp(bytes);
  if (type <= kLargestLength)
    return tags + fmt::format("802.2, dsap {:#04x}", number_at(bytes, 0, 1));
  const auto* row = std::find_if(kEthertypes.begin(), kEthertypes.end(),
                                 [=](const EthertypeName& e) { return e.number == type; });
  if (row != kEthertypes.end()) return tags + std::string(row->name);
  return tags + fmt::format("ethertype {:#06x}", type);
}

std::string ethernet(Bytes bytes) {
  constexpr std::size_t kHeader = 14;
  if (bytes.size() < kHeader) return "ethernet, cut short";
  const std::uint32_t type = number_at(bytes, 12, 2);
  std::string inside = payload(type, from(bytes, kHeader));
  if (inside.find(" > ") != std::string::npos || type == ethertype::kArp) return inside;
  const auto mac = [&](std::size_t offset) {
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", bytes[offset],
                       bytes[offset + 1], bytes[offset + 2], bytes[offset + 3], bytes[offset + 4],
                       bytes[offset + 5]);
  };
  return fmt::format("{} > {} {}", mac(6), mac(0), inside);
}

std::string raw_ip(Bytes bytes) {
  if (bytes.empty()) return "empty";
  return bytes[0] >> 4U == 6 ? ip6(bytes) : ip4(bytes);
}

// An address family, in whichever byte order makes it a small number.
std::string loopback(Bytes bytes) {
  constexpr std::size_t kHeader = 4;
  constexpr std::uint32_t kInet = 2;
  const std::uint32_t big = number_at(bytes, 0, 4);
  const std::uint32_t family = big > 0xffffU ? (big >> 24U | (big >> 8U & 0xff00U)) : big;
  const Bytes inside = from(bytes, kHeader);
  return family == kInet ? ip4(inside) : raw_ip(inside);
}

// PPP's numbers of IPv4 and IPv6; of the rest the number.
std::string ppp(Bytes bytes) {
  constexpr std::size_t kHeader = 4;
  const std::uint32_t protocol = number_at(bytes, 2, 2);
  if (protocol == 0x0021) return ip4(from(bytes, kHeader));
  if (protocol == 0x0057) return ip6(from(bytes, kHeader));
  return fmt::format("PPP 0x{:04x}", protocol);
}

struct LinkSummary {
  std::uint16_t link_type;
  std::string (*summarize)(Bytes bytes);
};

// By the numbers of capture files (pcap-linktype(7)).
constexpr std::array kLinks = {
    LinkSummary{0, loopback},
    LinkSummary{1, ethernet},
    LinkSummary{9, ppp},
    LinkSummary{50, ppp},
    LinkSummary{101, raw_ip},
    LinkSummary{104, [](Bytes b) { return payload(number_at(b, 2, 2), from(b, 4)); }},
    LinkSummary{108, loopback},
    LinkSummary{109, [](Bytes b) { return raw_ip(from(b, 12)); }},
    LinkSummary{113, [](Bytes b) { return payload(number_at(b, 14, 2), from(b, 16)); }},
    LinkSummary{228, ip4},
    LinkSummary{229, ip6},
    LinkSummary{240, [](Bytes b) { return ethernet(from(b, 4)); }},
    LinkSummary{241, [](Bytes b) { return ethernet(from(b, 12)); }},
    LinkSummary{276, [](Bytes b) { return payload(number_at(b, 0, 2), from(b, 20)); }},
    LinkSummary{281, [](Bytes b) { return payload(number_at(b, 16, 2), from(b, 18)); }},
    LinkSummary{284, [](Bytes b) { return payload(number_at(b, 16, 2), from(b, 18)); }},
};

std::string local_time(const CaptureTime& time) {
  const auto seconds = static_cast<std::time_t>(time.seconds);
  std::tm parts{};
  std::array<char, 64> text{};
  if (localtime_r(&seconds, &parts) == nullptr ||
      std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts) == 0) {
    return fmt::format("{}.{:09}", time.seconds, time.nanoseconds);
  }
  constexpr std::uint64_t kNanosecondsInMicrosecond = 1000;
  if (time.nanoseconds % kNanosecondsInMicrosecond == 0) {
    return fmt::format("{}.{:06}", text.data(), time.nanoseconds / kNanosecondsInMicrosecond);
  }
  return fmt::format("{}.{:09}", text.data(), time.nanoseconds);
}

}  // namespace

std::string packet_summary(std::uint16_t link_type, std::span<const std::uint8_t> bytes) {
  const auto* row = std::find_if(kLinks.begin(), kLinks.end(), [=](const LinkSummary& link) {
    return link.link_type == link_type;
  });
  if (row != kLinks.end()) return row->summarize(bytes);
  const LinkType* known = find_link_type_of_file(link_type);
  return known != nullptr ? std::string(known->name) : fmt::format("link type {}", link_type);
}

std::string packet_line(std::uint64_t number, const CapturedPacket& packet) {
  return fmt::format("{}  {}  {}/{}  {}\n", number, local_time(packet.time), packet.data.size(),
                     packet.wire_length, packet_summary(packet.link_type, packet.data));
}

}  // namespace bpfc::cli
