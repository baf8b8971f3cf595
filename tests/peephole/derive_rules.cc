// Derives compiler/peephole/rules.def, and writes it to standard output:
//   build/dev/tests/peephole/derive_rules > rules.def && mv rules.def compiler/peephole/rules.def
//
// Of all the rules that the search finds and z3 proves, those stay that shorten a program: what
// libpcap makes of the expressions of tests/data/expressions.txt, with its optimizer and without,
// and what our passes make of them.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "compiler/generate.h"
#include "compiler/lowering.h"
#include "compiler/pass.h"
#include "grammar/parse.h"
#include "peephole/derive/rule_proof.h"
#include "peephole/derive/search.h"
#include "peephole/peephole.h"
#include "peephole/rule_text.h"
#include "tests/oracle/expression_list.h"
#include "tests/oracle/libpcap_judge.h"
#include "tests/oracle/link_types.h"
#include "tests/oracle/system_names.h"

namespace bpfc::peephole {
namespace {

constexpr std::chrono::seconds kTimeout{2};
constexpr std::uint32_t kNetmask = 0xffffff00U;

constexpr const char* kTitle =
    R"(// The rules of the peephole, a row each: what stands in a program, what does the same, which registers
// must be dead behind it, and what must hold of the constants. k, l and m are any constants, M[i] and
// M[j] any two cells; T and F are where a conditional jump leads.
//
//   BPFC_RULE(window, replacement, dead, condition)
//
// Written by tests/peephole/derive_rules: the search looked at {} windows, with {} shorter
// runs to choose from, and found {} candidates. Of those that shorten any of {} programs ({}
// instructions of {}) z3 has proved all that stand here, {}; {} were refuted and {} left undecided.
// The test peephole_proof_test proves every row again.
// clang-format off
)";

std::vector<Program> programs() {
  std::vector<Program> result;
  const oracle::SystemNames names;
  for (const oracle::ListedExpression& listed : oracle::read_expression_list("expressions.txt")) {
    const int number = oracle::link_type_numbers().at(listed.link_type);
    for (const bool optimize : {false, true}) {
      auto theirs = oracle::libpcap_compile(
          listed.text, oracle::LibpcapOptions{number, kDefaultSnaplen, kNetmask, optimize});
      if (theirs) result.push_back(std::move(*theirs));
    }
    CompileOptions options;
    options.link_type = find_link_type(listed.link_type);
    options.netmask = kNetmask;
    options.resolver = &names;
    const auto filter = grammar::parse(listed.text);
    if (!filter || options.link_type == nullptr) continue;
    for (const Optimization level : {Optimization::kNone, Optimization::kDefault}) {
      auto graph = lower(*filter, options);
      if (!graph) continue;
      for (const Pass& pass : passes()) {
        if (level != Optimization::kNone) *graph = pass.run(std::move(*graph), {level});
      }
      auto program = generate(*graph);
      if (program) result.push_back(std::move(*program));
    }
  }
  return result;
}

// Short windows first; in the order of operations, as the table wants them.
void sort_rules(std::vector<Rule>& rules) {
  std::stable_sort(rules.begin(), rules.end(), [](const Rule& left, const Rule& right) {
    const auto key = [](const Rule& rule) {
      return std::pair(rule.window.instructions[0].operation, rule.window.count);
    };
    return key(left) < key(right);
  });
}

int run() {
  SearchCounts counts;
  std::vector<Rule> rules = candidate_rules(counts);
  sort_rules(rules);
  const std::vector<Program> corpus = programs();
  std::vector<RuleProof> proofs(rules.size(), RuleProof::kUndecided);
  std::size_t refuted = 0;
  std::size_t undecided = 0;
  std::vector<Rule> proved;
  for (bool all_proved = false; !all_proved;) {
    std::vector<std::size_t> uses(rules.size(), 0);
    std::size_t before = 0;
    std::size_t after = 0;
    const RuleTable table{rules};
    for (const Program& program : corpus) {
      before += program.size();
      after += shortened(program, table, uses).size();
    }
    all_proved = true;
    std::vector<Rule> left;
    std::vector<Rule> used;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (uses[i] == 0) {
        left.push_back(rules[i]);
        continue;
      }
      const bool known = std::any_of(proved.begin(), proved.end(), [&](const Rule& rule) {
        return rule.window == rules[i].window && rule.replacement == rules[i].replacement &&
               rule.dead == rules[i].dead && rule.condition == rules[i].condition;
      });
      const RuleProof proof = known ? RuleProof::kProved : prove_rule(rules[i], kTimeout);
      if (proof != RuleProof::kProved) {
        all_proved = false;
        ++(proof == RuleProof::kRefuted ? refuted : undecided);
        continue;
      }
      if (!known) proved.push_back(rules[i]);
      left.push_back(rules[i]);
      used.push_back(rules[i]);
    }
    rules = std::move(left);
    std::fputs(fmt::format("{} of {} instructions left; {} rules used, {} refuted, {} undecided\n",
                           after, before, used.size(), refuted, undecided)
                   .c_str(),
               stderr);
    if (!all_proved) continue;
    fmt::print(fmt::runtime(kTitle), counts.windows, counts.replacements, counts.candidates,
               corpus.size(), before - after, before, used.size(), refuted, undecided);
    for (const Rule& rule : used) fmt::print("{}\n", to_row(rule));
    fmt::print("// clang-format on\n");
  }
  return 0;
}

}  // namespace
}  // namespace bpfc::peephole

int main() { return bpfc::peephole::run(); }
