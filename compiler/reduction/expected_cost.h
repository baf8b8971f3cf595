// What a program costs a packet, counted on a sample or guessed.
#pragma once

#include "bpfc/profile.h"
#include "bpfc/verify.h"

namespace bpfc::reduction {

// Mean instructions executed. Of a program without backward jumps, by what tests tend to say (the
// table that searches are ordered by, sets/likely.h); linear.
double guessed_cost(const VerifiedProgram& program);
// On the profile's packets, of which there is one at least.
double counted_cost(const VerifiedProgram& program, const Profile& profile);

}  // namespace bpfc::reduction
