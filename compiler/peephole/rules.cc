#include <array>

#include "peephole/rule_text.h"

namespace bpfc::peephole {
namespace {

constexpr auto kRules = std::to_array<Rule>({
#define BPFC_RULE(window, replacement, dead, condition) \
  parse_rule(window, replacement, dead, condition),
#include "peephole/rules.def"
#undef BPFC_RULE
});
constexpr RuleTable kTable{kRules};

}  // namespace

const RuleTable& rules() { return kTable; }

}  // namespace bpfc::peephole
