// A network namespace of one's own: no interface but `lo`, no traffic, limits that its owner may
// set.
#pragma once

#include <cstddef>
#include <string>

namespace bpfc::judge {

// Moves the calling thread into a new one, as root or through a user namespace of its own (which
// takes a process of one thread), with IPv6 off. There is no way back. Empty, or why not.
std::string enter_network_namespace();

// Sets net.core.optmem_max of the present namespace. Empty, or why not.
std::string set_option_memory(std::size_t bytes);

}  // namespace bpfc::judge
