// The installed libpcap as a compiler to compare with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bpfc/expected.h"
#include "bpfc/program.h"

namespace bpfc::oracle {

struct LibpcapOptions {
  int link_type = 1;  // DLT_*
  int snaplen = 262144;
  std::optional<std::uint32_t> netmask;  // host byte order
  // The unoptimized program is the meaning of an expression. The optimizer tells what libpcap
  // refuses as rejecting all packets.
  bool optimize = false;
};

// libpcap's program, or its error text. Looks up names in the system. Not for several threads at
// once before libpcap 1.8.
Expected<Program, std::string> libpcap_compile(const std::string& expression,
                                               const LibpcapOptions& options);

}  // namespace bpfc::oracle
