// The log of OpenBSD's packet filter (net/if_pflog.h): a header that says what pf did with a packet
// and why, and the packet behind it. The header's first byte is its length without padding to a
// multiple of 4; its other fields are bytes, names, or in network order.
#pragma once

#include "compiler/lowering.h"

namespace bpfc {

// LinkRules::variable.
ConditionIndex find_pflog_payload(Lowering& lowering, std::uint32_t cell);

// `on`, `rset`, `rnr`, `srnr`, `reason`, `action`.
ConditionIndex lower_pflog(Lowering& lowering, const ast::Pflog& pflog, SourceRange range);

}  // namespace bpfc
