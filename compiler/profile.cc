#include "bpfc/profile.h"

#include <algorithm>

namespace bpfc {

bool Profile::add(std::span<const std::uint8_t> captured, std::uint32_t wire_length) {
  if (packets_.size() == kMostPackets) return false;
  const auto kept = captured.first(std::min(captured.size(), kMostBytes));
  packets_.push_back({bytes_.size(), kept.size(), wire_length});
  bytes_.insert(bytes_.end(), kept.begin(), kept.end());
  return true;
}

Packet Profile::operator[](std::size_t index) const {
  const Place& place = packets_[index];
  Packet packet;
  packet.captured = std::span(bytes_).subspan(place.begin, place.size);
  packet.wire_length = place.wire_length;
  packet.network_offset = packet.link_offset = ~std::uint32_t{0};
  return packet;
}

}  // namespace bpfc
