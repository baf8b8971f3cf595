// Protocols: the ones that stand alone (`tcp`), and `proto N` within another.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/lowering.h"
#include "compiler/named_number.h"
#include "compiler/protocol_numbers.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kIp4ProtocolField = 9;
constexpr std::uint32_t kIp6NextHeader = 6;
constexpr std::uint32_t kIp6Header = 40;
constexpr std::uint32_t kPduTypeMask = 0x1f;

constexpr std::array kLinkProtocols = {
    NamedNumber{"aarp", ethertype::kAarp},
    NamedNumber{"arp", ethertype::kArp},
    NamedNumber{"atalk", ethertype::kAtalk},
    NamedNumber{"decnet", ethertype::kDecnet},
    NamedNumber{"ip", ethertype::kIp},
    NamedNumber{"ip6", ethertype::kIp6},
    NamedNumber{"lat", ethertype::kLat},
    NamedNumber{"lldp", ethertype::kLldp},
    NamedNumber{"loopback", ethertype::kLoopback},
    NamedNumber{"mopdl", ethertype::kMopdl},
    NamedNumber{"moprc", ethertype::kMoprc},
    NamedNumber{"rarp", ethertype::kRarp},
    NamedNumber{"sca", ethertype::kSca},
    NamedNumber{"slow", ethertype::kSlow},
    NamedNumber{"iso", sap::kIso},
    NamedNumber{"stp", sap::kSpanningTree},
    NamedNumber{"ipx", sap::kIpx},
    NamedNumber{"netbeui", sap::kNetbeui},
};

constexpr std::array kIsoProtocols = {NamedNumber{"clnp", iso_protocol::kClnp},
                                      NamedNumber{"esis", iso_protocol::kEsis},
                                      NamedNumber{"isis", iso_protocol::kIsis}};

// What a protocol that stands alone is a test for. `within` says which protocol carries the number
// (kLink: it is an ethertype or a service access point; kDefault: IPv4 and IPv6).
struct Abbreviation {
  ast::Protocol protocol;
  ast::Protocol within;
  std::array<std::uint32_t, 7> numbers;  // any of them; the rest of the row is kNone
};
constexpr std::uint32_t kNone = ~0U;

// The rows of one number.
constexpr Abbreviation one(ast::Protocol protocol, ast::Protocol within, std::uint32_t number) {
  return {protocol, within, {number, kNone, kNone, kNone, kNone, kNone, kNone}};
}

using P = ast::Protocol;
constexpr std::array kAbbreviations = {
    one(P::kIp, P::kLink, ethertype::kIp),
    one(P::kIp6, P::kLink, ethertype::kIp6),
    one(P::kArp, P::kLink, ethertype::kArp),
    one(P::kRarp, P::kLink, ethertype::kRarp),
    one(P::kTcp, P::kDefault, ip_protocol::kTcp),
    one(P::kUdp, P::kDefault, ip_protocol::kUdp),
    one(P::kSctp, P::kDefault, ip_protocol::kSctp),
    one(P::kIcmp, P::kIp, ip_protocol::kIcmp),
    one(P::kIcmp6, P::kIp6, ip_protocol::kIcmp6),
    one(P::kIgmp, P::kIp, ip_protocol::kIgmp),
    one(P::kIgrp, P::kIp, ip_protocol::kIgrp),
    one(P::kPim, P::kDefault, ip_protocol::kPim),
    one(P::kVrrp, P::kIp, ip_protocol::kVrrp),
    one(P::kCarp, P::kIp, ip_protocol::kVrrp),
    one(P::kAh, P::kDefault, ip_protocol::kAh),
    one(P::kEsp, P::kDefault, ip_protocol::kEsp),
    one(P::kAtalk, P::kLink, ethertype::kAtalk),
    one(P::kAarp, P::kLink, ethertype::kAarp),
    one(P::kDecnet, P::kLink, ethertype::kDecnet),
    one(P::kLat, P::kLink, ethertype::kLat),
    one(P::kSca, P::kLink, ethertype::kSca),
    one(P::kMoprc, P::kLink, ethertype::kMoprc),
    one(P::kMopdl, P::kLink, ethertype::kMopdl),
    one(P::kIso, P::kLink, sap::kIso),
    one(P::kEsis, P::kIso, iso_protocol::kEsis),
    one(P::kIsis, P::kIso, iso_protocol::kIsis),
    one(P::kClnp, P::kIso, iso_protocol::kClnp),
    one(P::kStp, P::kLink, sap::kSpanningTree),
    one(P::kIpx, P::kLink, sap::kIpx),
    one(P::kNetbeui, P::kLink, sap::kNetbeui),
    // IS-IS PDU types (ISO 10589): level 1 and 2 hellos on LANs 15, 16, on point-to-point links 17;
    // link states 18, 20; complete 24, 25 and partial 26, 27 sequence numbers.
    Abbreviation{P::kIsisL1, P::kIsis, {26, 24, 18, 15, 17, kNone, kNone}},
    Abbreviation{P::kIsisL2, P::kIsis, {27, 25, 20, 16, 17, kNone, kNone}},
    Abbreviation{P::kIsisIih, P::kIsis, {17, 15, 16, kNone, kNone, kNone, kNone}},
    Abbreviation{P::kIsisLsp, P::kIsis, {18, 20, kNone, kNone, kNone, kNone, kNone}},
    Abbreviation{P::kIsisSnp, P::kIsis, {27, 26, 24, 25, kNone, kNone, kNone}},
    Abbreviation{P::kIsisCsnp, P::kIsis, {24, 25, kNone, kNone, kNone, kNone, kNone}},
    Abbreviation{P::kIsisPsnp, P::kIsis, {26, 27, kNone, kNone, kNone, kNone, kNone}},
};

ConditionIndex ip4_protocol_is(Lowering& lowering, std::uint32_t number) {
  return lowering.conditions.all(
      {lowering.payload_is(ethertype::kIp),
       lowering.equal(lowering.load(lowering.network().plus(kIp4ProtocolField), 1), number)});
}

// Also right behind one Fragment header.
ConditionIndex ip6_protocol_is(Lowering& lowering, std::uint32_t number) {
  const ir::ValueIndex next = lowering.load(lowering.network().plus(kIp6NextHeader), 1);
  const ir::ValueIndex behind = lowering.load(lowering.network().plus(kIp6Header), 1);
  return lowering.conditions.all(
      {lowering.payload_is(ethertype::kIp6),
       lowering.conditions.any(
           {lowering.equal(next, number),
            lowering.conditions.all(
                {lowering.equal(next, ip_protocol::kFragment), lowering.equal(behind, number)})})});
}

}  // namespace

std::optional<std::uint32_t> link_protocol_number(std::string_view name) {
  return find_number(kLinkProtocols, name);
}

std::optional<std::uint32_t> iso_protocol_number(std::string_view name) {
  return find_number(kIsoProtocols, name);
}

ConditionIndex lower_protocol(Lowering& lowering, ast::Protocol within, std::uint32_t number,
                              SourceRange range) {
  switch (within) {
    case ast::Protocol::kDefault: {
      const ConditionIndex ip4 = lower_protocol(lowering, ast::Protocol::kIp, number, range);
      const ConditionIndex ip6 = lower_protocol(lowering, ast::Protocol::kIp6, number, range);
      return lowering.conditions.any({ip4, ip6});
    }
    case ast::Protocol::kLink:
      Lowering::check_maximum(number, 0xffff, range, "link-layer protocol");
      return lowering.payload_is(number);
    case ast::Protocol::kIp:
      Lowering::check_maximum(number, 0xff, range, "IP protocol");
      return ip4_protocol_is(lowering, number);
    case ast::Protocol::kIp6:
      Lowering::check_maximum(number, 0xff, range, "IPv6 next header");
      return ip6_protocol_is(lowering, number);
    case ast::Protocol::kIso:
      Lowering::check_maximum(number, 0xff, range, "ISO protocol");
      // Under MPLS the labels' test refuses it, whatever the link layer.
      if (lowering.link().iso_protocol_is != nullptr && lowering.context.mpls_labels == 0) {
        return lowering.link().iso_protocol_is(lowering, number);
      }
      return lowering.conditions.all(
          {lowering.payload_is(sap::kIso),
           lowering.equal(lowering.load(lowering.network_no_snap(), 1), number)});
    case ast::Protocol::kIsis: {
      Lowering::check_maximum(number, kPduTypeMask, range, "IS-IS PDU type");
      const ConditionIndex isis =
          lower_protocol(lowering, ast::Protocol::kIso, iso_protocol::kIsis, range);
      const ir::ValueIndex type =
          lowering.load(lowering.network_no_snap().plus(lowering.link().isis_pdu_type), 1);
      return lowering.conditions.all({isis, lowering.equal(type, number, kPduTypeMask)});
    }
    default:
      Lowering::fail(DiagnosticCode::kInvalidQualifier, range,
                     "'proto' goes with ip, ip6, iso, isis, link, or nothing before it");
  }
}

ConditionIndex lower_abbreviation(Lowering& lowering, ast::Protocol protocol, SourceRange range) {
  const auto* row = std::find_if(kAbbreviations.begin(), kAbbreviations.end(),
                                 [=](const Abbreviation& a) { return a.protocol == protocol; });
  if (row == kAbbreviations.end()) {
    Lowering::fail(DiagnosticCode::kInvalidQualifier, range,
                   fmt::format("'{}' is no filter by itself: it needs an address or the like "
                               "behind it",
                               lowering.filter.text(range)));
  }
  std::vector<ConditionLink> links;
  for (const std::uint32_t number : row->numbers) {
    if (number == kNone) break;
    links.push_back({Join::kOr, lower_protocol(lowering, row->within, number, range)});
  }
  return lowering.conditions.chain(links);
}

namespace {

// A name of protocols(5).
std::uint32_t resolve_protocol(const Lowering& lowering, std::string_view name, SourceRange range) {
  const NameResolver* resolver = lowering.options.resolver;
  if (resolver == nullptr) lowering.fail_on_name("protocol", name, range, nullptr);
  const auto found = resolver->protocol(name);
  if (!found) lowering.fail_on_name("protocol", name, range, &found.error());
  return *found;
}

std::uint32_t protocol_number(const Lowering& lowering, const ast::Identified& identified) {
  if (identified.kind != ast::IdentifierKind::kName) return identified.number;
  const std::string_view name = lowering.filter.text(identified.text);
  std::optional<std::uint32_t> known;
  switch (identified.qualifiers.protocol) {
    case ast::Protocol::kDefault:
    case ast::Protocol::kIp:
    case ast::Protocol::kIp6:
      return resolve_protocol(lowering, name, identified.text);
    case ast::Protocol::kLink:
      known = link_protocol_number(name);
      break;
    case ast::Protocol::kIso:
      known = iso_protocol_number(name);
      break;
    default:
      break;
  }
  if (!known) {
    Lowering::fail(DiagnosticCode::kUnknownName, identified.text,
                   fmt::format("unknown protocol '{}'", name));
  }
  return *known;
}

}  // namespace

ConditionIndex lower_proto(Lowering& lowering, const ast::Identified& identified) {
  const ast::Protocol within = identified.qualifiers.protocol;
  const std::uint32_t number = protocol_number(lowering, identified);
  if (identified.qualifiers.type == ast::AddressType::kProtochain) {
    return lower_protochain(lowering, within, number, identified.text);
  }
  return lower_protocol(lowering, within, number, identified.text);
}

}  // namespace bpfc
