// The times of the compiler's stages, as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bpfc/compile.h"

namespace bpfc::cli {

// Compiles again and again, for a twentieth of a second or once where that is longer: of each stage
// the median time. A first compile alone would tell more of cold caches than of the stages. Empty
// if it does not compile.
std::vector<StageTime> measure_stages(std::string_view expression, CompileOptions options);

// A line a stage, in the order in which they ran, and the sum.
std::string stage_table(const std::vector<StageTime>& times);

}  // namespace bpfc::cli
