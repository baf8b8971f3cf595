// Packet loads that lie outside the plain bytes: ancillary data, offsets relative to a header, or
// nowhere. What every engine falls back on when a load does not simply fit.
#pragma once

#include <cstdint>

#include "bpfc/packet.h"
#include "bpfc/verify.h"
#include "vm/ancillary.h"

namespace bpfc {

// Of an absolute load or `ldxb`: what it yields, given that k and the load's size together lie
// beyond the captured bytes or beyond what the rules take for a position.
LoadOutcome load_absolute_beyond(const DecodedInstruction& load, std::uint32_t a, std::uint32_t x,
                                 const Packet& packet, Rules rules);

// The same of a load of `size` bytes at X + k. The kernel's sum is modulo 2^32.
LoadOutcome load_indexed_beyond(std::uint64_t offset, unsigned size, const Packet& packet,
                                Rules rules);

}  // namespace bpfc
