// ATM and SS7.
#pragma once

#include "grammar/ast.h"
#include "tests/reference/scope.h"

namespace bpfc::reference {

// `lane` moves the headers of all that stands to its right.
Condition atm(Scope& scope, const ast::Atm& atm);
Condition ss7(const Scope& scope, const ast::Ss7& ss7);
// Fields of either that compare with numbers.
Condition signalling(const Scope& scope, const ast::Signalling& signalling);

}  // namespace bpfc::reference
