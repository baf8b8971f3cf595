#include "vm/ancillary.h"

#include "vm/netlink_attribute.h"

namespace bpfc {
namespace {

// As bpf_convert_filter does without a device: `ret a`.
LoadOutcome value_of_device(const std::optional<std::uint32_t>& field, std::uint32_t a) {
  if (!field) return {a, true};
  return {*field, false};
}

}  // namespace

LoadOutcome load_ancillary(AncillaryLoad load, std::uint32_t a, std::uint32_t x,
                           const Packet& packet) {
  static constexpr Ancillary kNothingKnown;
  const Ancillary& known = packet.ancillary != nullptr ? *packet.ancillary : kNothingKnown;
  switch (load) {
    case AncillaryLoad::kProtocol:
      return {known.protocol};
    case AncillaryLoad::kPacketType:
      return {known.packet_type};
    case AncillaryLoad::kInterfaceIndex:
      return value_of_device(known.interface_index, a);
    case AncillaryLoad::kNetlinkAttribute:
      return {find_netlink_attribute(packet.captured, a, x)};
    case AncillaryLoad::kNestedNetlinkAttribute:
      return {find_nested_netlink_attribute(packet.captured, a, x)};
    case AncillaryLoad::kMark:
      return {known.mark};
    case AncillaryLoad::kQueue:
      return {known.queue};
    case AncillaryLoad::kHardwareType:
      return value_of_device(known.hardware_type, a);
    case AncillaryLoad::kReceiveHash:
      return {known.receive_hash};
    case AncillaryLoad::kCpu:
      return {known.cpu};
    case AncillaryLoad::kXorX:
      return {a ^ x};
    case AncillaryLoad::kVlanTag:
      return {known.vlan_tag};
    case AncillaryLoad::kVlanTagPresent:
      return {known.vlan_tag_present ? 1U : 0U};
    case AncillaryLoad::kPayloadOffset:
      return {known.payload_offset};
    case AncillaryLoad::kRandom:
      return {known.random};
    case AncillaryLoad::kVlanProtocol:
      return {known.vlan_protocol};
  }
  return {0, true};
}

}  // namespace bpfc
