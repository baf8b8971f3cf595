// ATM as SunATM devices hand it out: a byte whose low four bits say what the payload is (1: LAN
// emulation, 2: 802.2), the virtual path and the virtual channel, and the payload at 4.
#pragma once

#include "compiler/lowering.h"

namespace bpfc {

ConditionIndex sunatm_payload_is(Lowering& lowering, std::uint32_t protocol);
ConditionIndex sunatm_has_llc(Lowering& lowering);

// An emulated LAN's payload starts with 0xff00 where it is no Ethernet frame but one of control.
ConditionIndex is_lane_frame(Lowering& lowering);

// `lane`, `metac` and their like; `lane` makes the Ethernet frame inside that of all that follows.
ConditionIndex lower_atm(Lowering& lowering, const ast::Atm& atm, SourceRange range);

}  // namespace bpfc
