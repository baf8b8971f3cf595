// How each kind of link layer says what it carries, for LinkRules::payload_is. `protocol` is an
// ethertype, or, up to 1500, an LLC service access point.
#pragma once

#include "compiler/lowering.h"

namespace bpfc {

// A type field above 1500 is an ethertype; else it is a length, and 802.2 follows.
ConditionIndex ethernet_payload_is(Lowering& lowering, std::uint32_t protocol);
// Every frame has an 802.2 header.
ConditionIndex llc_payload_is(Lowering& lowering, std::uint32_t protocol);
// Linux cooked: an ethertype, or a number that says how else the frame is built.
ConditionIndex sll_payload_is(Lowering& lowering, std::uint32_t protocol);
// The type field is compared as it is.
ConditionIndex plain_type_is(Lowering& lowering, std::uint32_t protocol);
// No type field: the version of the IP header says it.
ConditionIndex version_payload_is(Lowering& lowering, std::uint32_t protocol);
ConditionIndex always_ip4(Lowering& lowering, std::uint32_t protocol);
ConditionIndex always_ip6(Lowering& lowering, std::uint32_t protocol);
ConditionIndex always_atalk(Lowering& lowering, std::uint32_t protocol);

// compiler/link/address_family.cc: an address family, in host order (NULL, ENC), in network order
// (LOOP), or in a byte (PFLOG, IPNET).
ConditionIndex null_payload_is(Lowering& lowering, std::uint32_t protocol);
ConditionIndex loop_payload_is(Lowering& lowering, std::uint32_t protocol);
ConditionIndex pflog_payload_is(Lowering& lowering, std::uint32_t protocol);
ConditionIndex ipnet_payload_is(Lowering& lowering, std::uint32_t protocol);
// compiler/link/ppp.cc: PPP's numbers, and Cisco's ethertypes in PPP's place.
ConditionIndex ppp_payload_is(Lowering& lowering, std::uint32_t protocol);
ConditionIndex ppp_bsdos_payload_is(Lowering& lowering, std::uint32_t protocol);
ConditionIndex cisco_payload_is(Lowering& lowering, std::uint32_t protocol);
ConditionIndex cisco_iso_protocol_is(Lowering& lowering, std::uint32_t protocol);
// compiler/link/frame_relay.cc
ConditionIndex frame_relay_payload_is(Lowering& lowering, std::uint32_t protocol);
ConditionIndex frame_relay_iso_protocol_is(Lowering& lowering, std::uint32_t protocol);
// compiler/link/arcnet.cc
ConditionIndex arcnet_payload_is(Lowering& lowering, std::uint32_t protocol);
// compiler/link/juniper.cc
ConditionIndex juniper_payload_is(Lowering& lowering, std::uint32_t protocol);

// Whether there is an 802.2 header, for LinkRules::has_llc.
ConditionIndex ethernet_has_llc(Lowering& lowering);
ConditionIndex always_has_llc(Lowering& lowering);

}  // namespace bpfc
