// Protocols by name and by number.
#pragma once

#include <cstdint>

#include "grammar/ast.h"
#include "tests/reference/scope.h"

namespace bpfc::reference {

// A protocol that stands alone, or whose check an accessor implies.
Condition abbreviation(const Scope& scope, ast::Protocol protocol);

// proto and protochain.
Condition proto(const Scope& scope, const ast::Identified& identified);
Condition protochain(const Scope& scope, const ast::Identified& identified);

}  // namespace bpfc::reference
