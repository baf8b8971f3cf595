// Addresses of the link layer and of DECnet; broadcasts and multicasts; gateways.
#include <fmt/format.h>

#include "compiler/address.h"
#include "compiler/link/wlan.h"
#include "compiler/lowering.h"
#include "compiler/protocol_numbers.h"
#include "grammar/print.h"

namespace bpfc {
namespace {

ConditionIndex fields_are(Lowering& lowering, ast::Direction direction,
                          std::span<const std::uint8_t> address, SourceRange range) {
  const LinkAddresses& fields = *lowering.link().addresses;
  const auto is = [&](std::uint32_t offset) {
    return lowering.equal_bytes(lowering.context.link_header.plus(offset), address);
  };
  switch (direction) {
    case ast::Direction::kSource:
      return is(fields.source);
    case ast::Direction::kDestination:
      return is(fields.destination);
    case ast::Direction::kBoth: {
      const ConditionIndex source = is(fields.source);
      return lowering.conditions.all({source, is(fields.destination)});
    }
    case ast::Direction::kDefault:
    case ast::Direction::kEither: {
      const ConditionIndex source = is(fields.source);
      return lowering.conditions.any({source, is(fields.destination)});
    }
    default:
      lowering.fail_on_link_type(grammar::direction_word(direction), range);
  }
}

bool has_addresses(const LinkRules& rules, std::size_t size) {
  constexpr std::size_t kMac48 = 6;
  if (rules.is_wlan) return size == kMac48;
  return rules.addresses && rules.addresses->size == size;
}

ConditionIndex with_link_header(Lowering& lowering, ConditionIndex condition) {
  const auto guard = lowering.has_link_header();
  return guard ? lowering.conditions.all({*guard, condition}) : condition;
}

ConditionIndex lower_link_cast(Lowering& lowering, bool multicast, SourceRange range) {
  const LinkRules& link = lowering.link();
  const bool known = link.is_wlan || (link.addresses && (!multicast || link.has_multicast));
  if (!known) lowering.fail_on_link_type(multicast ? "multicast" : "broadcast", range);
  const std::size_t size = link.is_wlan ? 6 : link.addresses->size;
  // One byte has no room for groups: all of them have the address for everyone.
  if (!multicast || size == 1) {
    const std::vector<std::uint8_t> everyone(size, static_cast<std::uint8_t>(link.broadcast));
    return with_link_header(
        lowering, link_address_is(lowering, ast::Direction::kDestination, everyone, range));
  }
  if (link.is_wlan) return wlan_multicast(lowering);
  const ir::ValueIndex first =
      lowering.load(lowering.context.link_header.plus(link.addresses->destination), 1);
  return with_link_header(
      lowering, lowering.conditions.test(Comparison::kAnyBit, first, lowering.constant(1)));
}

}  // namespace

ConditionIndex link_address_is(Lowering& lowering, ast::Direction direction,
                               std::span<const std::uint8_t> address, SourceRange range) {
  const LinkRules& link = lowering.link();
  if (!has_addresses(link, address.size())) {
    if (address.size() == 1) {
      Lowering::fail(DiagnosticCode::kUnsupportedLinkType, range,
                     fmt::format("{} has no addresses of one byte", lowering.innermost_link()));
    }
    lowering.fail_on_link_type("ether host", range);
  }
  if (link.is_wlan) return wlan_address_is(lowering, direction, address);
  return fields_are(lowering, direction, address, range);
}

ConditionIndex lower_link_address(Lowering& lowering, const ast::Identified& identified,
                                  std::span<const std::uint8_t> address) {
  const ast::Qualifiers& qualifiers = identified.qualifiers;
  if (qualifiers.direction >= ast::Direction::kReceiver && !lowering.link().is_wlan) {
    lowering.fail_on_link_type(grammar::direction_word(qualifiers.direction), qualifiers.range,
                               "802.11");
  }
  return with_link_header(
      lowering, link_address_is(lowering, qualifiers.direction, address, identified.text));
}

// The frame goes through the gateway: its link-layer address is there, and its network addresses
// are not.
ConditionIndex lower_gateway(Lowering& lowering, const ast::Identified& identified) {
  const std::string_view name = lowering.filter.text(identified.text);
  const HeaderContext& context = lowering.context;
  if (identified.kind != ast::IdentifierKind::kName) {
    Lowering::fail(DiagnosticCode::kInvalidQualifier, identified.text, "'gateway' takes a name");
  }
  if (context.mpls_labels > 0 || context.in_tunnel) {
    Lowering::fail(DiagnosticCode::kEncapsulation, identified.text,
                   "'gateway' is not supported behind mpls, geneve or vxlan");
  }
  if (!has_addresses(lowering.link(), 6)) lowering.fail_on_link_type("gateway", identified.text);

  struct Family {
    ast::Protocol protocol;
    std::uint32_t ethertype;
    std::uint32_t source;
    std::uint32_t destination;
  };
  constexpr std::array kFamilies = {Family{ast::Protocol::kIp, ethertype::kIp, 12, 16},
                                    Family{ast::Protocol::kArp, ethertype::kArp, 14, 24},
                                    Family{ast::Protocol::kRarp, ethertype::kRarp, 14, 24}};
  const ast::Protocol protocol = identified.qualifiers.protocol;
  const bool known = protocol == ast::Protocol::kDefault || protocol == ast::Protocol::kIp ||
                     protocol == ast::Protocol::kArp || protocol == ast::Protocol::kRarp;
  if (!known) {
    Lowering::fail(DiagnosticCode::kInvalidQualifier, identified.qualifiers.range,
                   "'gateway' goes with ip, arp, rarp, or nothing before it");
  }
  const NameResolver* resolver = lowering.options.resolver;
  if (resolver == nullptr) lowering.fail_on_name("ether host", name, identified.text, nullptr);
  const auto ether = resolver->ether(name);
  if (!ether) lowering.fail_on_name("ether host", name, identified.text, &ether.error());
  const auto host = resolver->host(name);
  if (!host) lowering.fail_on_name("host", name, identified.text, &host.error());
  if (host->ipv4.empty()) lowering.fail_on_name("host", name, identified.text, nullptr);

  auto& conditions = lowering.conditions;
  std::vector<ConditionLink> families;
  for (const Family& family : kFamilies) {
    if (protocol != ast::Protocol::kDefault && protocol != family.protocol) continue;
    std::vector<ConditionLink> addresses;
    for (const std::uint32_t address : host->ipv4) {
      for (const std::uint32_t offset : {family.source, family.destination}) {
        addresses.push_back(
            {Join::kOr,
             lowering.equal(lowering.load(lowering.network().plus(offset), 4), address)});
      }
    }
    const ConditionIndex none_of_them = conditions.negate(conditions.chain(addresses));
    families.push_back(
        {Join::kOr, conditions.all({lowering.payload_is(family.ethertype), none_of_them})});
  }
  const ConditionIndex through =
      link_address_is(lowering, ast::Direction::kEither, *ether, identified.text);
  return with_link_header(lowering, conditions.all({through, conditions.chain(families)}));
}

// A routing header of DECnet phase IV: a length of two bytes, little-endian; perhaps a byte of
// padding, 0x81; then flags, whose low three bits say whether the header is short (2) or long (6),
// and the addresses, little-endian, at places that depend on it.
ConditionIndex lower_decnet(Lowering& lowering, const ast::Identified& identified) {
  const ast::Qualifiers& qualifiers = identified.qualifiers;
  const std::string_view text = lowering.filter.text(identified.text);
  const auto address = parse_decnet(text);
  if (identified.kind != ast::IdentifierKind::kIpv4 || !address || identified.mask ||
      identified.prefix_length || qualifiers.type == ast::AddressType::kNet) {
    Lowering::fail(
        DiagnosticCode::kBadAddress, identified.text,
        fmt::format("'{}' is no DECnet address: write AREA.NODE, at most 63.1023", text));
  }
  constexpr std::uint32_t kLength = 2;
  struct Header {
    std::uint32_t flags;
    std::uint32_t source;
    std::uint32_t destination;  // from the flags
  };
  constexpr Header kShort = {0x02, 3, 1};
  constexpr Header kLong = {0x06, 15, 7};
  constexpr std::uint32_t kFlagsMask = 0x07;
  constexpr std::uint32_t kPadding = 0x81;
  const auto wire = static_cast<std::uint32_t>((*address & 0xffU) << 8U | *address >> 8U);

  auto& conditions = lowering.conditions;
  const auto one = [&](std::uint32_t Header::*field) {
    std::vector<ConditionLink> forms;
    for (const Header& header : {kShort, kLong}) {
      const HeaderOffset flags = lowering.network().plus(kLength);
      forms.push_back(
          {Join::kOr,
           conditions.all({lowering.equal(lowering.load(flags, 1), header.flags, kFlagsMask),
                           lowering.equal(lowering.load(flags.plus(header.*field), 2), wire)})});
      forms.push_back(
          {Join::kOr,
           conditions.all(
               {lowering.equal(lowering.load(flags, 2), kPadding << 8U | header.flags,
                               0xff00U | kFlagsMask),
                lowering.equal(lowering.load(flags.plus(1 + header.*field), 2), wire)})});
    }
    return conditions.all({lowering.payload_is(ethertype::kDecnet), conditions.chain(forms)});
  };
  switch (qualifiers.direction) {
    case ast::Direction::kSource:
      return one(&Header::source);
    case ast::Direction::kDestination:
      return one(&Header::destination);
    case ast::Direction::kBoth: {
      const ConditionIndex source = one(&Header::source);
      return conditions.all({source, one(&Header::destination)});
    }
    case ast::Direction::kDefault:
    case ast::Direction::kEither: {
      const ConditionIndex source = one(&Header::source);
      return conditions.any({source, one(&Header::destination)});
    }
    default:
      Lowering::fail(DiagnosticCode::kInvalidQualifier, qualifiers.range,
                     fmt::format("'{}' is not a valid qualifier of a DECnet address",
                                 lowering.filter.text(qualifiers.range)));
  }
}

ConditionIndex lower_cast(Lowering& lowering, const ast::Cast& cast, SourceRange range) {
  constexpr std::uint32_t kIp4Destination = 16;
  constexpr std::uint32_t kIp6Destination = 24;
  auto& conditions = lowering.conditions;
  switch (cast.protocol) {
    case ast::Protocol::kDefault:
    case ast::Protocol::kLink:
      return lower_link_cast(lowering, cast.multicast, range);
    case ast::Protocol::kIp: {
      const auto destination = [&](std::uint8_t size) {
        return lowering.load(lowering.network().plus(kIp4Destination), size);
      };
      if (cast.multicast) {
        return conditions.all(
            {lowering.payload_is(ethertype::kIp), lowering.equal(destination(1), 0xe0, 0xf0)});
      }
      if (!lowering.options.netmask) {
        Lowering::fail(DiagnosticCode::kNetmaskUnknown, range,
                       "the netmask is not known, so 'ip broadcast' cannot be told: give it as the "
                       "option netmask (-m)");
      }
      const std::uint32_t host_bits = ~*lowering.options.netmask;
      const ConditionIndex ip4 = lowering.payload_is(ethertype::kIp);
      return conditions.all(
          {ip4, conditions.any({lowering.equal(destination(4), 0, host_bits),
                                lowering.equal(destination(4), host_bits, host_bits)})});
    }
    case ast::Protocol::kIp6:
      if (cast.multicast) {
        return conditions.all(
            {lowering.payload_is(ethertype::kIp6),
             lowering.equal(lowering.load(lowering.network().plus(kIp6Destination), 1), 0xff)});
      }
      break;
    default:
      break;
  }
  Lowering::fail(DiagnosticCode::kInvalidQualifier, range,
                 cast.multicast ? "'multicast' goes with link, ip, ip6, or nothing before it"
                                : "'broadcast' goes with link, ip, or nothing before it");
}

}  // namespace bpfc
