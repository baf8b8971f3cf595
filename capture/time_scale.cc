#include "capture/time_scale.h"

#include <limits>

namespace bpfc::capture {
namespace {

// ISO C++ has no such type; both compilers do.
__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::uint8_t kBinaryBit = 0x80;
constexpr std::uint8_t kGreatestBinaryExponent = 63;
constexpr std::uint8_t kGreatestDecimalExponent = 19;

}  // namespace

std::optional<TimeScale> TimeScale::make(TimeResolution resolution, std::int64_t offset) {
  if ((resolution.code & kBinaryBit) != 0) {
    const auto exponent = static_cast<std::uint8_t>(resolution.code & 0x7fU);
    if (exponent > kGreatestBinaryExponent) return std::nullopt;
    return TimeScale(std::uint64_t{1} << exponent, true, offset);
  }
  if (resolution.code > kGreatestDecimalExponent) return std::nullopt;
  std::uint64_t ticks_per_second = 1;
  for (std::uint8_t i = 0; i < resolution.code; ++i) ticks_per_second *= 10;
  return TimeScale(ticks_per_second, false, offset);
}

CaptureTime TimeScale::time(std::uint64_t ticks) const {
  const std::uint64_t seconds = ticks / ticks_per_second_ + static_cast<std::uint64_t>(offset_);
  const Wide fraction = Wide{ticks % ticks_per_second_} * kNanosecondsPerSecond;
  return {static_cast<std::int64_t>(seconds),
          static_cast<std::uint64_t>(fraction / ticks_per_second_)};
}

std::optional<std::uint64_t> TimeScale::ticks(CaptureTime time) const {
  const std::uint64_t seconds =
      static_cast<std::uint64_t>(time.seconds) - static_cast<std::uint64_t>(offset_);
  // time() cut a binary fraction's nanoseconds off, so rounding up leads back to it.
  const std::uint64_t round = binary_ ? kNanosecondsPerSecond - 1 : 0;
  const Wide fraction =
      (Wide{time.nanoseconds} * ticks_per_second_ + round) / kNanosecondsPerSecond;
  const Wide sum = Wide{seconds} * ticks_per_second_ + fraction;
  if (sum > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  return static_cast<std::uint64_t>(sum);
}

}  // namespace bpfc::capture
