#include "tests/reference/host.h"

#include <array>
#include <string>
#include <vector>

#include "tests/reference/address.h"
#include "tests/reference/link_address.h"

namespace bpfc::reference {

namespace {

using ast::AddressType;
using ast::Direction;
using ast::IdentifierKind;
using ast::Protocol;

// The families of IPv4 addresses, in the order in which they are asked about.
struct Ipv4Family {
  Protocol protocol;
  std::uint32_t type;
  std::uint32_t source;
  std::uint32_t destination;
};
constexpr std::array<Ipv4Family, 3> kIpv4Families{{{Protocol::kIp, kTypeIp, 12, 16},
                                                   {Protocol::kArp, kTypeArp, 14, 24},
                                                   {Protocol::kRarp, kTypeRarp, 14, 24}}};

// Those that a qualifier means. MPLS carries no ARP.
std::vector<Ipv4Family> ipv4_families(const Scope& scope, Protocol protocol) {
  std::vector<Ipv4Family> families;
  for (const Ipv4Family& family : kIpv4Families) {
    const bool by_default = protocol == Protocol::kDefault &&
                            (family.protocol == Protocol::kIp || !scope.headers.after_mpls);
    if (by_default || protocol == family.protocol) {
      families.push_back(family);
    }
  }
  if (families.empty()) {
    throw Refused{"not a valid qualifier of an IPv4 address"};
  }
  return families;
}

Condition ipv4_address(const Scope& scope, const Ipv4Family& family, std::uint32_t address,
                       std::uint32_t mask, Direction direction) {
  const Place network = scope.network();
  return by_direction(direction, equals(network.plus(family.source), kWord, address, mask),
                      equals(network.plus(family.destination), kWord, address, mask));
}

// Any of the addresses, of any of the families.
Condition ipv4(const Scope& scope, Protocol protocol, const std::vector<std::uint32_t>& addresses,
               std::uint32_t mask, Direction direction) {
  std::vector<Condition> conditions;
  for (const Ipv4Family& family : ipv4_families(scope, protocol)) {
    std::vector<Condition> hosts;
    for (const std::uint32_t address : addresses) {
      hosts.push_back(ipv4_address(scope, family, address, mask, direction));
    }
    conditions.push_back(all_of({scope.link_type(family.type), any_of(hosts)}));
  }
  return any_of(conditions);
}

using Words = std::array<std::uint32_t, 4>;

// All four words are loaded, from the left, until one differs; a word without mask bits too.
Condition ipv6_words(Place place, const Words& address, const Words& mask) {
  std::vector<Condition> words;
  for (std::uint32_t i = 0; i < 4; ++i) {
    words.push_back(equals(place.plus(4 * i), kWord, address[i], mask[i]));
  }
  return all_of(words);
}

Condition ipv6(const Scope& scope, Protocol protocol, const std::vector<Words>& addresses,
               const Words& mask, Direction direction) {
  if (protocol != Protocol::kDefault && protocol != Protocol::kIp6) {
    throw Refused{"not a valid qualifier of an IPv6 address"};
  }
  const Place network = scope.network();
  std::vector<Condition> hosts;
  for (const Words& address : addresses) {
    hosts.push_back(by_direction(direction, ipv6_words(network.plus(8), address, mask),
                                 ipv6_words(network.plus(24), address, mask)));
  }
  return all_of({scope.link_type(kTypeIp6), any_of(hosts)});
}

Words ipv6_mask(std::uint32_t length) {
  Words mask{};
  for (std::uint32_t bit = 0; bit < length; ++bit) {
    mask.at(bit / 32) |= 0x80000000U >> bit % 32;
  }
  return mask;
}

constexpr Words kWholeAddress{0xffffffffU, 0xffffffffU, 0xffffffffU, 0xffffffffU};

// The flags are at 2, or at 3 behind a byte of padding; the addresses are little-endian.
Condition decnet_host(const Scope& scope, std::uint32_t address, Direction direction) {
  constexpr std::uint32_t kShort = 2;
  constexpr std::uint32_t kLong = 6;
  constexpr std::uint32_t kPadding = 0x81;
  const std::uint32_t value = (address & 0xffU) << 8U | address >> 8U;
  const Place network = scope.network();
  const auto at = [&](std::uint32_t in_short, std::uint32_t in_long) {
    std::vector<Condition> layouts;
    for (const std::uint32_t flags : {kShort, kLong}) {
      const std::uint32_t offset = flags == kShort ? in_short : in_long;
      layouts.push_back(all_of(
          {equals(network.plus(2), kByte, flags, 7), equals(network.plus(offset), kHalf, value)}));
      layouts.push_back(all_of({equals(network.plus(2), kHalf, kPadding << 8U | flags, 0xff07),
                                equals(network.plus(offset + 1), kHalf, value)}));
    }
    return all_of({scope.link_type(kTypeDecnet), any_of(layouts)});
  };
  return by_direction(direction, at(5, 17), at(3, 9));
}

std::string text_of(const Scope& scope, SourceRange range) {
  return std::string(scope.filter.text(range));
}

Condition named_host(const Scope& scope, const ast::Identified& identified) {
  const auto [protocol, direction, type, range] = identified.qualifiers;
  const std::string name = text_of(scope, identified.text);
  if (protocol == Protocol::kLink) {
    const auto address = scope.resolver().ether(name);
    if (!address) {
      throw Refused{"unknown ether host '" + name + "'"};
    }
    return link_host(scope, *address, direction);
  }
  const auto addresses = scope.resolver().host(name);
  if (!addresses) {
    throw Refused{"unknown host '" + name + "'"};
  }
  std::vector<Condition> conditions;
  if (!addresses->ipv4.empty() && protocol != Protocol::kIp6) {
    conditions.push_back(ipv4(scope, protocol, addresses->ipv4, 0xffffffffU, direction));
  }
  const bool only_ipv4 = protocol != Protocol::kDefault && protocol != Protocol::kIp6;
  if (!addresses->ipv6.empty() && !only_ipv4) {
    std::vector<Words> words;
    for (const auto& bytes : addresses->ipv6) {
      Words address{};
      for (std::size_t i = 0; i < bytes.size(); ++i) {
        address.at(i / 4) = address.at(i / 4) << 8U | bytes.at(i);
      }
      words.push_back(address);
    }
    conditions.push_back(ipv6(scope, protocol, words, kWholeAddress, direction));
  }
  if (conditions.empty()) {
    throw Refused{"host '" + name + "' has no address of the qualifier's family"};
  }
  return any_of(conditions);
}

// A single number under `net` is a prefix; 0 is the whole address.
Ipv4Prefix numbered_net(std::uint32_t number) {
  Ipv4Prefix prefix{number, 0xffffffffU};
  while (prefix.address != 0 && (prefix.address & 0xff000000U) == 0) {
    prefix.address <<= 8U;
    prefix.mask <<= 8U;
  }
  return prefix;
}

Condition ipv4_net(const Scope& scope, const ast::Identified& identified, Ipv4Prefix net) {
  if (identified.prefix_length) {
    if (*identified.prefix_length > 32) {
      throw Refused{"mask length is greater than its maximum 32"};
    }
    net.mask = *identified.prefix_length == 0 ? 0 : 0xffffffffU << (32 - *identified.prefix_length);
  }
  if (identified.mask) {
    net.mask = parse_ipv4(scope.filter.text(*identified.mask)).address;
  }
  if ((net.address & ~net.mask) != 0) {
    throw Refused{"non-network bits set"};
  }
  return ipv4(scope, identified.qualifiers.protocol, {net.address}, net.mask,
              identified.qualifiers.direction);
}

}  // namespace

Condition host(const Scope& scope, const ast::Identified& identified) {
  const ast::Qualifiers& qualifiers = identified.qualifiers;
  const bool link = qualifiers.protocol == Protocol::kLink;
  const bool decnet = qualifiers.protocol == Protocol::kDecnet;
  const bool link_address =
      identified.kind == IdentifierKind::kMac48 || identified.kind == IdentifierKind::kMac8;
  if (link != link_address && identified.kind != IdentifierKind::kName) {
    throw Refused{"a link-layer address and no other goes with 'link'"};
  }
  switch (identified.kind) {
    case IdentifierKind::kName:
      return named_host(scope, identified);
    case IdentifierKind::kNumber:
      return ipv4(scope, qualifiers.protocol, {identified.number}, 0xffffffffU,
                  qualifiers.direction);
    case IdentifierKind::kIpv4: {
      if (decnet) {
        return decnet_host(scope, parse_decnet(scope.filter.text(identified.text)),
                           qualifiers.direction);
      }
      if (identified.prefix_length || identified.mask) {
        throw Refused{"a mask goes with networks only"};
      }
      const Ipv4Prefix prefix = parse_ipv4(scope.filter.text(identified.text));
      return ipv4(scope, qualifiers.protocol, {prefix.address}, prefix.mask, qualifiers.direction);
    }
    case IdentifierKind::kIpv6:
      if (identified.prefix_length.value_or(128) != 128) {
        throw Refused{"a mask goes with networks only"};
      }
      return ipv6(scope, qualifiers.protocol, {parse_ipv6(scope.filter.text(identified.text))},
                  kWholeAddress, qualifiers.direction);
    case IdentifierKind::kMac48:
      return link_host(scope, parse_mac48(scope.filter.text(identified.text)),
                       qualifiers.direction);
    case IdentifierKind::kMac8:
      return link_host(scope, parse_mac8(scope.filter.text(identified.text)), qualifiers.direction);
  }
  throw Refused{"unknown kind of address"};
}

Condition net(const Scope& scope, const ast::Identified& identified) {
  const ast::Qualifiers& qualifiers = identified.qualifiers;
  const std::string_view text = scope.filter.text(identified.text);
  switch (identified.kind) {
    case IdentifierKind::kName: {
      const auto number = scope.resolver().network(text);
      if (!number) {
        throw Refused{"unknown network '" + std::string(text) + "'"};
      }
      return ipv4_net(scope, identified, numbered_net(*number));
    }
    case IdentifierKind::kNumber:
      return ipv4_net(scope, identified, numbered_net(identified.number));
    case IdentifierKind::kIpv4:
      return ipv4_net(scope, identified, parse_ipv4(text));
    case IdentifierKind::kIpv6: {
      const std::uint32_t length = identified.prefix_length.value_or(128);
      if (length > 128) {
        throw Refused{"mask length is greater than its maximum 128"};
      }
      const Words mask = ipv6_mask(length);
      const Words address = parse_ipv6(text);
      for (std::size_t i = 0; i < mask.size(); ++i) {
        if ((address.at(i) & ~mask.at(i)) != 0) {
          throw Refused{"non-network bits set"};
        }
      }
      return ipv6(scope, qualifiers.protocol, {address}, mask, qualifiers.direction);
    }
    default:
      throw Refused{"a link-layer address is no network"};
  }
}

// For each family: its link type, one of the two Ethernet addresses is the gateway's, and neither
// of the two protocol addresses is.
Condition gateway(const Scope& scope, const ast::Identified& identified) {
  if (scope.headers.after_mpls || scope.headers.after_tunnel) {
    throw Refused{"'gateway' is not supported inside MPLS, Geneve and VXLAN"};
  }
  if (identified.kind != IdentifierKind::kName) {
    throw Refused{"'gateway' requires a name"};
  }
  const std::string name = text_of(scope, identified.text);
  const auto ether = scope.resolver().ether(name);
  const auto hosts = scope.resolver().host(name);
  if (!ether || !hosts || hosts->ipv4.empty()) {
    throw Refused{"'gateway' requires an Ethernet and an IPv4 address of '" + name + "'"};
  }
  const Condition frame = link_host(scope, *ether, Direction::kEither);
  std::vector<Condition> conditions;
  for (const Ipv4Family& family : ipv4_families(scope, identified.qualifiers.protocol)) {
    std::vector<Condition> ends;
    for (const std::uint32_t address : hosts->ipv4) {
      ends.push_back(ipv4_address(scope, family, address, 0xffffffffU, Direction::kEither));
    }
    conditions.push_back(all_of({scope.link_type(family.type), frame, negation(any_of(ends))}));
  }
  return any_of(conditions);
}

Condition cast(const Scope& scope, const ast::Cast& cast) {
  switch (cast.protocol) {
    case Protocol::kDefault:
    case Protocol::kLink:
      return cast.multicast ? link_multicast(scope) : link_broadcast(scope);
    case Protocol::kIp: {
      if (cast.multicast) {
        return all_of(
            {scope.link_type(kTypeIp), equals(scope.network().plus(16), kByte, 0xe0, 0xf0)});
      }
      if (!scope.environment.netmask) {
        throw Refused{"netmask not known, so 'ip broadcast' not supported"};
      }
      const std::uint32_t host_bits = ~*scope.environment.netmask;
      return all_of({scope.link_type(kTypeIp),
                     any_of({equals(scope.network().plus(16), kWord, 0, host_bits),
                             equals(scope.network().plus(16), kWord, host_bits, host_bits)})});
    }
    case Protocol::kIp6:
      if (cast.multicast) {
        return all_of({scope.link_type(kTypeIp6), equals(scope.network().plus(24), kByte, 0xff)});
      }
      break;
    default:
      break;
  }
  throw Refused{"not a valid qualifier of 'broadcast' or 'multicast'"};
}

}  // namespace bpfc::reference
