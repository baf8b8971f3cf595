// What the kernel that runs here allows a filter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bpfc/program.h"

namespace bpfc::benchmarks {

// net.core.optmem_max, in bytes.
std::optional<std::uint64_t> optmem_max();

// Attaches the program to a datagram socket: one sentence that says what came of it, with the
// bytes that the kernel charges.
std::string attach_to_socket(const Program& program);

}  // namespace bpfc::benchmarks
