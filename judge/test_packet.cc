#include "judge/test_packet.h"

#include <algorithm>
#include <array>
#include <limits>

namespace bpfc::judge {
namespace {

constexpr std::ptrdiff_t kAddresses = 12;
constexpr std::uint16_t kUsualTpid = 0x8100;

template <typename Field>
bool store(Field& field, std::uint32_t value) {
  if (value > std::numeric_limits<Field>::max()) return false;
  field = static_cast<Field>(value);
  return true;
}

}  // namespace

Packet TestPacket::view() const {
  return {.captured = bytes,
          .wire_length = wire_length,
          .ancillary = ancillary ? &*ancillary : nullptr};
}

std::vector<std::uint8_t> TestPacket::frame() const {
  std::vector<std::uint8_t> result = bytes;
  if (!ancillary || !ancillary->vlan_tag_present || bytes.size() < kAddresses) return result;
  const std::uint16_t tpid = ancillary->vlan_protocol != 0 ? ancillary->vlan_protocol : kUsualTpid;
  const std::uint16_t tag = ancillary->vlan_tag;
  const std::array<std::uint8_t, 4> inserted{
      static_cast<std::uint8_t>(tpid >> 8U), static_cast<std::uint8_t>(tpid & 0xffU),
      static_cast<std::uint8_t>(tag >> 8U), static_cast<std::uint8_t>(tag & 0xffU)};
  result.insert(result.begin() + kAddresses, inserted.begin(), inserted.end());
  return result;
}

bool operator==(const TestPacket& left, const TestPacket& right) {
  if (left.bytes != right.bytes || left.wire_length != right.wire_length ||
      left.ancillary.has_value() != right.ancillary.has_value()) {
    return false;
  }
  return !left.ancillary ||
         std::all_of(kAncillaryLoads.begin(), kAncillaryLoads.end(), [&](const AncillaryInfo& row) {
           return ancillary_field(*left.ancillary, row.load) ==
                  ancillary_field(*right.ancillary, row.load);
         });
}

std::optional<std::uint32_t> ancillary_field(const Ancillary& ancillary, AncillaryLoad load) {
  switch (load) {
    case AncillaryLoad::kProtocol:
      return ancillary.protocol;
    case AncillaryLoad::kPacketType:
      return ancillary.packet_type;
    case AncillaryLoad::kInterfaceIndex:
      return ancillary.interface_index;
    case AncillaryLoad::kMark:
      return ancillary.mark;
    case AncillaryLoad::kQueue:
      return ancillary.queue;
    case AncillaryLoad::kHardwareType:
      return ancillary.hardware_type;
    case AncillaryLoad::kReceiveHash:
      return ancillary.receive_hash;
    case AncillaryLoad::kCpu:
      return ancillary.cpu;
    case AncillaryLoad::kVlanTag:
      return ancillary.vlan_tag;
    case AncillaryLoad::kVlanTagPresent:
      return ancillary.vlan_tag_present ? 1 : 0;
    case AncillaryLoad::kPayloadOffset:
      return ancillary.payload_offset;
    case AncillaryLoad::kRandom:
      return ancillary.random;
    case AncillaryLoad::kVlanProtocol:
      return ancillary.vlan_protocol;
    case AncillaryLoad::kNetlinkAttribute:
    case AncillaryLoad::kNestedNetlinkAttribute:
    case AncillaryLoad::kXorX:
      break;
  }
  return std::nullopt;
}

bool set_ancillary_field(Ancillary& ancillary, AncillaryLoad load, std::uint32_t value) {
  switch (load) {
    case AncillaryLoad::kProtocol:
      return store(ancillary.protocol, value);
    case AncillaryLoad::kPacketType:
      return store(ancillary.packet_type, value);
    case AncillaryLoad::kInterfaceIndex:
      ancillary.interface_index = value;
      return true;
    case AncillaryLoad::kMark:
      return store(ancillary.mark, value);
    case AncillaryLoad::kQueue:
      return store(ancillary.queue, value);
    case AncillaryLoad::kHardwareType:
      return store(ancillary.hardware_type.emplace(), value);
    case AncillaryLoad::kReceiveHash:
      return store(ancillary.receive_hash, value);
    case AncillaryLoad::kCpu:
      return store(ancillary.cpu, value);
    case AncillaryLoad::kVlanTag:
      return store(ancillary.vlan_tag, value);
    case AncillaryLoad::kVlanTagPresent:
      ancillary.vlan_tag_present = value == 1;
      return value <= 1;
    case AncillaryLoad::kPayloadOffset:
      return store(ancillary.payload_offset, value);
    case AncillaryLoad::kRandom:
      return store(ancillary.random, value);
    case AncillaryLoad::kVlanProtocol:
      return store(ancillary.vlan_protocol, value);
    case AncillaryLoad::kNetlinkAttribute:
    case AncillaryLoad::kNestedNetlinkAttribute:
    case AncillaryLoad::kXorX:
      break;
  }
  return false;
}

}  // namespace bpfc::judge
