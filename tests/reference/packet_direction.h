// Which way a packet went, and through which interface.
#pragma once

#include <cstdint>

#include "tests/reference/scope.h"

namespace bpfc::reference {

// The outermost header says both, whatever encapsulations stand to the left; on a link type that
// has no place for them, only a live capture on Linux does.
Condition packet_direction(const Scope& scope, bool inbound);
Condition interface_index(const Scope& scope, std::uint32_t index);

}  // namespace bpfc::reference
