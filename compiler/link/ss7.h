// SS7 over MTP2 (ITU-T Q.703): the length indicator tells fill-in units (0), link status units (1
// and 2) and message units apart. Links of high speed have it in two bytes, of which 9 bits count,
// and all fields of MTP3 (Q.704) behind it 3 bytes further on.
#pragma once

#include "compiler/lowering.h"

namespace bpfc {

// For messages: those that know its keywords.
inline constexpr std::string_view kSs7LinkTypes = "MTP2, MTP2_WITH_PHDR and ERF";

// `fisu`, `lssu`, `msu`, and with an `h` in front those of high speed.
ConditionIndex lower_ss7(Lowering& lowering, const ast::Ss7& ss7, SourceRange range);

}  // namespace bpfc
