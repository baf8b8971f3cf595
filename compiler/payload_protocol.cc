// How each kind of link layer says what it carries: LinkRules::payload_is, and the same under MPLS.
#include "compiler/payload_protocol.h"

#include <fmt/format.h>

#include <array>

#include "compiler/protocol_numbers.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kIp4Version = 0x40;
constexpr std::uint32_t kIp6Version = 0x60;
constexpr std::uint32_t kVersionMask = 0xf0;

ConditionIndex ip_version_is(Lowering& lowering, std::uint32_t version) {
  return lowering.equal(lowering.load(lowering.network(), 1), version, kVersionMask);
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
       ip_version_is(lowering, protocol == ethertype::kIp ? kIp4Version : kIp6Version)});
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

ConditionIndex ethernet_payload_is(Lowering& lowering, std::uint32_t protocol) {
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
  if (protocol == ethertype::kIp) return ip_version_is(lowering, kIp4Version);
  if (protocol == ethertype::kIp6) return ip_version_is(lowering, kIp6Version);
  return lowering.conditions.always(false);
}

ConditionIndex always_ip4(Lowering& lowering, std::uint32_t protocol) {
  return lowering.conditions.always(protocol == ethertype::kIp);
}

ConditionIndex always_ip6(Lowering& lowering, std::uint32_t protocol) {
  return lowering.conditions.always(protocol == ethertype::kIp6);
}

namespace {

constexpr std::uint32_t kInet = 2;  // AF_INET, everywhere
// AF_INET6 where it is not 10: NetBSD, OpenBSD and BSD/OS; FreeBSD and DragonFly; Darwin.
constexpr std::array<std::uint32_t, 3> kInet6 = {24, 28, 30};
constexpr std::uint32_t kLinuxInet6 = 10;

constexpr std::uint32_t swap_bytes(std::uint32_t word) {
  return word << 24U | (word & 0xff00U) << 8U | (word >> 8U & 0xff00U) | word >> 24U;
}

ConditionIndex family_is(Lowering& lowering, std::span<const std::uint32_t> families) {
  std::vector<ConditionLink> links;
  for (const std::uint32_t family : families) {
    links.push_back({Join::kOr, lowering.equal(lowering.load_link(0, 4), family)});
  }
  return lowering.conditions.chain(links);
}

}  // namespace

// The family is in the byte order of the machine that captured. Of a file that may be any machine;
// on this one, and where nothing is known, it is little-endian.
ConditionIndex null_payload_is(Lowering& lowering, std::uint32_t protocol) {
  const bool savefile = lowering.options.target == Target::kNativeSavefile ||
                        lowering.options.target == Target::kSwappedSavefile;
  if (protocol != ethertype::kIp && protocol != ethertype::kIp6) {
    return lowering.conditions.always(false);
  }
  std::vector<std::uint32_t> families;
  const auto add = [&](std::uint32_t family) {
    families.push_back(swap_bytes(family));
    if (savefile) families.push_back(family);
  };
  if (protocol == ethertype::kIp) {
    add(kInet);
  } else if (savefile) {
    for (const std::uint32_t family : kInet6) add(family);
  } else {
    add(kLinuxInet6);
  }
  return family_is(lowering, families);
}

// As above, but big-endian by definition.
ConditionIndex loop_payload_is(Lowering& lowering, std::uint32_t protocol) {
  const bool savefile = lowering.options.target == Target::kNativeSavefile ||
                        lowering.options.target == Target::kSwappedSavefile;
  if (protocol == ethertype::kIp) return family_is(lowering, std::array{kInet});
  if (protocol != ethertype::kIp6) return lowering.conditions.always(false);
  if (savefile) return family_is(lowering, kInet6);
  return family_is(lowering, std::array{kLinuxInet6});
}

// PPP has numbers of its own (IANA, PPP DLL Protocol Numbers).
ConditionIndex ppp_payload_is(Lowering& lowering, std::uint32_t protocol) {
  struct PppNumber {
    std::uint32_t protocol;
    std::uint32_t ppp;
  };
  constexpr std::array kNumbers = {
      PppNumber{ethertype::kIp, 0x0021},     PppNumber{ethertype::kIp6, 0x0057},
      PppNumber{ethertype::kDecnet, 0x0027}, PppNumber{ethertype::kAtalk, 0x0029},
      PppNumber{sap::kIso, 0x0023},          PppNumber{sap::kSpanningTree, 0x0031},
      PppNumber{sap::kIpx, 0x002b}};
  for (const PppNumber& row : kNumbers) {
    if (row.protocol == protocol) protocol = row.ppp;
  }
  return lowering.equal(lowering.load_type(), protocol);
}

ConditionIndex Lowering::payload_is(std::uint32_t protocol) {
  if (context.mpls_labels > 0) return mpls_payload_is(*this, protocol);
  return link().payload_is(*this, protocol);
}

}  // namespace bpfc
