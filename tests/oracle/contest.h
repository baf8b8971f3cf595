// Engines compared on many packets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/oracle/engine_set.h"

namespace bpfc::oracle {

// What has been compared.
struct Tally {
  std::uint64_t expressions = 0;  // that were run
  std::uint64_t refused = 0;      // by all
  std::uint64_t verdicts = 0;     // of all engines
  std::uint64_t known_verdicts = 0;
  std::uint64_t known_refusals = 0;
  std::size_t longest_program = 0;
};

struct ContestOptions {
  bool with_judge = true;
  std::size_t most_findings = 1;  // after so many it stops
};

class Contest {
 public:
  explicit Contest(ContestOptions options) : options_(options) {}

  // Asks all engines about all packets, up to the first disagreement that is not known.
  void run(const FilterText& filter, const std::vector<CorpusPacket>& packets);

  bool stopped() const { return findings_.size() >= options_.most_findings; }
  const std::vector<std::string>& findings() const { return findings_; }
  const Tally& tally() const { return tally_; }

 private:
  void compare_refusals(const FilterText& filter, const EngineSet& set);
  void find(std::string finding) { findings_.push_back(std::move(finding)); }

  ContestOptions options_;
  Tally tally_;
  std::vector<std::string> findings_;
};

// As many findings as the environment's BPFC_FINDINGS says, or 1.
std::size_t findings_wanted();

}  // namespace bpfc::oracle
