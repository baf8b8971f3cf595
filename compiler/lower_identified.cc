// What a qualified identifier is: the qualifiers and the kind of identifier pick the primitive.
#include <fmt/format.h>

#include "compiler/address.h"
#include "compiler/lowering.h"
#include "grammar/print.h"

namespace bpfc {
namespace {

bool names_a_host(ast::AddressType type) {
  return type == ast::AddressType::kDefault || type == ast::AddressType::kHost ||
         type == ast::AddressType::kNet;
}

bool is_mac_address(ast::IdentifierKind kind) {
  return kind == ast::IdentifierKind::kMac48 || kind == ast::IdentifierKind::kMac8;
}

ConditionIndex lower_link_host(Lowering& lowering, const ast::Identified& identified) {
  const std::string_view text = lowering.filter.text(identified.text);
  if (identified.kind == ast::IdentifierKind::kMac48) {
    return lower_link_address(lowering, identified, *parse_mac48(text));
  }
  if (identified.kind == ast::IdentifierKind::kMac8) {
    return lower_link_address(lowering, identified, std::array{*parse_mac8(text)});
  }
  if (identified.kind == ast::IdentifierKind::kName &&
      identified.qualifiers.type != ast::AddressType::kNet) {
    const NameResolver* resolver = lowering.options.resolver;
    if (resolver == nullptr) lowering.fail_on_name("ether host", text, identified.text, nullptr);
    const auto found = resolver->ether(text);
    if (!found) lowering.fail_on_name("ether host", text, identified.text, &found.error());
    return lower_link_address(lowering, identified, *found);
  }
  Lowering::fail(DiagnosticCode::kBadAddress, identified.text,
                 fmt::format("'{}' is no link-layer address", text));
}

}  // namespace

ConditionIndex lower_identified(Lowering& lowering, const ast::Identified& identified) {
  const ast::Qualifiers& qualifiers = identified.qualifiers;
  const std::string_view text = lowering.filter.text(identified.text);
  const bool address = identified.kind == ast::IdentifierKind::kIpv4 ||
                       identified.kind == ast::IdentifierKind::kIpv6 ||
                       is_mac_address(identified.kind);
  if (address && !names_a_host(qualifiers.type)) {
    Lowering::fail(DiagnosticCode::kInvalidQualifier, identified.text,
                   fmt::format("'{}' is an address, which '{}' does not take", text,
                               grammar::type_word(qualifiers.type)));
  }
  if (is_mac_address(identified.kind) &&
      (qualifiers.protocol != ast::Protocol::kLink || qualifiers.type == ast::AddressType::kNet)) {
    const std::string_view direction = grammar::direction_word(qualifiers.direction);
    Lowering::fail(
        DiagnosticCode::kInvalidQualifier, identified.text,
        fmt::format("'{}' is a link-layer address, which needs 'ether' and no 'net' before it",
                    text),
        lowering.with_replacement(
            cover(qualifiers.range, identified.text),
            fmt::format("{} {} {}", lowering.link().is_wlan ? "wlan" : "ether",
                        direction.empty() ? "host" : direction, text)));
  }
  switch (qualifiers.type) {
    case ast::AddressType::kPort:
    case ast::AddressType::kPortRange:
      return lower_port(lowering, identified);
    case ast::AddressType::kProto:
    case ast::AddressType::kProtochain:
      return lower_proto(lowering, identified);
    case ast::AddressType::kGateway:
      return lower_gateway(lowering, identified);
    default:
      break;
  }
  if (qualifiers.protocol == ast::Protocol::kLink) return lower_link_host(lowering, identified);
  if (qualifiers.protocol == ast::Protocol::kDecnet) return lower_decnet(lowering, identified);
  return lower_host_or_net(lowering, identified);
}

}  // namespace bpfc
