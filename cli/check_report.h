// What `bpfc check` prints.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/check_programs.h"
#include "judge/branch_coverage.h"
#include "judge/engine_comparison.h"

namespace bpfc::cli {

// The sums of several comparisons.
class CheckTable {
 public:
  void add(const judge::EngineTally& tally, const std::string& program);
  std::uint64_t disagreements() const;
  // Engine, program, packets, accepted, disagreements, not judged: a line each, below a heading.
  std::string text() const;

 private:
  struct Row {
    std::string engine;
    std::string program;
    judge::EngineTally sum;
  };

  std::vector<Row> rows_;
};

std::string engine_name(const judge::EngineTally& tally);

// `NAME: 17 of 18 branches taken, not (008) true`, with a line break.
std::string coverage_line(const std::string& name, const judge::BranchCoverage& coverage);

// What each engine says of the packet: a line each.
std::string opinion_lines(const std::vector<judge::EngineTally>& tallies,
                          const std::vector<std::string>& programs,
                          const std::vector<std::optional<judge::Opinion>>& opinions);

// The command line that checks the same programs on this packet alone.
std::string reproducing_command(const CheckCommand& command, const FilterText& text,
                                const FilterOptions& filter, const judge::TestPacket& packet);

// `NAME=VALUE,...`, names as listings have them. What is left out is 0; there is no device where
// neither its index nor its type is given.
std::string to_text(const Ancillary& ancillary);
// An error: what is wrong.
Expected<Ancillary, std::string> parse_ancillary(std::string_view text);

}  // namespace bpfc::cli
