// The options of a pcapng interface description that matter to the time of its packets.
#pragma once

#include <cstdint>
#include <span>

#include "bpfc/capture_types.h"
#include "bpfc/expected.h"
#include "capture/time_scale.h"

namespace bpfc::capture {

// Sets resolution and time_offset of `interface` from the options and gives the scale of both.
// Options of other codes are skipped. `offset` is the block's, for errors.
Expected<TimeScale, CaptureError> read_interface_options(std::span<const std::uint8_t> options,
                                                         bool swapped, std::uint64_t offset,
                                                         CaptureInterface& interface);

}  // namespace bpfc::capture
