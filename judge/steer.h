// Changes a packet so that a branch goes the other way.
#pragma once

#include "judge/random_source.h"
#include "judge/test_packet.h"
#include "judge/trace.h"

namespace bpfc::judge {

// Changes `packet`, on which `trace` was made, so that this value of the run becomes `wanted`, all
// else being equal: bytes, the length, or ancillary data that it was computed from. Where several
// could be changed one is chosen at random. False: no way was found; then nothing has changed.
bool assign(const Trace& trace, std::uint32_t term, std::uint32_t wanted, Rules rules,
            RandomSource& random, TestPacket& packet);

// The same for the outcome of a comparison. `attempt`, from 0 on, chooses among values that would
// do: the nearest ones first, then random ones.
bool steer(const Trace& trace, const Decision& decision, bool wanted, Rules rules, unsigned attempt,
           RandomSource& random, TestPacket& packet);

}  // namespace bpfc::judge
