// What the lowering must know of a link type: a row of data, and a function where data is not
// enough. The rows are in compiler/link_type.cc, the functions in compiler/link/.
//
// Offsets count from the start of the link-layer header, which starts the packet unless a row says
// otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "bpfc/link_type.h"
#include "compiler/condition.h"
#include "grammar/ast.h"

namespace bpfc {

class Lowering;

// Where the addresses are, and how many bytes each has.
struct LinkAddresses {
  std::uint32_t source;
  std::uint32_t destination;
  std::uint8_t size = 6;
};

struct MaskedValue {
  std::uint32_t value;
  std::uint32_t mask = 0xffffffff;
};

// A field that says which way the packet went. None for inbound: what is
// not outbound is inbound.
struct DirectionField {
  std::uint32_t offset;
  std::uint8_t size;
  MaskedValue outbound;
  std::optional<MaskedValue> inbound = {};
};

// Signalling fields of SS7 (ITU-T Q.703, Q.704).
struct Ss7Fields {
  std::uint32_t length_indicator;
  std::uint32_t high_speed_length_indicator;  // of two bytes
  std::uint32_t service_information;
  std::uint32_t point_codes;
  std::uint32_t link_selection;
};

// Where a header starts whose place the packet says. Both functions give a condition that is true,
// with the cell assigned. They are asked at the program's start, before anything else, by filters
// that look behind such a header.
struct VariableHeader {
  ConditionIndex (*find_link_header)(Lowering& lowering, std::uint32_t cell) = nullptr;
  ConditionIndex (*find_payload)(Lowering& lowering, std::uint32_t cell) = nullptr;
};

enum class VlanSupport : std::uint8_t {
  kNone,
  kInBand,    // the tag is in the bytes
  kCooked,    // the same, at the start of the payload, and the type need not be right before it
  kMetadata,  // a live Linux socket has the outer tag beside them
};

struct LinkRules {
  std::uint32_t link_header = 0;  // from the packet's start
  std::uint32_t type_offset = 0;
  std::uint32_t payload_offset = 0;
  VariableHeader variable = {};
  std::uint32_t network = 0;          // from the payload to the network header
  std::uint32_t network_no_snap = 0;  // the same, where 802.2 comes without SNAP

  // libpcap's optimizer leaves filters on this link type alone.
  bool unoptimized_in_libpcap = false;

  // What any filter but the empty one asks first.
  ConditionIndex (*is_link_type)(Lowering& lowering) = nullptr;
  // Whether the payload is of this protocol: an ethertype or an LLC service access point. None: the
  // link type cannot say.
  ConditionIndex (*payload_is)(Lowering& lowering, std::uint32_t protocol) = nullptr;
  // Whether the payload is of this protocol of ISO's. None: payload_is() and the first byte.
  ConditionIndex (*iso_protocol_is)(Lowering& lowering, std::uint32_t protocol) = nullptr;
  std::uint32_t isis_pdu_type = 4;  // from the network header without SNAP

  std::optional<LinkAddresses> addresses = {};
  std::uint32_t broadcast = 0xff;  // each byte of the broadcast address
  bool has_multicast = true;       // where there are addresses at all
  bool is_wlan = false;            // addresses as 802.11 has them; `ra` and the like, `type`, `dir`
  bool has_radio = false;          // `radio[]`: a radio header comes first
  std::optional<DirectionField> direction = {};
  std::optional<std::uint32_t> interface_index_offset = {};  // of a word
  // `llc`: whether the frame has an 802.2 header.
  ConditionIndex (*has_llc)(Lowering& lowering) = nullptr;
  VlanSupport vlan = VlanSupport::kNone;
  std::optional<std::uint32_t> mpls_protocol = {};  // what says that MPLS follows
  bool is_atm = false;
  bool is_pflog = false;
  std::optional<Ss7Fields> ss7 = {};
  // Bytes of header that a capture file has and a live socket has not.
  std::uint32_t cooked_header = 0;
};

// What a PPPoE session and an emulated LAN hold.
const LinkType& ppp_link_type();
const LinkType& ethernet_link_type();

}  // namespace bpfc
