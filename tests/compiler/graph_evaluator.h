// The meaning of a decision graph (compiler/graph.h), run on a packet: what passes must keep and
// programs must do. Written to be read, not to be fast.
#pragma once

#include "bpfc/interpreter.h"
#include "compiler/graph.h"

namespace bpfc::testing {

// The verdict of the graph on the packet, by the kernel's arithmetic and addresses; 0 where
// computing a value ends the filter. Of ancillary data it knows the protocol, the packet type, the
// interface and the VLAN tag. The graph is one that check_graph() accepts.
std::uint32_t evaluate(const ir::Graph& graph, const Packet& packet);

}  // namespace bpfc::testing
