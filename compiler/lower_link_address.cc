// Addresses of the link layer and of DECnet; broadcasts and multicasts; gateways.
#include <fmt/format.h>

#include "compiler/address.h"
#include "compiler/lowering.h"
#include "compiler/protocol_numbers.h"

namespace bpfc {
namespace {

constexpr std::array<std::uint8_t, 6> kBroadcast = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

// Behind Geneve there may be no Ethernet header: where the inner link header and the payload are
// one place, as they are, both 0, where a tunnel has not matched. VLAN tags in between, which are
// constants, do not count.
std::optional<ConditionIndex> has_link_header(Lowering& lowering) {
  if (!lowering.context.link_optional) return std::nullopt;
  return lowering.conditions.negate(lowering.conditions.test(
      Comparison::kEqual, lowering.address({lowering.context.link_header.base}),
      lowering.address({lowering.context.payload.base})));
}

ConditionIndex behind(Lowering& lowering, std::optional<ConditionIndex> guard,
                      ConditionIndex condition) {
  if (!guard) return condition;
  return lowering.conditions.all({*guard, condition});
}

std::string_view direction_name(ast::Direction direction) {
  switch (direction) {
    case ast::Direction::kReceiver:
      return "ra";
    case ast::Direction::kTransmitter:
      return "ta";
    case ast::Direction::kAddress1:
      return "addr1";
    case ast::Direction::kAddress2:
      return "addr2";
    case ast::Direction::kAddress3:
      return "addr3";
    default:
      return "addr4";
  }
}

}  // namespace

ConditionIndex mac_is(Lowering& lowering, ast::Direction direction,
                      std::span<const std::uint8_t> address, SourceRange range) {
  const auto& mac = lowering.link().mac;
  if (!mac) lowering.fail_on_link_type("ether host", range);
  const auto field = [&](std::uint32_t offset) {
    return lowering.equal_bytes(lowering.context.link_header.plus(offset), address);
  };
  const auto either = [&] { return std::pair{field(mac->source), field(mac->destination)}; };
  switch (direction) {
    case ast::Direction::kSource:
      return field(mac->source);
    case ast::Direction::kDestination:
      return field(mac->destination);
    case ast::Direction::kBoth: {
      const auto [source, destination] = either();
      return lowering.conditions.all({source, destination});
    }
    case ast::Direction::kDefault:
    case ast::Direction::kEither: {
      const auto [source, destination] = either();
      return lowering.conditions.any({source, destination});
    }
    default:
      lowering.fail_on_link_type(direction_name(direction), range);
  }
}

ConditionIndex lower_mac(Lowering& lowering, const ast::Identified& identified,
                         const std::array<std::uint8_t, 6>& address) {
  const auto guard = has_link_header(lowering);
  return behind(lowering, guard,
                mac_is(lowering, identified.qualifiers.direction, address, identified.text));
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
  const auto& mac = lowering.link().mac;
  if (!mac) lowering.fail_on_link_type("gateway", identified.text);

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
  const auto unknown = [&](std::string_view what) {
    Lowering::fail(DiagnosticCode::kUnknownName, identified.text,
                   fmt::format("unknown {} '{}'", what, name));
  };
  if (resolver == nullptr) unknown("ether host");
  const auto ether = resolver->ether(name);
  if (!ether) unknown("ether host");
  const auto host = resolver->host(name);
  if (!host || host->ipv4.empty()) unknown("host");

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
  const ConditionIndex through = mac_is(lowering, ast::Direction::kEither, *ether, identified.text);
  return conditions.all({through, conditions.chain(families)});
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
    case ast::Protocol::kLink: {
      const auto& mac = lowering.link().mac;
      if (!mac) lowering.fail_on_link_type(cast.multicast ? "multicast" : "broadcast", range);
      const auto guard = has_link_header(lowering);
      if (!cast.multicast) {
        return behind(lowering, guard,
                      mac_is(lowering, ast::Direction::kDestination, kBroadcast, range));
      }
      const ir::ValueIndex first =
          lowering.load(lowering.context.link_header.plus(mac->destination), 1);
      return behind(lowering, guard,
                    conditions.test(Comparison::kAnyBit, first, lowering.constant(1)));
    }
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
                       "the netmask is not known, so 'ip broadcast' cannot be told: give it with "
                       "-m");
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
