// The kernel's JIT, as far as it can be timed from outside.
#pragma once

#include <span>
#include <string>

#include "bpfc/expected.h"
#include "bpfc/packet.h"
#include "bpfc/program.h"

namespace bpfc::benchmarks {

// Nanoseconds a packet that the program adds to a send on a pair of AF_UNIX sockets, by difference
// with `ret #0` there: of the program with every return a rejection, so that nothing is queued. A
// send takes a microsecond and more, so a few nanoseconds are within the noise. An error: why not.
Expected<double, std::string> kernel_time(const Program& program,
                                          std::span<const PacketView> packets);

}  // namespace bpfc::benchmarks
