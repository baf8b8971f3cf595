// Hosts, networks and gateways.
#pragma once

#include "grammar/ast.h"
#include "tests/reference/scope.h"

namespace bpfc::reference {

Condition host(const Scope& scope, const ast::Identified& identified);
Condition net(const Scope& scope, const ast::Identified& identified);
Condition gateway(const Scope& scope, const ast::Identified& identified);

// `broadcast`, `multicast`, and those of ip and ip6.
Condition cast(const Scope& scope, const ast::Cast& cast);

}  // namespace bpfc::reference
