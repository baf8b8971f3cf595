// Which filters libpcap refuses because they match nothing.
#pragma once

#include "compiler/graph.h"
#include "compiler/link_rules.h"
#include "grammar/ast.h"

namespace bpfc {

// libpcap answers "expression rejects all packets" where its optimizer, which sees less than ours,
// is left with `ret #0`. Whether it would, for a filter that is lowered to this graph (with
// Relations::kApart). To be asked only of filters that match nothing, which are few: it takes cubic
// time, up to a limit of size past which the answer is yes.
bool libpcap_refuses(const ast::Filter& filter, const LinkRules& link, const ir::Graph& lowered);

}  // namespace bpfc
