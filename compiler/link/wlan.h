// IEEE 802.11, alone and behind the headers that drivers put before it: Prism, AVS, radiotap, and
// PPI.
//
// The frame control field's first byte holds the type (bits 2, 3: management, control, data) and
// the subtype (bits 4 to 7); the second whether the frame goes to, and comes from, a distribution
// system. What the up to four addresses are depends on these. Only data frames have a payload,
// which starts with 802.2 behind a header of 24 bytes, 26 where it has a field for quality of
// service.
#pragma once

#include "compiler/lowering.h"

namespace bpfc {

// LinkRules::variable: where the 802.11 header starts.
ConditionIndex find_behind_prism(Lowering& lowering, std::uint32_t cell);
ConditionIndex find_behind_avs(Lowering& lowering, std::uint32_t cell);
ConditionIndex find_behind_radiotap(Lowering& lowering, std::uint32_t cell);  // PPI too
// Where its payload does. Behind radiotap the header may be padded to a multiple of 4.
ConditionIndex find_wlan_payload(Lowering& lowering, std::uint32_t cell);
ConditionIndex find_radiotap_payload(Lowering& lowering, std::uint32_t cell);

// LinkRules::is_link_type: the packet behind PPI is of 802.11.
ConditionIndex ppi_holds_wlan(Lowering& lowering);

ConditionIndex wlan_payload_is(Lowering& lowering, std::uint32_t protocol);
ConditionIndex wlan_has_llc(Lowering& lowering);

ConditionIndex wlan_address_is(Lowering& lowering, ast::Direction direction,
                               std::span<const std::uint8_t> address);
ConditionIndex wlan_multicast(Lowering& lowering);

// `type`, `subtype`, `dir`.
ConditionIndex lower_wlan(Lowering& lowering, const ast::Wlan& wlan, SourceRange range);

}  // namespace bpfc
