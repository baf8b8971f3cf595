#include "tests/reference/port.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/reference/link_address.h"

namespace bpfc::reference {

namespace {

using ast::AddressType;
using ast::Direction;
using ast::IdentifierKind;
using ast::Protocol;

struct PortRange {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  std::optional<std::uint32_t> transport;  // a service may be TCP's or UDP's alone
};

PortRange checked(std::uint32_t number) {
  if (number > 65535) {
    throw Refused{"port number is greater than its maximum 65535"};
  }
  return {number, number, std::nullopt};
}

std::optional<std::uint32_t> decimal(std::string_view text) {
  std::uint32_t value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9' || value > 65535) {
      return std::nullopt;
    }
    value = value * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  return text.empty() ? std::nullopt : std::optional(value);
}

// A number or a service. A service of both transports on different ports is TCP's.
PortRange one_port(const Scope& scope, std::string_view text) {
  if (const std::optional<std::uint32_t> number = decimal(text)) {
    return checked(*number);
  }
  const auto ports = scope.resolver().port(text);
  if (!ports || (!ports->tcp && !ports->udp)) {
    throw Refused{"unknown port '" + std::string(text) + "'"};
  }
  PortRange range = checked(ports->tcp ? *ports->tcp : *ports->udp);
  if (ports->tcp != ports->udp) {
    range.transport = ports->tcp ? kTcp : kUdp;
  }
  return range;
}

PortRange range_of(const Scope& scope, const ast::Identified& identified) {
  const std::string_view text = scope.filter.text(identified.text);
  if (identified.kind == IdentifierKind::kNumber) {
    return checked(identified.number);
  }
  if (identified.kind != IdentifierKind::kName) {
    throw Refused{"an address is no port"};
  }
  if (identified.qualifiers.type == AddressType::kPort) {
    return one_port(scope, text);
  }
  const std::size_t hyphen = text.find('-');
  if (hyphen == std::string_view::npos || text.find('-', hyphen + 1) != std::string_view::npos) {
    throw Refused{"a port range has one hyphen"};
  }
  const PortRange first = one_port(scope, text.substr(0, hyphen));
  const PortRange last = one_port(scope, text.substr(hyphen + 1));
  PortRange range{first.low, last.low, first.transport};
  if (range.low > range.high) {
    std::swap(range.low, range.high);
  }
  if (first.transport != last.transport) {
    range.transport = std::nullopt;
  }
  return range;
}

// The transports in the order in which they are asked about.
std::vector<std::uint32_t> transports(Protocol protocol, std::optional<std::uint32_t> of_name) {
  std::vector<std::uint32_t> all{kSctp, kTcp, kUdp};
  std::optional<std::uint32_t> qualified;
  switch (protocol) {
    case Protocol::kDefault:
      break;
    case Protocol::kTcp:
      qualified = kTcp;
      break;
    case Protocol::kUdp:
      qualified = kUdp;
      break;
    case Protocol::kSctp:
      qualified = kSctp;
      break;
    default:
      throw Refused{"not a valid qualifier of 'port'"};
  }
  if (of_name && qualified && of_name != qualified) {
    throw Refused{"the service is of another transport"};
  }
  if (const auto one = qualified ? qualified : of_name) {
    all = {*one};
  }
  return all;
}

Condition in_range(const Value& load, const PortRange& range) {
  return [load, low = range.low, high = range.high](State& state) {
    const std::uint32_t value = load(state);
    return value >= low && value <= high;
  };
}

Condition port_at(const TransportLoader& load, Direction direction, const PortRange& range) {
  const Condition source = in_range(load(0, kHalf), range);
  const Condition destination = in_range(load(2, kHalf), range);
  return by_direction(direction, source, destination);
}

// What follows the check of the link type, for one transport protocol.
Condition behind_ipv4(const Scope& scope, std::uint32_t protocol, const TransportCondition& then) {
  const Place network = scope.network();
  return all_of({equals(network.plus(9), kByte, protocol), first_fragment(scope),
                 then([network](std::uint32_t offset, std::uint32_t size) {
                   return load_behind_ipv4(network, offset, size);
                 })});
}

// The fixed header only: extension headers are not looked behind.
Condition behind_ipv6(const Scope& scope, std::uint32_t protocol, const TransportCondition& then) {
  constexpr std::uint32_t kHeader = 40;
  const Place network = scope.network();
  return all_of({equals(network.plus(6), kByte, protocol),
                 then([network](std::uint32_t offset, std::uint32_t size) -> Value {
                   return [place = network.plus(kHeader + offset), size](State& state) {
                     return state.load(place, size);
                   };
                 })});
}

}  // namespace

Condition first_fragment(const Scope& scope) {
  return equals(scope.network().plus(6), kHalf, 0, 0x1fff);
}

std::uint32_t ipv4_header_length(State& state, Place network) {
  return ((state.load(network, kByte) & 0xfU) << 2U) + state.variable_part(network);
}

Value load_behind_ipv4(Place network, std::uint32_t offset, std::uint32_t size) {
  return [=](State& state) {
    return state.load_at(ipv4_header_length(state, network), network.constant + offset, size);
  };
}

Condition over_ipv4(const Scope& scope, std::uint32_t protocol, const TransportCondition& then) {
  return all_of({scope.link_type(kTypeIp), behind_ipv4(scope, protocol, then)});
}

Condition over_ipv6(const Scope& scope, std::uint32_t protocol, const TransportCondition& then) {
  return all_of({scope.link_type(kTypeIp6), behind_ipv6(scope, protocol, then)});
}

// IPv6 is asked about before IPv4, unlike for protocols.
Condition port(const Scope& scope, const ast::Identified& identified) {
  const PortRange range = range_of(scope, identified);
  const Direction direction = identified.qualifiers.direction;
  const TransportCondition matches = [&](const TransportLoader& load) {
    return port_at(load, direction, range);
  };
  std::vector<Condition> ipv6;
  std::vector<Condition> ipv4;
  for (const std::uint32_t protocol : transports(identified.qualifiers.protocol, range.transport)) {
    ipv6.push_back(behind_ipv6(scope, protocol, matches));
    ipv4.push_back(behind_ipv4(scope, protocol, matches));
  }
  return any_of({all_of({scope.link_type(kTypeIp6), any_of(ipv6)}),
                 all_of({scope.link_type(kTypeIp), any_of(ipv4)})});
}

}  // namespace bpfc::reference
