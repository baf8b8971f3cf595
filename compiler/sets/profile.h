// Counts the ways that the packets of a profile take through a partition graph.
#pragma once

#include "bpfc/profile.h"
#include "compiler/sets/partition_graph.h"

namespace bpfc::sets {

// Sets the weights of each node that packets of the profile reach, and clears the others'. Long
// lists that are alike, of IPv4 and ARP for example, get the weights of all together. Takes
// packets * depth * log(parts) steps, though it is content with fewer packets where those are
// many. Thread-safe.
void weigh_by_profile(Graph& graph, const ir::ValueTable& values, const Profile& profile);

}  // namespace bpfc::sets
