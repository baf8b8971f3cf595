// Addresses of the link layer.
#pragma once

#include <cstdint>

#include "bpfc/name_resolver.h"
#include "grammar/ast.h"
#include "tests/reference/scope.h"

namespace bpfc::reference {

// Source and destination as the direction says; the source is looked at first.
Condition by_direction(ast::Direction direction, const Condition& source,
                       const Condition& destination);

// Six bytes at a place, of which the last four are looked at first.
Condition mac_at(Place place, const EthernetAddress& address);

// `link host` with an address of six bytes, and of one.
Condition link_host(const Scope& scope, const EthernetAddress& address, ast::Direction direction);
Condition link_host(const Scope& scope, std::uint8_t address, ast::Direction direction);

Condition link_broadcast(const Scope& scope);
Condition link_multicast(const Scope& scope);

}  // namespace bpfc::reference
