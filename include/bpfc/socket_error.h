// What can go wrong with a socket that filters.
#pragma once

#include <cstdint>
#include <string>

#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

enum class SocketErrorKind : std::uint8_t {
  kNotKernelRules,   // the program was verified by rules that are not the kernel's
  kRefused,          // the kernel cannot convert the program; the sentence names the instruction
  kNoMemory,         // net.core.optmem_max: the sentence says what it is and what would do
  kNoRingMemory,     // the machine has not the memory for a packet ring of that size
  kLocked,           // the socket's filter has been locked, for as long as the socket lives
  kNoFilter,         // there is no filter to detach
  kNotClassic,       // the socket's filter is an extended one, which cannot be read back
  kNotPermitted,     // a capability is missing, or policy forbids: the sentence says what helps
  kNoSuchInterface,  // no interface has this index
  kInterfaceDown,    // the interface is not up
  kSystem,           // a system call failed otherwise; `system_error` says how
};

struct SocketError {
  SocketErrorKind kind = SocketErrorKind::kSystem;
  int system_error = 0;  // errno, or 0 where no system call failed
  std::string message;   // one sentence, no full stop, no line break

  friend bool operator==(const SocketError&, const SocketError&) = default;
};

}  // namespace bpfc
