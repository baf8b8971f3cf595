// How each kind of link layer says what it carries, for LinkRules::payload_is. `protocol` is an
// ethertype, or, up to 1500, an LLC service access point.
#pragma once

#include "compiler/lowering.h"

namespace bpfc {

// A type field above 1500 is an ethertype; else it is a length, and 802.2 follows.
ConditionIndex ethernet_payload_is(Lowering& lowering, std::uint32_t protocol);
// Linux cooked: an ethertype, or a number that says how else the frame is built.
ConditionIndex sll_payload_is(Lowering& lowering, std::uint32_t protocol);
// The type field is compared as it is.
ConditionIndex plain_type_is(Lowering& lowering, std::uint32_t protocol);
// No type field: the version of the IP header says it.
ConditionIndex version_payload_is(Lowering& lowering, std::uint32_t protocol);
ConditionIndex always_ip4(Lowering& lowering, std::uint32_t protocol);
ConditionIndex always_ip6(Lowering& lowering, std::uint32_t protocol);
// BSD loopback: an address family, in host order and in network order.
ConditionIndex null_payload_is(Lowering& lowering, std::uint32_t protocol);
ConditionIndex loop_payload_is(Lowering& lowering, std::uint32_t protocol);
ConditionIndex ppp_payload_is(Lowering& lowering, std::uint32_t protocol);

}  // namespace bpfc
