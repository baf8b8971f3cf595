#include "proof/symbolic_run.h"

#include "vm/register_use.h"

namespace bpfc::proof {
std::vector<std::uint32_t> live_registers(const VerifiedProgram& program) {
  const auto code = program.decoded();
  std::vector<std::uint32_t> live(code.size());
  for (std::size_t at = code.size(); at-- > 0;) {
    const DecodedInstruction& now = code[at];
    std::uint32_t after = 0;
    if (info(now.operation).kind != OperationClass::kReturn) {
      after = live[now.on_true] | live[now.on_false];
    }
    const RegisterUse use = register_use(now.operation, now.k);
    live[at] = (after & ~use.writes) | use.reads;
  }
  return live;
}

bool has_loop(const VerifiedProgram& program) {
  const auto code = program.decoded();
  for (std::size_t at = 0; at < code.size(); ++at) {
    if (info(code[at].operation).kind != OperationClass::kReturn &&
        std::min(code[at].on_true, code[at].on_false) <= at) {
      return true;
    }
  }
  return false;
}

}  // namespace bpfc::proof
