// Our optimized programs are not longer than those of libpcap's optimizer, but for a reviewed list:
// tests/oracle/longer_programs.txt.
//
// BPFC_REBASE=1 in the environment writes the list anew; BPFC_REPORT=1 prints it as a table, what
// differs most first. BPFC_COMBINATIONS=5000 looks at that many generated filters a link type, and
// compares nothing with the list.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>

#include "bpfc/compile.h"
#include "bpfc/interpreter.h"
#include "bpfc/program_cost.h"
#include "bpfc/prove.h"
#include "judge/packet_generator.h"
#include "tests/oracle/differential_expressions.h"
#include "tests/oracle/engine_set.h"
#include "tests/oracle/expression_generator.h"
#include "tests/oracle/expression_list.h"
#include "tests/oracle/libpcap_judge.h"
#include "tests/oracle/link_types.h"
#include "tests/oracle/system_names.h"
#include "tests/proof/test_solver.h"

namespace bpfc::oracle {
namespace {

constexpr const char* kList = BPFC_SOURCE_DIR "/tests/oracle/longer_programs.txt";
constexpr const char* kTitle =
    R"(# Filters of the differential tests for which our optimized program is longer than libpcap 1.10.3's.
# LINKTYPE<TAB>our length<TAB>libpcap's<TAB>what theirs is<TAB>filter
# `other`: another function of the packet, by a packet of the corpus, one made for the two programs or one
# that the prover found, truncated ones too. `loop`: it jumps backwards, which no kernel takes. `refused`: the
# kernel does not take it either, for what it loads. `same`: none of these.
# Written by oracle_program_length_test with BPFC_REBASE=1.
)";
// Of each link type.
constexpr int kCombinations = 500;

constexpr std::uint64_t kEffort = 20'000;  // of the search for packets, a filter

int combinations() {
  const char* const asked = std::getenv("BPFC_COMBINATIONS");
  return asked == nullptr ? kCombinations : std::atoi(asked);
}

struct Longer {
  std::string link_type;
  std::size_t ours;
  std::size_t theirs;
  const char* kind;  // same, other, loop or refused
  std::string expression;

  std::string line() const {
    return link_type + "\t" + std::to_string(ours) + "\t" + std::to_string(theirs) + "\t" + kind +
           "\t" + expression;
  }
  std::string key() const { return link_type + "\t" + expression; }
};

std::vector<std::string> expressions_of(const std::string& link_type) {
  std::vector<std::string> expressions = read_expressions("expressions.txt", link_type);
  for (const auto& more :
       {generated_primitives(), differential_combinations(link_type, combinations())}) {
    expressions.insert(expressions.end(), more.begin(), more.end());
  }
  std::sort(expressions.begin(), expressions.end());
  expressions.erase(std::unique(expressions.begin(), expressions.end()), expressions.end());
  return expressions;
}

const char* kind_of(const Program& ours, const Program& theirs,
                    const std::vector<CorpusPacket>& packets) {
  const auto left = verify(ours, Rules::kLibpcap);
  const auto right = verify(theirs, Rules::kLibpcap);
  if (!left || !right) return "other";
  if (!measure_paths(*right)) return "loop";
  if (!verify(theirs, Rules::kKernel)) return "refused";
  const auto agree = [&](const Packet& packet) {
    return (interpret(*left, packet) != 0) == (interpret(*right, packet) != 0);
  };
  for (const CorpusPacket& packet : packets) {
    if (!agree({.captured = packet.bytes, .wire_length = packet.wire_length})) return "other";
  }
  const VerifiedProgram* const programs[] = {&*left, &*right};
  judge::PacketGenerator generator(programs, 1, kEffort);
  for (const judge::TestPacket& packet : generator.branch_packets()) {
    if (!agree(packet.view())) return "other";
  }
  // What no packet at hand has shown may still be so.
  ProofOptions options;
  options.view = VerdictView::kMatch;
  options.solver = testing::test_solver();
  const auto proof = equivalence(*left, *right, options);
  return proof && proof->answer == Answer::kNo ? "other" : "same";
}

struct Comparison {
  std::vector<Longer> longer;
  std::size_t compared = 0;
  std::size_t shorter = 0;
  std::size_t instructions = 0;
  std::size_t libpcap_instructions = 0;
};

void compare(const std::string& link_type, Comparison& comparison) {
  static const SystemNames kNames;
  CorpusOptions corpus_options;
  corpus_options.directories = {BPFC_SOURCE_DIR "/tests/data"};
  const int number = link_type_numbers().at(link_type);
  const std::vector<CorpusPacket> packets = packet_corpus(number, corpus_options);
  CompileOptions options;
  options.link_type = find_link_type(link_type);
  options.netmask = kTestNetmask;
  options.resolver = &kNames;
  for (const std::string& expression : expressions_of(link_type)) {
    const auto ours = compile(expression, options);
    if (!ours) continue;
    const auto theirs = libpcap_compile(expression, {number, kDefaultSnaplen, kTestNetmask, true});
    if (!theirs) continue;
    const std::size_t length = ours->program.size();
    ++comparison.compared;
    comparison.instructions += length;
    comparison.libpcap_instructions += theirs->size();
    comparison.shorter += length < theirs->size() ? 1 : 0;
    if (length <= theirs->size()) continue;
    comparison.longer.push_back(
        {link_type, length, theirs->size(), kind_of(ours->program, *theirs, packets), expression});
  }
}

std::map<std::string, std::string> listed() {
  std::map<std::string, std::string> lines;
  std::ifstream file(kList);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::size_t field = line.find('\t');
    const std::string link_type = line.substr(0, field);
    for (int i = 0; i < 3; ++i) field = line.find('\t', field + 1);
    lines[link_type + line.substr(field)] = line;
  }
  return lines;
}

void print_table(std::vector<Longer> longer) {
  std::stable_sort(longer.begin(), longer.end(), [](const Longer& a, const Longer& b) {
    return a.ours - a.theirs > b.ours - b.theirs;
  });
  for (const Longer& entry : longer) {
    std::cout << "+" << entry.ours - entry.theirs << "\t" << entry.line() << "\n";
  }
}

TEST(ProgramLength, IsAtMostThatOfLibpcapsButForThoseListed) {
  Comparison comparison;
  for (const char* link_type :
       {"EN10MB", "RAW", "NULL", "LOOP", "LINUX_SLL", "LINUX_SLL2", "IPV4", "IPV6"}) {
    compare(link_type, comparison);
  }
  const auto same =
      std::count_if(comparison.longer.begin(), comparison.longer.end(),
                    [](const Longer& entry) { return std::string_view(entry.kind) == "same"; });
  std::cout << comparison.compared << " filters: shorter " << comparison.shorter << ", longer "
            << comparison.longer.size() << " (" << same
            << " where libpcap's program is the same function); instructions "
            << comparison.instructions << ", libpcap's " << comparison.libpcap_instructions << "\n";
  EXPECT_GT(comparison.compared, 5000U);
  if (std::getenv("BPFC_REPORT") != nullptr) print_table(comparison.longer);
  if (combinations() != kCombinations) return;
  if (std::getenv("BPFC_REBASE") != nullptr) {
    std::ofstream file(kList);
    file << kTitle;
    for (const Longer& entry : comparison.longer) file << entry.line() << "\n";
    return;
  }
  std::map<std::string, std::string> known = listed();
  for (const Longer& entry : comparison.longer) {
    const auto found = known.find(entry.key());
    EXPECT_EQ(found == known.end() ? "" : found->second, entry.line());
    if (found != known.end()) known.erase(found);
  }
  for (const auto& [key, line] : known) {
    ADD_FAILURE() << "no longer than libpcap's now (BPFC_REBASE=1 writes the list): " << line;
  }
}

}  // namespace
}  // namespace bpfc::oracle
