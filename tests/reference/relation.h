// Relations between numbers, some of them read from the packet.
#pragma once

#include <cstdint>

#include "grammar/ast.h"
#include "tests/reference/scope.h"

namespace bpfc::reference {

Condition relation(const Scope& scope, const ast::Relation& relation);

// What a relation's operator says of two numbers.
bool compare(ast::RelationOperator op, std::uint32_t left, std::uint32_t right);

// `byte N op V`
Condition byte_test(const Scope& scope, const ast::ByteTest& test);

}  // namespace bpfc::reference
