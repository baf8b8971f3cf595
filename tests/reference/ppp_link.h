// PPP and its relatives.
#pragma once

#include <cstdint>

#include "tests/reference/scope.h"

namespace bpfc::reference {

// PPP's protocol field says `type`.
Condition ppp_link(const Scope& scope, std::uint32_t type);

}  // namespace bpfc::reference
