// libpcap, as the peer that a measurement has beside us.
#pragma once

#include <string>

#include "bpfc/program.h"
#include "measure/contender.h"

namespace bpfc::benchmarks {

// What its optimizer makes of a filter on Ethernet. Ends the process where it refuses it.
Program compile_with_libpcap(const std::string& filter);

// Its bpf_filter(). Keeps a copy of the program.
measure::Contender libpcap_interpreter(const Program& program);

}  // namespace bpfc::benchmarks
