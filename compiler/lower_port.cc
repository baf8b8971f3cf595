// Ports and ranges of ports of TCP, UDP and SCTP.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "compiler/lowering.h"
#include "compiler/protocol_numbers.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kLargestPort = 0xffff;
constexpr std::uint32_t kSourcePort = 0;
constexpr std::uint32_t kDestinationPort = 2;
constexpr std::uint32_t kIp4Protocol = 9;
constexpr std::uint32_t kIp6NextHeader = 6;

// Ports from `low` to `high`, of one protocol, or, without, of any of the three.
struct Ports {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  std::optional<std::uint32_t> protocol;
  bool is_range = false;  // tested as one, even if both ends are the same
};

ConditionIndex port_field_is(Lowering& lowering, const HeaderOffset& transport, std::uint32_t field,
                             const Ports& ports) {
  const ir::ValueIndex value = lowering.load(transport.plus(field), 2);
  if (!ports.is_range) return lowering.equal(value, ports.low);
  return lowering.conditions.all({lowering.greater_or_equal(value, ports.low),
                                  lowering.conditions.negate(lowering.greater(value, ports.high))});
}

ConditionIndex port_is(Lowering& lowering, const HeaderOffset& transport, ast::Direction direction,
                       const Ports& ports) {
  const auto field = [&](std::uint32_t offset) {
    return port_field_is(lowering, transport, offset, ports);
  };
  switch (direction) {
    case ast::Direction::kSource:
      return field(kSourcePort);
    case ast::Direction::kDestination:
      return field(kDestinationPort);
    case ast::Direction::kBoth:
      return lowering.conditions.all({field(kSourcePort), field(kDestinationPort)});
    default:
      return lowering.conditions.any({field(kSourcePort), field(kDestinationPort)});
  }
}

// The field that says the protocol.
ConditionIndex protocol_is(Lowering& lowering, std::uint32_t field, const Ports& ports) {
  const ir::ValueIndex value = lowering.load(lowering.network().plus(field), 1);
  if (ports.protocol) return lowering.equal(value, *ports.protocol);
  return lowering.conditions.any({lowering.equal(value, ip_protocol::kSctp),
                                  lowering.equal(value, ip_protocol::kTcp),
                                  lowering.equal(value, ip_protocol::kUdp)});
}

ConditionIndex port4(Lowering& lowering, ast::Direction direction, const Ports& ports) {
  return lowering.conditions.all(
      {lowering.payload_is(ethertype::kIp), protocol_is(lowering, kIp4Protocol, ports),
       lowering.first_fragment(), port_is(lowering, lowering.ip4_payload(), direction, ports)});
}

ConditionIndex port6(Lowering& lowering, ast::Direction direction, const Ports& ports) {
  return lowering.conditions.all({lowering.payload_is(ethertype::kIp6),
                                  protocol_is(lowering, kIp6NextHeader, ports),
                                  port_is(lowering, lowering.ip6_payload(), direction, ports)});
}

std::optional<std::uint32_t> protocol_of(ast::Protocol qualifier) {
  switch (qualifier) {
    case ast::Protocol::kTcp:
      return ip_protocol::kTcp;
    case ast::Protocol::kUdp:
      return ip_protocol::kUdp;
    case ast::Protocol::kSctp:
      return ip_protocol::kSctp;
    default:
      return std::nullopt;
  }
}

// A port by number or service name.
struct Endpoint {
  std::uint32_t port = 0;
  NamedPort::Transport transport = NamedPort::Transport::kAny;
};

Endpoint find_endpoint(const Lowering& lowering, std::string_view text, SourceRange range) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) {
    Lowering::check_maximum(number, kLargestPort, range, "port");
    return {number, NamedPort::Transport::kAny};
  }
  std::optional<NameError> failure;
  if (lowering.options.resolver != nullptr) {
    const auto ports = lowering.options.resolver->port(text);
    if (!ports) failure = ports.error();
    const auto known = ports ? filter_port(*ports) : std::nullopt;
    if (known) return {known->port, known->transport};
  }
  // `port 80-90`.
  std::string hint;
  if (text.find('-') != std::string_view::npos) {
    const std::string_view word = "port";
    const auto before = std::string_view(lowering.filter.source).substr(0, range.begin);
    const std::size_t at = before.rfind(word);
    if (at != std::string_view::npos &&
        before.find_first_not_of(" \t\r\n", at + word.size()) == std::string_view::npos) {
      const auto begin = static_cast<std::uint32_t>(at);
      hint = lowering.with_replacement({begin, range.end}, fmt::format("portrange {}", text));
    }
  }
  lowering.fail_on_name("port", text, range, failure ? &*failure : nullptr, std::move(hint));
}

// What a service name says of the protocol, joined with what the qualifier says.
std::optional<std::uint32_t> join_protocols(const Lowering& lowering,
                                            const ast::Identified& identified,
                                            NamedPort::Transport transport) {
  const auto wanted = protocol_of(identified.qualifiers.protocol);
  if (transport == NamedPort::Transport::kAny) return wanted;
  const std::uint32_t known =
      transport == NamedPort::Transport::kTcp ? ip_protocol::kTcp : ip_protocol::kUdp;
  if (wanted && *wanted != known) {
    Lowering::fail(DiagnosticCode::kInvalidQualifier, identified.text,
                   fmt::format("port '{}' is {}", lowering.filter.text(identified.text),
                               transport == NamedPort::Transport::kTcp ? "tcp" : "udp"));
  }
  return known;
}

Ports find_ports(const Lowering& lowering, const ast::Identified& identified) {
  const bool is_range = identified.qualifiers.type == ast::AddressType::kPortRange;
  if (identified.kind == ast::IdentifierKind::kNumber) {
    Lowering::check_maximum(identified.number, kLargestPort, identified.text, "port");
    return {identified.number, identified.number, protocol_of(identified.qualifiers.protocol),
            is_range};
  }
  const std::string_view text = lowering.filter.text(identified.text);
  if (!is_range) {
    const Endpoint endpoint = find_endpoint(lowering, text, identified.text);
    return {endpoint.port, endpoint.port, join_protocols(lowering, identified, endpoint.transport),
            false};
  }
  const std::size_t hyphen = text.find('-');
  if (hyphen == std::string_view::npos || text.find('-', hyphen + 1) != std::string_view::npos) {
    Lowering::fail(DiagnosticCode::kUnknownName, identified.text,
                   fmt::format("'{}' is no range of ports: write two ports with one hyphen "
                               "between them",
                               text));
  }
  const Endpoint first = find_endpoint(lowering, text.substr(0, hyphen), identified.text);
  const Endpoint last = find_endpoint(lowering, text.substr(hyphen + 1), identified.text);
  const auto transport =
      first.transport == last.transport ? first.transport : NamedPort::Transport::kAny;
  return {std::min(first.port, last.port), std::max(first.port, last.port),
          join_protocols(lowering, identified, transport), true};
}

}  // namespace

ConditionIndex lower_port(Lowering& lowering, const ast::Identified& identified) {
  const ast::Qualifiers& qualifiers = identified.qualifiers;
  if (qualifiers.protocol != ast::Protocol::kDefault && !protocol_of(qualifiers.protocol)) {
    Lowering::fail(DiagnosticCode::kInvalidQualifier, qualifiers.range,
                   fmt::format("'{}' is not a valid qualifier: only tcp, udp and sctp have ports",
                               lowering.filter.text(qualifiers.range)));
  }
  if (qualifiers.direction >= ast::Direction::kReceiver) {
    Lowering::fail(DiagnosticCode::kInvalidQualifier, qualifiers.range,
                   fmt::format("'{}' is not a valid qualifier of a port",
                               lowering.filter.text(qualifiers.range)));
  }
  const Ports ports = find_ports(lowering, identified);
  const ConditionIndex ip6 = port6(lowering, qualifiers.direction, ports);
  const ConditionIndex ip4 = port4(lowering, qualifiers.direction, ports);
  return lowering.conditions.any({ip6, ip4});
}

ConditionIndex udp4_destination(Lowering& lowering, std::uint32_t port) {
  return port4(lowering, ast::Direction::kDestination, {port, port, ip_protocol::kUdp, false});
}

ConditionIndex udp6_destination(Lowering& lowering, std::uint32_t port) {
  return port6(lowering, ast::Direction::kDestination, {port, port, ip_protocol::kUdp, false});
}

}  // namespace bpfc
