// Ancillary data as numbers by load, for those who make them up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "bpfc/interpreter.h"
#include "vm/ancillary.h"

namespace bpfc::proof {

inline constexpr std::size_t kAncillaryFields = kAncillaryLoads.size();

constexpr std::size_t field_index(AncillaryLoad load) { return static_cast<std::size_t>(load) / 4; }

// What fits into the field; of the loads that read no field 32.
constexpr unsigned field_bits(AncillaryLoad load) {
  switch (load) {
    case AncillaryLoad::kVlanTagPresent:
      return 1;
    case AncillaryLoad::kPacketType:
      return 8;
    case AncillaryLoad::kProtocol:
    case AncillaryLoad::kHardwareType:
    case AncillaryLoad::kVlanTag:
    case AncillaryLoad::kVlanProtocol:
      return 16;
    default:
      return 32;
  }
}

// Loads that programs have.
class AncillarySet {
 public:
  void add(AncillaryLoad load) { bits_ |= 1U << field_index(load); }
  bool has(AncillaryLoad load) const { return (bits_ >> field_index(load) & 1U) != 0; }
  bool any() const { return bits_ != 0; }

 private:
  std::uint32_t bits_ = 0;
};

struct AncillaryFields {
  std::array<std::uint32_t, kAncillaryFields> values{};  // by field_index()
  bool has_interface = false;
  bool has_hardware_type = false;

  std::uint32_t value(AncillaryLoad load) const { return values[field_index(load)]; }
};

inline Ancillary to_ancillary(const AncillaryFields& fields) {
  const auto half = [&](AncillaryLoad load) {
    return static_cast<std::uint16_t>(fields.value(load));
  };
  Ancillary result;
  result.protocol = half(AncillaryLoad::kProtocol);
  result.packet_type = static_cast<std::uint8_t>(fields.value(AncillaryLoad::kPacketType));
  if (fields.has_interface) result.interface_index = fields.value(AncillaryLoad::kInterfaceIndex);
  if (fields.has_hardware_type) result.hardware_type = half(AncillaryLoad::kHardwareType);
  result.mark = fields.value(AncillaryLoad::kMark);
  result.queue = fields.value(AncillaryLoad::kQueue);
  result.receive_hash = fields.value(AncillaryLoad::kReceiveHash);
  result.cpu = fields.value(AncillaryLoad::kCpu);
  result.vlan_tag = half(AncillaryLoad::kVlanTag);
  result.vlan_tag_present = fields.value(AncillaryLoad::kVlanTagPresent) != 0;
  result.vlan_protocol = half(AncillaryLoad::kVlanProtocol);
  result.payload_offset = fields.value(AncillaryLoad::kPayloadOffset);
  result.random = fields.value(AncillaryLoad::kRandom);
  return result;
}

}  // namespace bpfc::proof
