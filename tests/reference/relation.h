// Relations between numbers, some of them read from the packet.
#pragma once

#include "grammar/ast.h"
#include "tests/reference/scope.h"

namespace bpfc::reference {

Condition relation(const Scope& scope, const ast::Relation& relation);

// `byte N op V`
Condition byte_test(const Scope& scope, const ast::ByteTest& test);

}  // namespace bpfc::reference
