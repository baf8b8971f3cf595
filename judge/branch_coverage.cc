#include "judge/branch_coverage.h"

#include "vm/opcode.h"

namespace bpfc::judge {

BranchCoverage::BranchCoverage(const VerifiedProgram& program)
    : counted_(program.decoded().size() * 2), gone_(program.decoded().size() * 2) {
  for (std::uint32_t at = 0; at < program.decoded().size(); ++at) {
    const DecodedInstruction& now = program.decoded()[at];
    if (!branch_parts(now.operation) || now.on_true == now.on_false) continue;
    counted_[edge(at, false)] = true;
    counted_[edge(at, true)] = true;
    total_ += 2;
  }
}

bool BranchCoverage::add(const Trace& trace) {
  bool found = false;
  for (const Decision& decision : trace.decisions) {
    const std::size_t way = edge(decision.instruction, decision.taken);
    if (gone_[way]) continue;
    gone_[way] = true;
    if (!counted_[way]) continue;
    ++reached_;
    found = true;
  }
  return found;
}

std::vector<BranchCoverage::Way> BranchCoverage::missing() const {
  std::vector<Way> ways;
  for (std::uint32_t at = 0; at * 2 < gone_.size(); ++at) {
    for (const bool taken : {true, false}) {
      const std::size_t way = edge(at, taken);
      if (counted_[way] && !gone_[way]) ways.push_back({at, taken});
    }
  }
  return ways;
}

}  // namespace bpfc::judge
