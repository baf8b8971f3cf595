#include "capture/capture_limits.h"

#include <algorithm>
#include <array>
#include <limits>

#include "capture/pcapng_format.h"

namespace bpfc::capture {
namespace {

struct Limit {
  std::uint16_t link_type;
  std::uint32_t length;
};

constexpr std::uint32_t kUsualLimit = 262144;
constexpr std::array<Limit, 3> kOtherLimits = {{
    {231, 128U << 20U},  // DBUS: the longest message of its specification
    {249, 1U << 20U},    // USBPCAP
    {279, 8U << 20U},    // EBHSCR
}};

// What a block may hold beyond the greatest packet and its fields.
constexpr std::size_t kRoomForOptions = std::size_t{128} << 10U;

}  // namespace

std::uint32_t greatest_captured_length(std::uint16_t link_type) {
  for (const Limit& limit : kOtherLimits) {
    if (limit.link_type == link_type) return limit.length;
  }
  return kUsualLimit;
}

std::uint32_t effective_snaplen(std::uint16_t link_type, std::uint32_t snaplen) {
  const bool stated =
      snaplen > 0 && snaplen <= std::uint32_t{std::numeric_limits<std::int32_t>::max()};
  return stated ? snaplen : greatest_captured_length(link_type);
}

std::size_t greatest_block_length(std::uint16_t link_type) {
  return std::max(kUsualBlockLimit, kBlockOverhead + kEnhancedPacketSize + kRoomForOptions +
                                        greatest_captured_length(link_type));
}

}  // namespace bpfc::capture
