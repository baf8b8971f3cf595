// Programs as C: one function, for who wants a filter inside a program of his own and no library
// beside it.
#pragma once

#include <string>
#include <string_view>

#include "bpfc/verify.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

struct CSourceOptions {
  // Of the function: an identifier. Helpers that it needs are called NAME_something, so that one
  // file may hold many functions.
  std::string_view name = "bpfc_filter";
  // What the comment above the function says, such as the filter's text; empty: nothing.
  std::string_view about;
};

// `uint32_t NAME(const uint8_t *packet, uint32_t captured, uint32_t length)`, `captured` being the
// bytes at `packet` and `length` the bytes on the wire. C99 and C++, without warnings; a line for
// each instruction that can be reached, with its listing as a comment.
//
// The verdicts are those of interpret() on a PacketView (packet.h), by the program's rules and with
// the default step limit: nothing is known of a packet but its bytes. So ancillary loads yield 0,
// those of a device end the program returning A, and both headers start at the first byte.
//
// Linear in the program's length. Thread-safe.
std::string to_c_source(const VerifiedProgram& program, const CSourceOptions& options = {});

}  // namespace bpfc
