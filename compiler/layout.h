// Blocks to a program: places and distances.
#pragma once

#include "bpfc/program.h"
#include "compiler/select.h"

namespace bpfc {

// Conditional jumps reach 255 instructions. What is further is reached through a `ja`, or, if it is
// a return, through a copy of it. Linear.
Program lay_out(const Selection& selection);

}  // namespace bpfc
