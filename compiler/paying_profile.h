// Whether a profile is worth following.
#pragma once

#include "compiler/graph.h"
#include "compiler/pass.h"

namespace bpfc {

// The context's profile, if the program that is made with it executes fewer instructions on the
// sample than the one that is made without, and is not too long for the kernel where that one is
// not (for Optimization::kSize: is no longer); otherwise null. The model by which tests are ordered
// knows less than running the result. Takes two compiles and two runs over the sample; thread-safe.
const Profile* paying_profile(const ir::Graph& lowered, const PassContext& context);

}  // namespace bpfc
