// Headers whose length the packet says. Their ends are found out before anything else is looked at,
// so that a packet too short for that is rejected whatever the filter says.
#pragma once

#include <set>

#include "tests/reference/evaluator.h"
#include "tests/reference/header_context.h"
#include "tests/reference/state.h"

namespace bpfc::reference {

// Sets those of kOuterLength and kPayloadStart that are read. False for packets that the link
// type's filters never accept.
Condition variable_headers(LinkType link_type, const std::set<int>& variables_read);

}  // namespace bpfc::reference
