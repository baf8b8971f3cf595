#include "tests/oracle/contest.h"

#include <algorithm>
#include <cstdlib>

#include "tests/oracle/disagreement.h"
#include "tests/oracle/known_differences.h"

namespace bpfc::oracle {

namespace {

std::string answer(const std::string& refusal) {
  return refusal.empty() ? "takes it" : "refuses it: " + refusal;
}

std::string describe_refusals(const FilterText& filter, const std::string& us,
                              const std::string& our_answer, const std::string& them,
                              const std::string& their_answer) {
  return filter.link_type + ": " + filter.expression + "\n  " + us + " " + answer(our_answer) +
         "\n  " + them + " " + answer(their_answer) + "\n";
}

}  // namespace

void Contest::compare_refusals(const FilterText& filter, const EngineSet& set) {
  const Refusals& refusals = set.refusals;
  const std::string text = " -d -y " + filter.link_type + " " + shell_quoted(filter.expression);
  const bool plain_refused = !refusals.bpfc[0].empty();
  if (plain_refused != !refusals.reference.empty()) {
    find(describe_refusals(filter, "bpfc -O", refusals.bpfc[0], "the reference",
                           refusals.reference));
  }
  if (!options_.with_judge) {
    return;
  }
  for (const std::size_t optimize : {0U, 1U}) {
    const std::string& ours = refusals.bpfc.at(optimize);
    const std::string& theirs = refusals.libpcap.at(optimize);
    if (ours.empty() == theirs.empty()) {
      continue;
    }
    if (is_known_refusal(filter.expression, ours, theirs, set.warned_of_no_match) ||
        is_known_refusal(filter.link_type, filter.expression, theirs.empty())) {
      ++tally_.known_refusals;
      continue;
    }
    const std::string flag = optimize == 0 ? " -O" : "";
    find(describe_refusals(filter, std::string("bpfc").append(flag).append(text), ours,
                           std::string("tcpdump").append(flag).append(text), theirs));
    return;
  }
}

void Contest::run(const FilterText& filter, const std::vector<CorpusPacket>& packets) {
  const EngineSet set = make_engines(filter, options_.with_judge);
  compare_refusals(filter, set);
  for (const std::string& problem : set.problems) {
    find(filter.link_type + ": " + filter.expression + "\n  " + problem + "\n");
  }
  const bool compiled =
      std::any_of(set.engines.begin(), set.engines.end(),
                  [](const Engine& engine) { return engine.role == EngineRole::kCompiler; });
  if (!compiled) {
    ++tally_.refused;
    return;
  }
  ++tally_.expressions;
  tally_.longest_program = std::max(tally_.longest_program, set.longest_program);
  const auto known = known_differences(kKnownDifferences, filter.link_type, filter.expression);
  for (const CorpusPacket& packet : packets) {
    tally_.verdicts += set.engines.size();
    const auto disagreement = find_disagreement(set, packet);
    if (!disagreement) {
      continue;
    }
    if (disagreement->judge_alone && any_applies(known, packet.bytes)) {
      ++tally_.known_verdicts;
    } else {
      find(describe(filter, set, packet));
      return;
    }
  }
}

std::size_t findings_wanted() {
  const char* wanted = std::getenv("BPFC_FINDINGS");
  const int number = wanted == nullptr ? 1 : std::atoi(wanted);
  return static_cast<std::size_t>(std::max(number, 1));
}

}  // namespace bpfc::oracle
