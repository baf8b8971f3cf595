// vlan, mpls, pppoed, pppoes, geneve and vxlan.
#pragma once

#include "grammar/ast.h"
#include "tests/reference/scope.h"

namespace bpfc::reference {

// What the keyword asks; `scope.headers` becomes where the headers are for all that stands to its
// right.
Condition encapsulation(Scope& scope, const ast::Encapsulation& encapsulation);

}  // namespace bpfc::reference
