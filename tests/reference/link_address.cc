#include "tests/reference/link_address.h"

#include <optional>

#include "tests/reference/wlan.h"

namespace bpfc::reference {

namespace {

using ast::Direction;

// Where the link header has its two addresses.
struct Addresses {
  std::uint32_t source;
  std::uint32_t destination;
};

std::optional<Addresses> six_bytes(Link link) {
  switch (link) {
    case Link::kEthernet:
    case Link::kNetAnalyzer:
      return Addresses{6, 0};
    case Link::kFddi:
      return Addresses{7, 1};
    case Link::kTokenRing:
      return Addresses{8, 2};
    case Link::kIpOverFc:
      return Addresses{10, 2};
    default:
      return std::nullopt;
  }
}

std::optional<Addresses> one_byte(Link link) {
  switch (link) {
    case Link::kArcnet:
      return Addresses{0, 1};
    case Link::kBacnet:
      return Addresses{4, 3};
    default:
      return std::nullopt;
  }
}

}  // namespace

Condition by_direction(Direction direction, const Condition& source, const Condition& destination) {
  switch (direction) {
    case Direction::kDefault:
    case Direction::kEither:
      return any_of({source, destination});
    case Direction::kBoth:
      return all_of({source, destination});
    case Direction::kSource:
      return source;
    case Direction::kDestination:
      return destination;
    default:
      throw Refused{"addresses of 802.11 frames only"};
  }
}

Condition mac_at(Place place, const EthernetAddress& address) {
  const auto byte = [&address](std::size_t i) { return std::uint32_t{address.at(i)}; };
  return all_of(
      {equals(place.plus(2), kWord, byte(2) << 24U | byte(3) << 16U | byte(4) << 8U | byte(5)),
       equals(place, kHalf, byte(0) << 8U | byte(1))});
}

Condition link_host(const Scope& scope, const EthernetAddress& address, Direction direction) {
  if (scope.headers.link == Link::kWlan) {
    return wlan_host(scope, address, direction);
  }
  const std::optional<Addresses> fields = six_bytes(scope.headers.link);
  if (!fields) {
    throw Refused{"this link type has no Ethernet addresses"};
  }
  const Place header = scope.link_header();
  return all_of({has_ethernet_header(scope),
                 by_direction(direction, mac_at(header.plus(fields->source), address),
                              mac_at(header.plus(fields->destination), address))});
}

Condition link_host(const Scope& scope, std::uint8_t address, Direction direction) {
  const std::optional<Addresses> fields = one_byte(scope.headers.link);
  if (!fields) {
    throw Refused{"one-byte addresses are ARCnet's and BACnet's"};
  }
  const Place header = scope.link_header();
  return by_direction(direction, equals(header.plus(fields->source), kByte, address),
                      equals(header.plus(fields->destination), kByte, address));
}

Condition link_broadcast(const Scope& scope) {
  constexpr EthernetAddress kEveryone{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  constexpr std::uint8_t kEveryArcnetNode = 0;
  constexpr std::uint8_t kEveryBacnetNode = 0xff;
  switch (scope.headers.link) {
    case Link::kArcnet:
      return link_host(scope, kEveryArcnetNode, Direction::kDestination);
    case Link::kBacnet:
      return link_host(scope, kEveryBacnetNode, Direction::kDestination);
    default:
      return link_host(scope, kEveryone, Direction::kDestination);
  }
}

// A bit of the destination's first byte. ARCnet knows no groups but everyone.
Condition link_multicast(const Scope& scope) {
  if (scope.headers.link == Link::kWlan) {
    return wlan_multicast(scope);
  }
  if (scope.headers.link == Link::kArcnet) {
    return link_broadcast(scope);
  }
  const std::optional<Addresses> fields = six_bytes(scope.headers.link);
  if (!fields) {
    throw Refused{"this link type has no multicast"};
  }
  return all_of({has_ethernet_header(scope),
                 equals(scope.link_header().plus(fields->destination), kByte, 1, 1)});
}

}  // namespace bpfc::reference
