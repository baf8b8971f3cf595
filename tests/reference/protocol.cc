#include "tests/reference/protocol.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/reference/port.h"

namespace bpfc::reference {

namespace {

using ast::IdentifierKind;
using ast::Protocol;

constexpr std::uint32_t kClnp = 0x81;
constexpr std::uint32_t kEsis = 0x82;
constexpr std::uint32_t kIsis = 0x83;

Condition ip_protocol(const Scope& scope, std::uint32_t number) {
  return all_of({scope.link_type(kTypeIp), equals(scope.network().plus(9), kByte, number)});
}

// Also right behind one fragment header.
Condition ip6_protocol(const Scope& scope, std::uint32_t number) {
  constexpr std::uint32_t kFragment = 44;
  const Place network = scope.network();
  return all_of(
      {scope.link_type(kTypeIp6), any_of({equals(network.plus(6), kByte, number),
                                          all_of({equals(network.plus(6), kByte, kFragment),
                                                  equals(network.plus(40), kByte, number)})})});
}

Condition either_ip_protocol(const Scope& scope, std::uint32_t number) {
  return any_of({ip_protocol(scope, number), ip6_protocol(scope, number)});
}

// Frame Relay has the number of the protocol where others have that of ISO.
Condition iso_protocol(const Scope& scope, std::uint32_t number) {
  if (scope.headers.link == Link::kFrameRelay) {
    constexpr std::uint32_t kUnnumbered = 0x0300;
    return equals(scope.type_field(), kHalf, kUnnumbered | number);
  }
  return all_of({scope.link_type(kSapIso), equals(scope.iso(), kByte, number)});
}

// The PDU type is the low five bits of its byte.
Condition isis_pdu(const Scope& scope, const std::vector<std::uint32_t>& types) {
  const Place pdu_type = scope.iso().plus(4);
  std::vector<Condition> conditions;
  for (const std::uint32_t type : types) {
    conditions.push_back(equals(pdu_type, kByte, type, 0x1f));
  }
  return all_of({iso_protocol(scope, kIsis), any_of(conditions)});
}

// By what a protocol's own name is recognised.
enum class Layer : std::uint8_t { kLink, kIp, kIp6, kEitherIp, kIso };
struct Recognition {
  Layer layer;
  std::uint32_t number;
};
const std::map<Protocol, Recognition> kRecognitions{
    {Protocol::kIp, {Layer::kLink, kTypeIp}},
    {Protocol::kIp6, {Layer::kLink, kTypeIp6}},
    {Protocol::kArp, {Layer::kLink, kTypeArp}},
    {Protocol::kRarp, {Layer::kLink, kTypeRarp}},
    {Protocol::kAtalk, {Layer::kLink, kTypeAtalk}},
    {Protocol::kAarp, {Layer::kLink, kTypeAarp}},
    {Protocol::kDecnet, {Layer::kLink, kTypeDecnet}},
    {Protocol::kLat, {Layer::kLink, 0x6004}},
    {Protocol::kSca, {Layer::kLink, 0x6007}},
    {Protocol::kMoprc, {Layer::kLink, 0x6002}},
    {Protocol::kMopdl, {Layer::kLink, 0x6001}},
    {Protocol::kIso, {Layer::kLink, kSapIso}},
    {Protocol::kStp, {Layer::kLink, kSapStp}},
    {Protocol::kIpx, {Layer::kLink, kSapIpx}},
    {Protocol::kNetbeui, {Layer::kLink, kSapNetbeui}},
    {Protocol::kTcp, {Layer::kEitherIp, kTcp}},
    {Protocol::kUdp, {Layer::kEitherIp, kUdp}},
    {Protocol::kSctp, {Layer::kEitherIp, kSctp}},
    {Protocol::kPim, {Layer::kEitherIp, 103}},
    {Protocol::kAh, {Layer::kEitherIp, 51}},
    {Protocol::kEsp, {Layer::kEitherIp, 50}},
    {Protocol::kIcmp, {Layer::kIp, 1}},
    {Protocol::kIgmp, {Layer::kIp, 2}},
    {Protocol::kIgrp, {Layer::kIp, 9}},
    {Protocol::kVrrp, {Layer::kIp, 112}},
    {Protocol::kCarp, {Layer::kIp, 112}},
    {Protocol::kIcmp6, {Layer::kIp6, 58}},
    {Protocol::kClnp, {Layer::kIso, kClnp}},
    {Protocol::kEsis, {Layer::kIso, kEsis}},
    {Protocol::kIsis, {Layer::kIso, kIsis}},
};

const std::map<Protocol, std::vector<std::uint32_t>> kIsisPdus{
    {Protocol::kIsisL1, {26, 24, 18, 15, 17}}, {Protocol::kIsisL2, {27, 25, 20, 16, 17}},
    {Protocol::kIsisIih, {17, 15, 16}},        {Protocol::kIsisLsp, {18, 20}},
    {Protocol::kIsisSnp, {27, 26, 24, 25}},    {Protocol::kIsisCsnp, {24, 25}},
    {Protocol::kIsisPsnp, {26, 27}},
};

const std::map<std::string, std::uint32_t, std::less<>> kLinkProtocolNames{
    {"aarp", kTypeAarp},      {"arp", kTypeArp},   {"atalk", kTypeAtalk}, {"decnet", kTypeDecnet},
    {"ip", kTypeIp},          {"ip6", kTypeIp6},   {"ipx", kSapIpx},      {"iso", kSapIso},
    {"lat", 0x6004},          {"lldp", 0x88cc},    {"loopback", 0x9000},  {"mopdl", 0x6001},
    {"moprc", 0x6002},        {"rarp", kTypeRarp}, {"sca", 0x6007},       {"slow", 0x8809},
    {"netbeui", kSapNetbeui}, {"stp", kSapStp},
};

const std::map<std::string, std::uint32_t, std::less<>> kIsoProtocolNames{
    {"clnp", kClnp}, {"esis", kEsis}, {"isis", kIsis}};

std::uint32_t bounded(std::uint32_t number, std::uint32_t maximum) {
  if (number > maximum) {
    throw Refused{"protocol is greater than its maximum " + std::to_string(maximum)};
  }
  return number;
}

// The number that an identifier stands for, names in what `look_up` knows.
template <typename LookUp>
std::uint32_t protocol_number(const Scope& scope, const ast::Identified& identified,
                              std::uint32_t maximum, const LookUp& look_up) {
  if (identified.kind == IdentifierKind::kNumber) {
    return bounded(identified.number, maximum);
  }
  if (identified.kind != IdentifierKind::kName) {
    throw Refused{"an address is no protocol"};
  }
  const std::string_view name = scope.filter.text(identified.text);
  const std::optional<std::uint32_t> number = look_up(name);
  if (!number) {
    throw Refused{"unknown protocol '" + std::string(name) + "'"};
  }
  return bounded(*number, maximum);
}

template <typename Table>
auto in_table(const Table& table) {
  return [&table](std::string_view name) -> std::optional<std::uint32_t> {
    const auto found = table.find(name);
    return found == table.end() ? std::nullopt : std::optional(found->second);
  };
}

std::uint32_t ip_number(const Scope& scope, const ast::Identified& identified) {
  return protocol_number(scope, identified, 255,
                         [&scope](std::string_view name) -> std::optional<std::uint32_t> {
                           const auto number = scope.resolver().protocol(name);
                           return number ? std::optional(*number) : std::nullopt;
                         });
}

// The headers that a chain goes through.
constexpr std::uint32_t kHopByHop = 0;
constexpr std::uint32_t kRouting = 43;
constexpr std::uint32_t kFragment = 44;
constexpr std::uint32_t kAuthentication = 51;
constexpr std::uint32_t kDestinationOptions = 60;

// At most this many headers are followed; the number that the last one names still counts.
constexpr int kMaxChain = 16;

bool is_ip6_extension(std::uint32_t protocol) {
  return protocol == kHopByHop || protocol == kRouting || protocol == kFragment ||
         protocol == kDestinationOptions;
}

Condition chain(const Scope& scope, std::uint32_t wanted, bool ip6) {
  const Place network = scope.network();
  const Condition follows = [=](State& state) {
    std::uint32_t protocol = state.load(network.plus(ip6 ? 6 : 9), kByte);
    std::uint32_t offset = ip6 ? 40 : ipv4_header_length(state, network);
    for (int followed = 0;; ++followed) {
      if (protocol == wanted) {
        return true;
      }
      const bool extension = ip6 && is_ip6_extension(protocol);
      if ((!extension && protocol != kAuthentication) || followed == kMaxChain) {
        return false;
      }
      const std::uint32_t next = state.load_at(offset, network.constant, kByte);
      const std::uint32_t length = state.load_at(offset, network.constant + 1, kByte);
      // In units of 8 bytes without the first; AH in units of 4 without the first two.
      offset += extension ? (length + 1) * 8 : (length + 2) * 4;
      protocol = next;
    }
  };
  return all_of({scope.link_type(ip6 ? kTypeIp6 : kTypeIp), follows});
}

}  // namespace

Condition abbreviation(const Scope& scope, Protocol protocol) {
  if (const auto pdus = kIsisPdus.find(protocol); pdus != kIsisPdus.end()) {
    return isis_pdu(scope, pdus->second);
  }
  const auto found = kRecognitions.find(protocol);
  if (found == kRecognitions.end()) {
    throw Refused{"not a protocol that can stand alone"};
  }
  const std::uint32_t number = found->second.number;
  switch (found->second.layer) {
    case Layer::kLink:
      return scope.link_type(number);
    case Layer::kIp:
      return ip_protocol(scope, number);
    case Layer::kIp6:
      return ip6_protocol(scope, number);
    case Layer::kEitherIp:
      return either_ip_protocol(scope, number);
    case Layer::kIso:
      return iso_protocol(scope, number);
  }
  throw Refused{"unknown layer"};
}

Condition proto(const Scope& scope, const ast::Identified& identified) {
  switch (identified.qualifiers.protocol) {
    case Protocol::kDefault:
      return either_ip_protocol(scope, ip_number(scope, identified));
    case Protocol::kIp:
      return ip_protocol(scope, ip_number(scope, identified));
    case Protocol::kIp6:
      return ip6_protocol(scope, ip_number(scope, identified));
    case Protocol::kLink:
      return scope.link_type(
          protocol_number(scope, identified, 65535, in_table(kLinkProtocolNames)));
    case Protocol::kIso:
      return iso_protocol(scope,
                          protocol_number(scope, identified, 255, in_table(kIsoProtocolNames)));
    case Protocol::kIsis:
      return isis_pdu(scope, {protocol_number(scope, identified, 31, [](std::string_view) {
                        return std::optional<std::uint32_t>();
                      })});
    default:
      throw Refused{"not a valid qualifier of 'proto'"};
  }
}

Condition protochain(const Scope& scope, const ast::Identified& identified) {
  if (scope.headers.payload.variable != Place::kNone) {
    throw Refused{"'protochain' is not supported behind a header of variable length"};
  }
  const std::uint32_t wanted = ip_number(scope, identified);
  switch (identified.qualifiers.protocol) {
    case Protocol::kDefault:
      return any_of({chain(scope, wanted, false), chain(scope, wanted, true)});
    case Protocol::kIp:
      return chain(scope, wanted, false);
    case Protocol::kIp6:
      return chain(scope, wanted, true);
    default:
      throw Refused{"not a valid qualifier of 'protochain'"};
  }
}

}  // namespace bpfc::reference
