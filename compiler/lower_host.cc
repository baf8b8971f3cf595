// IPv4 and IPv6 hosts and networks, in the headers of IP, ARP and RARP.
#include <fmt/format.h>

#include "compiler/address.h"
#include "compiler/lowering.h"
#include "compiler/protocol_numbers.h"

namespace bpfc {
namespace {

// A header that holds two addresses of a family, and where.
struct AddressedHeader {
  ast::Protocol protocol;
  std::uint32_t ethertype;
  std::uint32_t source;
  std::uint32_t destination;
};

// RFC 791, RFC 826, RFC 903; RFC 8200.
constexpr std::array kIp4Headers = {
    AddressedHeader{ast::Protocol::kIp, ethertype::kIp, 12, 16},
    AddressedHeader{ast::Protocol::kArp, ethertype::kArp, 14, 24},
    AddressedHeader{ast::Protocol::kRarp, ethertype::kRarp, 14, 24},
};
constexpr AddressedHeader kIp6Header = {ast::Protocol::kIp6, ethertype::kIp6, 8, 24};

void check_direction(const Lowering& lowering, const ast::Identified& identified) {
  switch (identified.qualifiers.direction) {
    case ast::Direction::kDefault:
    case ast::Direction::kSource:
    case ast::Direction::kDestination:
    case ast::Direction::kEither:
    case ast::Direction::kBoth:
      return;
    default:
      Lowering::fail(
          DiagnosticCode::kInvalidQualifier, identified.qualifiers.range,
          fmt::format("'{}' is not a valid qualifier: it takes 802.11 MAC addresses only",
                      lowering.filter.text(identified.qualifiers.range)));
  }
}

// `address_is` tests the address at an offset from the network header.
template <typename AddressIs>
ConditionIndex header_has_address(Lowering& lowering, const AddressedHeader& header,
                                  ast::Direction direction, AddressIs address_is) {
  auto& conditions = lowering.conditions;
  const auto one = [&](std::uint32_t offset) {
    return conditions.all({lowering.payload_is(header.ethertype), address_is(offset)});
  };
  switch (direction) {
    case ast::Direction::kSource:
      return one(header.source);
    case ast::Direction::kDestination:
      return one(header.destination);
    default: {
      const ConditionIndex source = one(header.source);
      const ConditionIndex destination = one(header.destination);
      return direction == ast::Direction::kBoth ? conditions.all({source, destination})
                                                : conditions.any({source, destination});
    }
  }
}

// A name for the error: which of the qualifiers does not go with a host.
[[noreturn]] void fail_on_protocol(const Lowering& lowering, const ast::Identified& identified,
                                   std::string_view family) {
  const ast::Qualifiers& qualifiers = identified.qualifiers;
  const bool transport = qualifiers.protocol == ast::Protocol::kTcp ||
                         qualifiers.protocol == ast::Protocol::kUdp ||
                         qualifiers.protocol == ast::Protocol::kSctp;
  const std::string_view text = lowering.filter.text(identified.text);
  const std::string_view words = lowering.filter.text(qualifiers.range);
  std::string hint;
  if (identified.kind == ast::IdentifierKind::kNumber && transport) {
    hint = lowering.with_replacement(cover(qualifiers.range, identified.text),
                                     fmt::format("{} port {}", words, text));
  } else if (transport && !identified.inherited) {
    const std::string_view first = words.substr(0, words.find_first_of(" \t\r\n"));
    const std::string_view rest = words.substr(first.size());
    const SourceRange range = cover(qualifiers.range, identified.text);
    const bool whole = range.begin == 0 && range.end == lowering.filter.source.size();
    hint = lowering.with_replacement(
        range, fmt::format("{}{} and{} {}{}", whole ? "" : "(", first,
                           rest.empty() ? " host" : rest, text, whole ? "" : ")"));
  }
  Lowering::fail(DiagnosticCode::kInvalidQualifier, qualifiers.range,
                 fmt::format("'{}' is not a valid qualifier of {} '{}'", words, family, text),
                 std::move(hint));
}

ConditionIndex lower_host_name(Lowering& lowering, const ast::Identified& identified) {
  const std::string_view name = lowering.filter.text(identified.text);
  const NameResolver* resolver = lowering.options.resolver;
  if (resolver == nullptr) lowering.fail_on_name("host", name, identified.text, nullptr);
  const auto found = resolver->host(name);
  if (!found) lowering.fail_on_name("host", name, identified.text, &found.error());
  const ast::Protocol protocol = identified.qualifiers.protocol;
  std::vector<ConditionLink> links;
  if (protocol != ast::Protocol::kIp6) {
    for (const std::uint32_t address : found->ipv4) {
      links.push_back({Join::kOr, lower_ip4(lowering, identified, address, ~std::uint32_t{0})});
    }
  }
  if (protocol == ast::Protocol::kDefault || protocol == ast::Protocol::kIp6) {
    for (const auto& address : found->ipv6) {
      links.push_back({Join::kOr, lower_ip6(lowering, identified, address, 128)});
    }
  }
  if (links.empty()) {
    if (protocol != ast::Protocol::kIp && protocol != ast::Protocol::kArp &&
        protocol != ast::Protocol::kRarp && protocol != ast::Protocol::kIp6) {
      fail_on_protocol(lowering, identified, "host");
    }
    Lowering::fail(DiagnosticCode::kUnknownName, identified.text,
                   fmt::format("unknown host '{}' with an address of this family", name));
  }
  return lowering.conditions.chain(links);
}

ConditionIndex lower_network_name(Lowering& lowering, const ast::Identified& identified) {
  const std::string_view name = lowering.filter.text(identified.text);
  const NameResolver* resolver = lowering.options.resolver;
  if (resolver == nullptr) lowering.fail_on_name("network", name, identified.text, nullptr);
  const auto found = resolver->network(name);
  if (!found) lowering.fail_on_name("network", name, identified.text, &found.error());
  if (*found == 0) lowering.fail_on_name("network", name, identified.text, nullptr);
  // networks(5) holds the network's part only: its leading zero bytes are no part of it.
  std::uint32_t address = *found;
  std::uint32_t mask = ~std::uint32_t{0};
  while ((address & 0xff000000U) == 0) {
    address <<= 8U;
    mask <<= 8U;
  }
  return lower_ip4(lowering, identified, address, mask);
}

[[noreturn]] void fail_on_mask(const Lowering& lowering, const ast::Identified& identified,
                               SourceRange whole) {
  const ast::Qualifiers& qualifiers = identified.qualifiers;
  const std::string_view words = lowering.filter.text(qualifiers.range);
  std::string corrected;
  if (qualifiers.type == ast::AddressType::kDefault) {
    corrected = fmt::format("{} net", words);
  } else {
    corrected = fmt::format("{}net", words.substr(0, words.size() - 4));  // in place of `host`
  }
  Lowering::fail(DiagnosticCode::kInvalidQualifier, whole,
                 "only 'net' takes a mask or a prefix length",
                 identified.inherited ? std::string()
                                      : lowering.with_replacement(qualifiers.range, corrected));
}

ConditionIndex lower_ip4_text(Lowering& lowering, const ast::Identified& identified) {
  const std::string_view text = lowering.filter.text(identified.text);
  const auto prefix = parse_ip4(text);
  if (!prefix) {
    Lowering::fail(
        DiagnosticCode::kBadAddress, identified.text,
        fmt::format("'{}' is no IPv4 address: each part is a decimal number up to 255", text));
  }
  if (!identified.mask && !identified.prefix_length) {
    return lower_ip4(lowering, identified, prefix->address, prefix->mask());
  }
  const SourceRange whole =
      identified.mask ? cover(identified.text, *identified.mask) : identified.text;
  std::uint32_t mask = 0;
  if (identified.mask) {
    const std::string_view mask_text = lowering.filter.text(*identified.mask);
    const auto parsed = parse_ip4(mask_text);
    if (!parsed) {
      Lowering::fail(DiagnosticCode::kBadAddress, *identified.mask,
                     fmt::format("'{}' is no IPv4 mask", mask_text));
    }
    mask = parsed->address;
  } else {
    Lowering::check_maximum(*identified.prefix_length, 32, identified.text, "prefix length");
    mask = Ip4Prefix{0, *identified.prefix_length}.mask();
  }
  if (identified.qualifiers.type != ast::AddressType::kNet) {
    fail_on_mask(lowering, identified, whole);
  }
  if ((prefix->address & ~mask) != 0) {
    const std::uint32_t net = prefix->address & mask;
    Lowering::fail(DiagnosticCode::kNonNetworkBits, identified.text,
                   fmt::format("non-network bits set: '{}' has bits outside its mask", text),
                   lowering.with_replacement(
                       identified.text, fmt::format("{}.{}.{}.{}", net >> 24U, net >> 16U & 0xffU,
                                                    net >> 8U & 0xffU, net & 0xffU)));
  }
  return lower_ip4(lowering, identified, prefix->address, mask);
}

ConditionIndex lower_ip6_text(Lowering& lowering, const ast::Identified& identified) {
  constexpr std::uint32_t kWidth = 128;
  const std::string_view text = lowering.filter.text(identified.text);
  const auto address = parse_ip6(text);
  if (!address) {
    Lowering::fail(DiagnosticCode::kBadAddress, identified.text,
                   fmt::format("'{}' is no IPv6 or MAC address", text));
  }
  const std::uint32_t length = identified.prefix_length.value_or(kWidth);
  Lowering::check_maximum(length, kWidth, identified.text, "prefix length");
  if (length != kWidth && identified.qualifiers.type != ast::AddressType::kNet) {
    fail_on_mask(lowering, identified, identified.text);
  }
  for (std::uint32_t bit = length; bit < kWidth; ++bit) {
    if (((*address)[bit / 8] >> (7 - bit % 8) & 1U) != 0) {
      Lowering::fail(
          DiagnosticCode::kNonNetworkBits, identified.text,
          fmt::format("non-network bits set: '{}' has bits outside its first {}", text, length));
    }
  }
  return lower_ip6(lowering, identified, *address, length);
}

ConditionIndex lower_number(Lowering& lowering, const ast::Identified& identified) {
  std::uint32_t address = identified.number;
  std::uint32_t mask = ~std::uint32_t{0};
  if (identified.qualifiers.type == ast::AddressType::kNet) {
    // A short network number: its leading zero bytes are what is missing at its end.
    while (address != 0 && (address & 0xff000000U) == 0) {
      address <<= 8U;
      mask <<= 8U;
    }
  }
  return lower_ip4(lowering, identified, address, mask);
}

}  // namespace

ConditionIndex lower_ip4(Lowering& lowering, const ast::Identified& identified,
                         std::uint32_t address, std::uint32_t mask) {
  check_direction(lowering, identified);
  const ast::Protocol protocol = identified.qualifiers.protocol;
  std::vector<ConditionLink> links;
  for (const AddressedHeader& header : kIp4Headers) {
    // Under MPLS there is IP only.
    const bool by_default =
        protocol == ast::Protocol::kDefault &&
        (header.protocol == ast::Protocol::kIp || lowering.context.mpls_labels == 0);
    if (!by_default && protocol != header.protocol) continue;
    links.push_back(
        {Join::kOr, header_has_address(lowering, header, identified.qualifiers.direction,
                                       [&](std::uint32_t offset) {
                                         return lowering.equal(
                                             lowering.load(lowering.network().plus(offset), 4),
                                             address, mask);
                                       })});
  }
  if (links.empty())
    fail_on_protocol(
        lowering, identified,
        identified.qualifiers.type == ast::AddressType::kNet ? "IPv4 network" : "IPv4 host");
  return lowering.conditions.chain(links);
}

ConditionIndex lower_ip6(Lowering& lowering, const ast::Identified& identified,
                         const std::array<std::uint8_t, 16>& address, std::uint32_t prefix_length) {
  check_direction(lowering, identified);
  const ast::Protocol protocol = identified.qualifiers.protocol;
  if (protocol != ast::Protocol::kDefault && protocol != ast::Protocol::kIp6) {
    fail_on_protocol(lowering, identified, "IPv6 host");
  }
  const auto address_is = [&](std::uint32_t offset) {
    std::vector<ConditionLink> links;
    for (std::uint32_t word = 0; word < 4; ++word) {
      std::uint32_t expected = 0;
      for (std::uint32_t byte = 0; byte < 4; ++byte) {
        expected = expected << 8U | address[word * 4 + byte];
      }
      // A word with no bit in the prefix is still loaded: a packet must be long enough to hold it.
      const std::uint32_t begin = word * 32;
      const std::uint32_t bits =
          prefix_length <= begin ? 0 : std::min(prefix_length - begin, std::uint32_t{32});
      links.push_back(
          {Join::kAnd, lowering.equal(lowering.load(lowering.network().plus(offset + word * 4), 4),
                                      expected, Ip4Prefix{0, bits}.mask())});
    }
    return lowering.conditions.chain(links);
  };
  return header_has_address(lowering, kIp6Header, identified.qualifiers.direction, address_is);
}

ConditionIndex lower_host_or_net(Lowering& lowering, const ast::Identified& identified) {
  switch (identified.kind) {
    case ast::IdentifierKind::kNumber:
      return lower_number(lowering, identified);
    case ast::IdentifierKind::kIpv4:
      return lower_ip4_text(lowering, identified);
    case ast::IdentifierKind::kIpv6:
      return lower_ip6_text(lowering, identified);
    default:
      return identified.qualifiers.type == ast::AddressType::kNet
                 ? lower_network_name(lowering, identified)
                 : lower_host_name(lowering, identified);
  }
}

}  // namespace bpfc
