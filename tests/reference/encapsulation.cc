#include "tests/reference/encapsulation.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "tests/reference/port.h"

namespace bpfc::reference {

namespace {

using Identifier = std::optional<std::uint32_t>;

void check_maximum(const Identifier& identifier, std::uint32_t maximum) {
  if (identifier.value_or(0) > maximum) {
    throw Refused{"value is greater than its maximum " + std::to_string(maximum)};
  }
}

Place new_variable(HeaderContext& headers) { return {0, headers.variables++}; }

constexpr std::uint32_t kVlanTag = 4;
constexpr std::uint32_t kVlanId = 0xfff;

Condition vlan_tpid(const Scope& scope) {
  return any_of({scope.link_type(0x8100), scope.link_type(0x88a8), scope.link_type(0x9100)});
}

// No encapsulation to the left has led to another link header.
bool in_outermost_header(const Scope& scope) {
  const Place first = outermost(scope.environment.link_type).link_header;
  return scope.headers.link_header.constant == first.constant &&
         scope.headers.link_header.variable == first.variable;
}

// What Linux saves of a tagged packet: the tag's own type, and the tag at the payload's start.
bool is_cooked_file(const Scope& scope) {
  const LinkType type = scope.environment.link_type;
  const bool cooked = type == LinkType::kLinuxSll || type == LinkType::kLinuxSll2;
  return cooked && in_outermost_header(scope) && scope.environment.target != Target::kLiveLinux;
}

bool is_ethernet(Link link) { return link == Link::kEthernet || link == Link::kNetAnalyzer; }

// Linux takes the outer tag out of the packet and says so in its metadata. Where it has not, what
// follows is four bytes further on, even if the bytes then turn out to hold no tag.
Condition vlan_in_metadata(Scope& scope, const Identifier& identifier) {
  HeaderContext& headers = scope.headers;
  const Condition in_band = vlan_tpid(scope);
  const Place payload = headers.payload;
  headers.type.variable = new_variable(headers).variable;
  headers.payload.variable = new_variable(headers).variable;
  const std::array<int, 2> shifted{headers.type.variable, headers.payload.variable};
  Condition tagged = [=, tpid = in_band](State& state) {
    if (state.ancillary().vlan_tag_present) {
      return true;
    }
    for (const int variable : shifted) {
      state.variable(variable) += kVlanTag;
    }
    return tpid(state);
  };
  if (!identifier) {
    return tagged;
  }
  return all_of({tagged, [payload, id = *identifier](State& state) {
                   const std::uint32_t tag = state.ancillary().vlan_tag_present
                                                 ? state.ancillary().vlan_tag
                                                 : state.load(payload, kHalf);
                   return (tag & kVlanId) == id;
                 }});
}

Condition vlan(Scope& scope, const Identifier& identifier) {
  HeaderContext& headers = scope.headers;
  check_maximum(identifier, kVlanId);
  if (headers.after_mpls) {
    throw Refused{"no VLAN match after MPLS"};
  }
  const bool wlan = headers.link == Link::kWlan;
  const bool cooked = is_cooked_file(scope);
  if (!cooked && !is_ethernet(headers.link) &&
      (!wlan || scope.environment.link_type == LinkType::kPpi)) {
    throw Refused{"'vlan' is not supported on this link type"};
  }
  const bool first = headers.vlan_tags == 0 && in_outermost_header(scope);
  ++headers.vlan_tags;
  if (first && !wlan && scope.environment.target == Target::kLiveLinux) {
    return vlan_in_metadata(scope, identifier);
  }
  std::vector<Condition> conditions{vlan_tpid(scope)};
  if (identifier) {
    conditions.push_back(equals(scope.network(), kHalf, *identifier, kVlanId));
  }
  if (cooked) {
    headers.type = headers.payload;
    headers.type.constant += kVlanTag / 2;
  } else {
    headers.type.constant += kVlanTag;
  }
  headers.payload.constant += kVlanTag;
  return all_of(conditions);
}

Condition mpls(Scope& scope, const Identifier& identifier) {
  constexpr std::uint32_t kMplsOverPpp = 0x281;
  HeaderContext& headers = scope.headers;
  check_maximum(identifier, 0xfffff);
  std::vector<Condition> conditions;
  if (headers.after_mpls) {
    // The label before this one is not the last.
    conditions.push_back(equals(scope.network().plus(0U - 2U), kByte, 0, 1));
  } else if (is_ethernet(headers.link) || headers.link == Link::kCiscoHdlc) {
    conditions.push_back(scope.link_type(kTypeMpls));
  } else if (headers.link == Link::kPpp) {
    conditions.push_back(scope.link_type(kMplsOverPpp));
  } else {
    throw Refused{"'mpls' is not supported on this link type"};
  }
  if (identifier) {
    conditions.push_back(equals(scope.network(), kWord, *identifier << 12U, 0xfffff000U));
  }
  constexpr std::uint32_t kLabel = 4;
  headers.network += kLabel;
  headers.after_mpls = true;
  return all_of(conditions);
}

Condition pppoes(Scope& scope, const Identifier& identifier) {
  HeaderContext& headers = scope.headers;
  check_maximum(identifier, 0xffff);
  std::vector<Condition> conditions{scope.link_type(kTypePppoeSession)};
  if (identifier) {
    conditions.push_back(equals(scope.network(), kWord, *identifier, 0xffff));
  }
  constexpr std::uint32_t kHeader = 6;
  constexpr std::uint32_t kPppProtocol = 2;
  headers.link = Link::kPpp;
  headers.link_header = headers.payload.plus(headers.network + kHeader);
  headers.type = headers.link_header;
  headers.payload = headers.link_header.plus(kPppProtocol);
  headers.network = 0;
  headers.iso = 0;
  return all_of(conditions);
}

constexpr std::uint32_t kUdpHeader = 8;
constexpr std::uint32_t kEthernetType = 12;
constexpr std::uint32_t kEthernetHeader = 14;

// The tunnel's header is tested by `matches`, over IPv4 and then over IPv6. Where the UDP header
// starts is then what `enter` gets.
Condition over_udp(const Scope& scope, const TransportCondition& matches,
                   const std::function<void(State&, std::uint32_t udp)>& enter) {
  const Place network = scope.network();
  const Condition enter_ipv4 = [=](State& state) {
    enter(state, ipv4_header_length(state, network) + network.constant);
    return true;
  };
  const Condition enter_ipv6 = [=](State& state) {
    enter(state, state.variable_part(network) + network.constant + 40);
    return true;
  };
  return any_of({all_of({over_ipv4(scope, kUdp, matches), enter_ipv4}),
                 all_of({over_ipv6(scope, kUdp, matches), enter_ipv6})});
}

Condition loaded_equals(const Value& load, std::uint32_t value, std::uint32_t mask) {
  return [=](State& state) { return (load(state) & mask) == value; };
}

TransportCondition tunnel_header(std::uint32_t destination_port, std::uint32_t first_byte,
                                 std::uint32_t first_byte_mask, const Identifier& identifier) {
  return [=](const TransportLoader& load) {
    std::vector<Condition> conditions{
        loaded_equals(load(2, kHalf), destination_port, 0xffff),
        loaded_equals(load(kUdpHeader, kByte), first_byte, first_byte_mask)};
    if (identifier) {
      conditions.push_back(
          loaded_equals(load(kUdpHeader + 4, kWord), *identifier << 8U, 0xffffff00U));
    }
    return all_of(conditions);
  };
}

// What geneve and vxlan find out in the packet; 0 where they have not matched.
struct Inner {
  Place link_header;
  Place type;
  Place payload;
};

Inner enter_tunnel(HeaderContext& headers) {
  const Inner inner{new_variable(headers), new_variable(headers), new_variable(headers)};
  headers.link = Link::kEthernet;
  headers.link_header = inner.link_header;
  headers.type = inner.type;
  headers.payload = inner.payload;
  headers.network = 0;
  headers.after_tunnel = true;
  return inner;
}

// Inside may be any ethertype; without an Ethernet header its type is Geneve's own.
Condition geneve(Scope& scope, const Identifier& identifier) {
  check_maximum(identifier, 0xffffff);
  const Scope outer = scope;
  const Inner inner = enter_tunnel(scope.headers);
  return over_udp(
      outer, tunnel_header(6081, 0, 0xc0, identifier), [inner](State& state, std::uint32_t udp) {
        constexpr std::uint32_t kBridged = 0x6558;
        const std::uint32_t header = udp + kUdpHeader;
        const std::uint32_t options = state.load_at(header, 0, kByte) & 0x3fU;
        const std::uint32_t end = header + 8 + 4 * options;
        const bool ethernet = state.load_at(header, 2, kHalf) == kBridged;
        state.variable(inner.link_header.variable) = end;
        state.variable(inner.type.variable) = ethernet ? end + kEthernetType : header + 2;
        state.variable(inner.payload.variable) = ethernet ? end + kEthernetHeader : end;
      });
}

Condition vxlan(Scope& scope, const Identifier& identifier) {
  check_maximum(identifier, 0xffffff);
  const Scope outer = scope;
  const Inner inner = enter_tunnel(scope.headers);
  return over_udp(outer, tunnel_header(4789, 0x08, 0xff, identifier),
                  [inner](State& state, std::uint32_t udp) {
                    constexpr std::uint32_t kHeader = 8;
                    const std::uint32_t end = udp + kUdpHeader + kHeader;
                    state.variable(inner.link_header.variable) = end;
                    state.variable(inner.type.variable) = end + kEthernetType;
                    state.variable(inner.payload.variable) = end + kEthernetHeader;
                  });
}

}  // namespace

Condition encapsulation(Scope& scope, const ast::Encapsulation& encapsulation) {
  switch (encapsulation.kind) {
    case ast::EncapsulationKind::kVlan:
      return vlan(scope, encapsulation.identifier);
    case ast::EncapsulationKind::kMpls:
      return mpls(scope, encapsulation.identifier);
    case ast::EncapsulationKind::kPppoed:
      return scope.link_type(kTypePppoeDiscovery);
    case ast::EncapsulationKind::kPppoes:
      return pppoes(scope, encapsulation.identifier);
    case ast::EncapsulationKind::kGeneve:
      return geneve(scope, encapsulation.identifier);
    case ast::EncapsulationKind::kVxlan:
      return vxlan(scope, encapsulation.identifier);
  }
  throw Refused{"unknown encapsulation"};
}

}  // namespace bpfc::reference
