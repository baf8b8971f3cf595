#include "measure/packet_set.h"

#include <utility>

#include "judge/random_source.h"

namespace bpfc::measure {

void PacketSet::add(std::span<const std::uint8_t> captured, std::uint32_t length) {
  constexpr std::size_t kAlignment = 16;
  bytes_.resize((bytes_.size() + kAlignment - 1) / kAlignment * kAlignment);
  places_.push_back({bytes_.size(), static_cast<std::uint32_t>(captured.size()), length});
  bytes_.insert(bytes_.end(), captured.begin(), captured.end());
}

std::vector<PacketView> PacketSet::in_order() const {
  std::vector<PacketView> views;
  views.reserve(places_.size());
  for (const Place& place : places_) {
    views.push_back({bytes_.data() + place.offset, place.captured, place.length});
  }
  return views;
}

std::vector<PacketView> PacketSet::shuffled(std::uint64_t seed) const {
  std::vector<PacketView> views = in_order();
  judge::RandomSource random(seed);
  for (std::size_t i = views.size(); i > 1; --i) std::swap(views[i - 1], views[random.below(i)]);
  return views;
}

}  // namespace bpfc::measure
