// 802.11 frames.
#pragma once

#include "bpfc/name_resolver.h"
#include "grammar/ast.h"
#include "tests/reference/scope.h"

namespace bpfc::reference {

// The frame is a data frame, and so LLC follows its header.
Condition is_wlan_data(const Scope& scope);

// `ra`, `ta` and addr1 to addr4 are fields; source and destination are wherever the frame's type
// and its direction put them.
Condition wlan_host(const Scope& scope, const EthernetAddress& address, ast::Direction direction);
// The destination is a group.
Condition wlan_multicast(const Scope& scope);

// type, subtype and dir.
Condition wlan(const Scope& scope, const ast::Wlan& wlan);

}  // namespace bpfc::reference
