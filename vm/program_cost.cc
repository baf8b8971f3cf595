#include "bpfc/program_cost.h"

#include <algorithm>

#include "vm/opcode.h"

namespace bpfc {

std::optional<ProgramPaths> measure_paths(const VerifiedProgram& program) {
  const std::span<const DecodedInstruction> code = program.decoded();
  ProgramPaths paths;
  paths.to.resize(code.size());
  paths.to[0] = {1, 1};
  for (std::size_t i = 0; i < code.size(); ++i) {
    const PathLength here = paths.to[i];
    if (here.shortest == 0) continue;
    const bool ends =
        code[i].operation == Operation::kReturnConstant || code[i].operation == Operation::kReturnA;
    if (ends) {
      PathLength& whole = paths.whole;
      whole.shortest =
          whole.shortest == 0 ? here.shortest : std::min(whole.shortest, here.shortest);
      whole.longest = std::max(whole.longest, here.longest);
      continue;
    }
    for (const std::uint32_t next : {code[i].on_true, code[i].on_false}) {
      if (next <= i) return std::nullopt;
      PathLength& there = paths.to[next];
      there.shortest =
          there.shortest == 0 ? here.shortest + 1 : std::min(there.shortest, here.shortest + 1);
      there.longest = std::max(there.longest, here.longest + 1);
    }
  }
  return paths;
}

}  // namespace bpfc
