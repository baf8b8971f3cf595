// Ports, and the transport header that they are in.
#pragma once

#include <cstdint>

#include "grammar/ast.h"
#include "tests/reference/scope.h"

namespace bpfc::reference {

inline constexpr std::uint32_t kTcp = 6;
inline constexpr std::uint32_t kUdp = 17;
inline constexpr std::uint32_t kSctp = 132;

// port and portrange.
Condition port(const Scope& scope, const ast::Identified& identified);

// The packet is no fragment but the first of its IPv4 packet.
Condition first_fragment(const Scope& scope);
// The length of the IPv4 header, to which the variable part of its place is added.
std::uint32_t ipv4_header_length(State& state, Place network);
// Loads from the transport header behind an IPv4 header; its length is loaded anew each time.
Value load_behind_ipv4(Place network, std::uint32_t offset, std::uint32_t size);

// The IPv4 and the IPv6 half of `udp dst port N`, each followed by what `then` makes of a
// loader of bytes of the transport header.
using TransportLoader = std::function<Value(std::uint32_t offset, std::uint32_t size)>;
using TransportCondition = std::function<Condition(const TransportLoader& load)>;
Condition over_ipv4(const Scope& scope, std::uint32_t protocol, const TransportCondition& then);
Condition over_ipv6(const Scope& scope, std::uint32_t protocol, const TransportCondition& then);

}  // namespace bpfc::reference
