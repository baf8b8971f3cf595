// How each kind of link layer says what it carries: LinkRules::payload_is, and the same under MPLS.
#include "compiler/link/payload_protocol.h"

#include <fmt/format.h>

#include <array>

#include "compiler/protocol_numbers.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kIp4Version = 0x40;
constexpr std::uint32_t kIp6Version = 0x60;
constexpr std::uint32_t kVersionMask = 0xf0;

ConditionIndex ip_version_is(Lowering& lowering, const HeaderOffset& at, std::uint32_t version) {
  return lowering.equal(lowering.load(at, 1), version, kVersionMask);
}

// The bottom label of a stack has its S bit set; above the payload there is no protocol field.
ConditionIndex mpls_payload_is(Lowering& lowering, std::uint32_t protocol) {
  if (protocol != ethertype::kIp && protocol != ethertype::kIp6) {
    Lowering::fail(DiagnosticCode::kEncapsulation, lowering.current,
                   "unsupported protocol over MPLS: only ip, ip6 and mpls can follow");
  }
  constexpr std::uint32_t kFromBottomByte = 2;
  HeaderOffset bottom = lowering.network();
  bottom.constant -= kFromBottomByte;
  return lowering.conditions.all(
      {lowering.equal(lowering.load(bottom, 1), 1, 1),
       ip_version_is(lowering, lowering.network(),
                     protocol == ethertype::kIp ? kIp4Version : kIp6Version)});
}

// An LLC header with a SNAP header behind it (IEEE 802.2).
ConditionIndex snap_is(Lowering& lowering, std::uint32_t organization, std::uint32_t protocol) {
  const auto byte = [](std::uint32_t word, unsigned shift) {
    return static_cast<std::uint8_t>(word >> shift);
  };
  const std::array<std::uint8_t, 8> header = {0xaa,
                                              0xaa,
                                              0x03,
                                              byte(organization, 16),
                                              byte(organization, 8),
                                              byte(organization, 0),
                                              byte(protocol, 8),
                                              byte(protocol, 0)};
  return lowering.equal_bytes(lowering.context.payload, header);
}

constexpr std::uint32_t kAppleOrganization = 0x080007;

// What an 802.2 frame holds, once it is known to be one. `llc` is where its first byte is looked
// for.
ConditionIndex service_access_point_is(Lowering& lowering, std::uint32_t protocol) {
  switch (protocol) {
    case sap::kIso:
    case sap::kIp:
    case sap::kNetbeui:
      return lowering.equal(lowering.load(lowering.context.payload, 2), protocol << 8U | protocol);
    case ethertype::kAtalk:
      return snap_is(lowering, kAppleOrganization, ethertype::kAtalk);
    case ethertype::kAarp:
      return snap_is(lowering, 0, ethertype::kAarp);
    default:
      // From the type field on, not from the payload: the two part behind Geneve without Ethernet.
      return lowering.equal(lowering.load(lowering.context.type.plus(2), 1), protocol);
  }
}

bool is_in_llc(std::uint32_t protocol) { return protocol <= kLargestLength; }

bool is_appletalk(std::uint32_t protocol) {
  return protocol == ethertype::kAtalk || protocol == ethertype::kAarp;
}

}  // namespace

namespace {

ConditionIndex type_field_says(Lowering& lowering, std::uint32_t protocol) {
  auto& conditions = lowering.conditions;
  const ir::ValueIndex type = lowering.load_type();
  const auto is_length = [&] { return conditions.negate(lowering.greater(type, kLargestLength)); };
  if (protocol == sap::kIpx) {
    // Ethernet II; 802.2 with SNAP, or without; and Novell's frames without 802.2, which start
    // 0xffff.
    const ir::ValueIndex llc_half = lowering.load(lowering.context.payload, 2);
    const ir::ValueIndex llc_byte = lowering.load(lowering.context.payload, 1);
    return conditions.any(
        {lowering.equal(type, ethertype::kIpx),
         conditions.all({is_length(), conditions.any({snap_is(lowering, 0, ethertype::kIpx),
                                                      lowering.equal(llc_byte, sap::kIpx),
                                                      lowering.equal(llc_half, 0xffff)})})});
  }
  if (is_appletalk(protocol)) {
    return conditions.any(
        {lowering.equal(type, protocol),
         conditions.all({is_length(), service_access_point_is(lowering, protocol)})});
  }
  if (!is_in_llc(protocol)) return lowering.equal(type, protocol);
  return conditions.all({is_length(), service_access_point_is(lowering, protocol)});
}

}  // namespace

ConditionIndex ethernet_payload_is(Lowering& lowering, std::uint32_t protocol) {
  // Geneve's own header has a type field too, so only an emulated LAN's header has to be told.
  if (lowering.context.link_guard != LinkGuard::kLane) return type_field_says(lowering, protocol);
  const ConditionIndex frame = *lowering.has_link_header();
  return lowering.conditions.all({frame, type_field_says(lowering, protocol)});
}

ConditionIndex llc_payload_is(Lowering& lowering, std::uint32_t protocol) {
  constexpr std::uint32_t kSnapType = 6;
  const HeaderOffset& llc = lowering.context.payload;
  switch (protocol) {
    case sap::kIp:
    case sap::kIso:
    case sap::kNetbeui:
      return lowering.equal(lowering.load(llc, 2), protocol << 8U | protocol);
    case ethertype::kAtalk:
      return snap_is(lowering, kAppleOrganization, ethertype::kAtalk);
    default:
      if (is_in_llc(protocol)) return lowering.equal(lowering.load(llc, 1), protocol);
      return lowering.equal(lowering.load(llc.plus(kSnapType), 2), protocol);
  }
}

ConditionIndex sll_payload_is(Lowering& lowering, std::uint32_t protocol) {
  // linux/if_ether.h: what the kernel says of frames without an ethertype.
  constexpr std::uint32_t kNovell = 1;
  constexpr std::uint32_t kLlc = 4;
  auto& conditions = lowering.conditions;
  const ir::ValueIndex type = lowering.load_type();
  const auto has_llc = [&] { return lowering.equal(type, kLlc); };
  if (protocol == sap::kIpx) {
    const ir::ValueIndex first = lowering.load(lowering.context.payload, 1);
    return conditions.any(
        {lowering.equal(type, ethertype::kIpx), lowering.equal(type, kNovell),
         conditions.all({has_llc(), conditions.any({lowering.equal(first, sap::kIpx),
                                                    snap_is(lowering, 0, ethertype::kIpx)})})});
  }
  if (is_appletalk(protocol)) {
    return conditions.any(
        {lowering.equal(type, protocol),
         conditions.all({has_llc(), service_access_point_is(lowering, protocol)})});
  }
  if (!is_in_llc(protocol)) return lowering.equal(type, protocol);
  if (lowering.context.cooked_socket) {
    return conditions.all(
        {has_llc(), lowering.equal(lowering.load(lowering.context.payload, 1), protocol)});
  }
  return conditions.all({has_llc(), service_access_point_is(lowering, protocol)});
}

ConditionIndex plain_type_is(Lowering& lowering, std::uint32_t protocol) {
  return lowering.equal(lowering.load_type(), protocol);
}

ConditionIndex version_payload_is(Lowering& lowering, std::uint32_t protocol) {
  // From the start of the link-layer header, as in libpcap, whatever its length: where SLIP's 16
  // bytes come first, that is not the IP header.
  const HeaderOffset& at = lowering.context.link_header;
  if (protocol == ethertype::kIp) return ip_version_is(lowering, at, kIp4Version);
  if (protocol == ethertype::kIp6) return ip_version_is(lowering, at, kIp6Version);
  return lowering.conditions.always(false);
}

ConditionIndex always_ip4(Lowering& lowering, std::uint32_t protocol) {
  return lowering.conditions.always(protocol == ethertype::kIp);
}

ConditionIndex always_ip6(Lowering& lowering, std::uint32_t protocol) {
  return lowering.conditions.always(protocol == ethertype::kIp6);
}

ConditionIndex always_atalk(Lowering& lowering, std::uint32_t protocol) {
  return lowering.conditions.always(protocol == ethertype::kAtalk);
}

// Novell's frames without 802.2 start with 0xffff.
ConditionIndex ethernet_has_llc(Lowering& lowering) {
  auto& conditions = lowering.conditions;
  const ir::ValueIndex first = lowering.load(lowering.context.payload, 2);
  return conditions.all({conditions.negate(lowering.greater(lowering.load_type(), kLargestLength)),
                         conditions.negate(lowering.equal(first, 0xffff))});
}

ConditionIndex always_has_llc(Lowering& lowering) { return lowering.conditions.always(true); }

ConditionIndex Lowering::payload_is(std::uint32_t protocol) {
  if (context.mpls_labels > 0) return mpls_payload_is(*this, protocol);
  if (link().payload_is == nullptr) {
    fail(DiagnosticCode::kUnsupportedLinkType, current,
         fmt::format("protocols cannot be told on link type {}: ask for bytes (link[]) or len",
                     context.link_type->name));
  }
  return link().payload_is(*this, protocol);
}

}  // namespace bpfc
