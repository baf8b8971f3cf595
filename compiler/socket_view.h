// A filter for packets as they are saved, as a filter for a socket that shows them otherwise.
#pragma once

#include "bpfc/compile.h"
#include "compiler/graph.h"

namespace bpfc {

// `saved` must be a graph that check_graph() accepts; it may be optimized, and so may what is
// returned. Accepts every packet of the direction that `saved` accepts in its saved form.
ir::Graph see_through_socket(const ir::Graph& saved, const SocketOptions& options);

// Whether such a graph accepts no other packet.
bool decides_every_packet(const ir::Graph& seen);

}  // namespace bpfc
