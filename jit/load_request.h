// What machine code asks the library for: packet loads that it does not do itself.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bpfc/packet.h"
#include "bpfc/verify.h"

namespace bpfc::jit {

// The machine code's frame on the stack holds one; the fields are its registers.
struct LoadRequest {
  const std::uint8_t* data;
  const Packet* context;  // null: nothing is known beside the bytes
  std::uint32_t captured;
  std::uint32_t length;
  std::uint32_t a;
  std::uint32_t x;
  std::uint32_t k;         // of the instruction
  std::uint8_t operation;  // Operation
  std::uint8_t rules;      // Rules
};
static_assert(sizeof(LoadRequest) == 40);

// In the lower half the value, or the verdict where the upper half is not 0.
using LoadAnswer = std::uint64_t;

// Any packet load of any program, with what interpret() makes of it.
LoadAnswer answer(const LoadRequest* request) noexcept;

}  // namespace bpfc::jit
