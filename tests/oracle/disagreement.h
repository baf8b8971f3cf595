// What a person needs to see of engines that disagree on a packet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/oracle/engine_set.h"

namespace bpfc::oracle {

// Where engines part ways on a packet, by the same machine's rules.
struct Disagreement {
  MachineRules rules;
  bool judge_alone;  // all others agree
};

// The first of them, none: all agree.
std::optional<Disagreement> find_disagreement(const EngineSet& set, const CorpusPacket& packet);

// The shortest capture of the packet that shows a disagreement, each engine's verdict on it, and
// the commands that run them.
std::string describe(const FilterText& filter, const EngineSet& set, const CorpusPacket& packet);

}  // namespace bpfc::oracle
