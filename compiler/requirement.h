// What remains of a value that is no longer needed: that computing it would have ended the filter.
#pragma once

#include <initializer_list>

#include "compiler/graph.h"

namespace bpfc {

// Nodes that reject exactly where computing one of the values would have ended the filter, and lead
// to `next` otherwise. Nothing is needed in front of a `next` that rejects everything.
ir::NodeIndex require_loads(ir::Graph& graph, std::initializer_list<ir::ValueIndex> values,
                            ir::NodeIndex next);

// Whether 0 on the left of it stays 0, whatever is on the right, where there is a result at all.
bool keeps_zero(Arithmetic op);

// The bits that the value may have set, at least; and no value above this number.
std::uint32_t possible_bits(const ir::ValueTable& values, ir::ValueIndex value);

}  // namespace bpfc
