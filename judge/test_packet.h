// A packet to try programs on, as user space and the kernel's judges are given it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bpfc/interpreter.h"
#include "vm/ancillary.h"

namespace bpfc::judge {

struct TestPacket {
  std::vector<std::uint8_t> bytes;
  std::uint32_t wire_length = 0;
  // None: as Packet::ancillary has it.
  std::optional<Ancillary> ancillary;

  // For the interpreter: both headers start where the packet does. Stands as long as this does.
  Packet view() const;
  // Whether all that there was has been captured, as it always has for a filter in the kernel.
  bool is_whole() const { return wire_length == bytes.size(); }
  // The bytes with the VLAN tag that stands beside them put where it stands on the wire.
  std::vector<std::uint8_t> frame() const;

  friend bool operator==(const TestPacket&, const TestPacket&);
};

// What `load` yields of it. None: the load yields nothing that was stored, or there is no device.
std::optional<std::uint32_t> ancillary_field(const Ancillary& ancillary, AncillaryLoad load);
// False: the load has no field, or the value does not fit.
bool set_ancillary_field(Ancillary& ancillary, AncillaryLoad load, std::uint32_t value);

}  // namespace bpfc::judge
