// What the optimizer can prove.
#pragma once

#include <string_view>

#include "bpfc/compile.h"
#include "grammar/ast.h"

namespace bpfc::warning {

// Whether no packet, however short or long, can match: false wherever that is not certain, and for
// a filter that does not compile.
bool matches_nothing(const ast::Filter& filter, const CompileOptions& options);

// Whether packets of this link type can match it at all.
bool can_match(std::string_view expression, const CompileOptions& options);

}  // namespace bpfc::warning
