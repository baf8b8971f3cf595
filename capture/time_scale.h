// From ticks of an interface to time and back.
#pragma once

#include <cstdint>
#include <optional>

#include "bpfc/capture_types.h"

namespace bpfc::capture {

// One interface's resolution and offset, worked out once.
class TimeScale {
 public:
  // None where the resolution is above 10^19 or 2^63 ticks a second.
  static std::optional<TimeScale> make(TimeResolution resolution, std::int64_t offset);

  // Cuts off what is below a nanosecond. Seconds wrap around at 64 bits, as libpcap's do.
  CaptureTime time(std::uint64_t ticks) const;
  // The ticks that time() turns into this time where there are any; otherwise digits that the
  // resolution does not have are cut off (rounded up where it is a power of 2). None where 64 bits
  // do not reach.
  std::optional<std::uint64_t> ticks(CaptureTime time) const;

 private:
  TimeScale(std::uint64_t ticks_per_second, bool binary, std::int64_t offset)
      : ticks_per_second_(ticks_per_second), binary_(binary), offset_(offset) {}

  std::uint64_t ticks_per_second_;
  bool binary_;
  std::int64_t offset_;
};

}  // namespace bpfc::capture
