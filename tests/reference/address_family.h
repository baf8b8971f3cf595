// Links whose header holds an address family of the capturing system.
#pragma once

#include <cstdint>

#include "tests/reference/scope.h"

namespace bpfc::reference {

// The family is the one of `type`; no other than IPv4 and IPv6 is ever there.
Condition address_family(const Scope& scope, std::uint32_t type);

}  // namespace bpfc::reference
