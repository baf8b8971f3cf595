// The fields of signalling headers that numbers are compared with.
#pragma once

#include "compiler/lowering.h"

namespace bpfc {

// `vpi` and `vci` of ATM; `sio`, `opc`, `dpc`, `sls` of SS7, and with an `h` in front those of
// links of high speed.
ConditionIndex lower_signalling(Lowering& lowering, const ast::Signalling& signalling,
                                SourceRange range);

}  // namespace bpfc
