// What the lowering must know of a link type: a row of data, and a function where data is not
// enough.
#pragma once

#include <cstdint>
#include <optional>

#include "bpfc/link_type.h"
#include "compiler/condition.h"

namespace bpfc {

class Lowering;

// Offsets from the start of the link-layer header.
struct MacOffsets {
  std::uint32_t source;
  std::uint32_t destination;
};

// A field of the link-layer header, and the value by which it says "outgoing".
struct DirectionField {
  std::uint32_t offset;
  std::uint8_t size;
  std::uint32_t outgoing;
};

struct LinkRules {
  std::uint32_t type_offset = 0;
  std::uint32_t payload_offset = 0;
  std::uint32_t network_no_snap = 0;
  // Whether the payload is of this protocol: an ethertype or an LLC service access point.
  ConditionIndex (*payload_is)(Lowering& lowering, std::uint32_t protocol) = nullptr;
  std::optional<MacOffsets> mac = {};
  std::optional<DirectionField> direction = {};
  std::optional<std::uint32_t> interface_index_offset = {};  // of a word
  bool has_llc = false;                                      // `llc` applies
  bool has_vlan = false;                                     // `vlan` applies
  std::optional<std::uint32_t> mpls_protocol = {};           // what says that MPLS follows
  // Bytes of header that a capture file has and a live socket has not.
  std::uint32_t cooked_header = 0;
};

// What a PPPoE session holds.
const LinkType& ppp_link_type();

}  // namespace bpfc
