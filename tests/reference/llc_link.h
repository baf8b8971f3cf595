// Links whose header is followed by LLC.
#pragma once

#include <cstdint>

#include "grammar/ast.h"
#include "tests/reference/scope.h"

namespace bpfc::reference {

// A protocol that has an access point of its own, the same for both ends.
bool is_sap_pair(std::uint32_t type);
// A SNAP header at `llc`.
Condition snap(Place llc, std::uint32_t organization, std::uint32_t type);
// One of AppleTalk's two protocols in SNAP.
Condition apple_snap(Place llc, std::uint32_t type);

// The LLC header at the payload says `type`.
Condition llc_link(const Scope& scope, std::uint32_t type);
// A SUNATM packet carries LLC.
Condition is_atm_llc(const Scope& scope);

// The keyword.
Condition llc(const Scope& scope, const ast::Llc& llc);

}  // namespace bpfc::reference
