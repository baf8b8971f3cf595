// The ancillary loads: absolute loads at kAncillaryBase plus a number, by which the Linux kernel
// hands out what it knows of a packet beyond its bytes (SKF_AD_* in linux/filter.h). The width of
// the load does not matter to them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bpfc/interpreter.h"
#include "bpfc/program.h"

namespace bpfc {

// The values are the kernel's numbers.
enum class AncillaryLoad : std::uint8_t {
  kProtocol = 0,
  kPacketType = 4,
  kInterfaceIndex = 8,
  kNetlinkAttribute = 12,
  kNestedNetlinkAttribute = 16,
  kMark = 20,
  kQueue = 24,
  kHardwareType = 28,
  kReceiveHash = 32,
  kCpu = 36,
  kXorX = 40,
  kVlanTag = 44,
  kVlanTagPresent = 48,
  kPayloadOffset = 52,
  kRandom = 56,
  kVlanProtocol = 60,
};

struct AncillaryInfo {
  AncillaryLoad load;
  std::string_view name;  // as libpcap's bpf_image() prints it
};

inline constexpr auto kAncillaryLoads = std::to_array<AncillaryInfo>({
    {AncillaryLoad::kProtocol, "proto"},
    {AncillaryLoad::kPacketType, "type"},
    {AncillaryLoad::kInterfaceIndex, "ifidx"},
    {AncillaryLoad::kNetlinkAttribute, "nla"},
    {AncillaryLoad::kNestedNetlinkAttribute, "nlan"},
    {AncillaryLoad::kMark, "mark"},
    {AncillaryLoad::kQueue, "queue"},
    {AncillaryLoad::kHardwareType, "hatype"},
    {AncillaryLoad::kReceiveHash, "rxhash"},
    {AncillaryLoad::kCpu, "cpu"},
    {AncillaryLoad::kXorX, "xor_x"},
    {AncillaryLoad::kVlanTag, "vlan_tci"},
    {AncillaryLoad::kVlanTagPresent, "vlanp"},
    {AncillaryLoad::kPayloadOffset, "poff"},
    {AncillaryLoad::kRandom, "random"},
    {AncillaryLoad::kVlanProtocol, "vlan_tpid"},
});

// The offset of the load instruction.
constexpr std::uint32_t ancillary_offset(AncillaryLoad load) {
  return kAncillaryBase + static_cast<std::uint32_t>(load);
}

// None: an absolute load at this offset is no ancillary load (at kAncillaryBase and up: an unknown
// one).
constexpr std::optional<AncillaryInfo> find_ancillary(std::uint32_t offset) {
  for (const AncillaryInfo& row : kAncillaryLoads) {
    if (ancillary_offset(row.load) == offset) return row;
  }
  return std::nullopt;
}

// What a load comes to: a value, or the end of the program with that verdict.
struct LoadOutcome {
  std::uint32_t value = 0;
  bool ends_program = false;
};

// What the kernel's load yields with these registers. A null packet.ancillary is an Ancillary of
// default fields.
LoadOutcome load_ancillary(AncillaryLoad load, std::uint32_t a, std::uint32_t x,
                           const Packet& packet);

}  // namespace bpfc
