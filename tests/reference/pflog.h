// What a PF log header says.
#pragma once

#include "grammar/ast.h"
#include "tests/reference/scope.h"

namespace bpfc::reference {

Condition pflog(const Scope& scope, const ast::Pflog& pflog);

}  // namespace bpfc::reference
