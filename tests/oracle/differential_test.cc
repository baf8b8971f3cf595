// Every engine gives the verdict of libpcap's unoptimized program, on every packet; and what
// libpcap refuses the compiler refuses, and the other way.
//
// Stops at the first disagreement with the commands that show it; BPFC_FINDINGS=100 in the
// environment goes on to the hundredth.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <random>

#include "tests/oracle/contest.h"
#include "tests/oracle/differential_expressions.h"
#include "tests/oracle/expression_generator.h"
#include "tests/oracle/expression_list.h"
#include "tests/oracle/link_expressions.h"
#include "tests/oracle/link_types.h"

namespace bpfc::oracle {
namespace {

constexpr std::uint32_t kSeed = 20;

// Fewer under the sanitizers, which are slow.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kRealPackets = 2;
constexpr int kCombinations = 200;
constexpr std::size_t kEveryPrimitive = 16;
#else
constexpr std::size_t kRealPackets = 40;
constexpr int kCombinations = 3000;
constexpr std::size_t kEveryPrimitive = 1;
#endif

class Differential : public testing::TestWithParam<std::string> {
 protected:
  static std::vector<CorpusPacket> packets(std::size_t real, std::uint32_t longest_truncation) {
    CorpusOptions options;
    options.directories = {BPFC_SOURCE_DIR "/tests/data", BPFC_EXTRA_CAPTURES};
    options.real_packets = real;
    options.longest_truncation = longest_truncation;
    return packet_corpus(link_type_numbers().at(GetParam()), options);
  }

  static void report(const std::string& title, const Contest& contest,
                     const std::vector<CorpusPacket>& corpus) {
    for (const std::string& finding : contest.findings()) {
      ADD_FAILURE() << finding;
    }
    const Tally& tally = contest.tally();
    std::cout << GetParam() << ", " << title << ": " << tally.expressions << " expressions, "
              << tally.refused << " refused by all, " << corpus.size() << " packets, "
              << tally.verdicts << " verdicts, known differences: " << tally.known_verdicts
              << " verdicts, " << tally.known_refusals << " refusals; longest program "
              << tally.longest_program << "\n";
  }

  void compare(const std::string& title, const std::vector<std::string>& expressions,
               const std::vector<CorpusPacket>& corpus) {
    ASSERT_FALSE(corpus.empty());
    Contest contest({.most_findings = findings_wanted()});
    for (const std::string& expression : expressions) {
      if (contest.stopped()) {
        break;
      }
      contest.run({GetParam(), expression}, corpus);
    }
    report(title, contest, corpus);
  }
};

TEST_P(Differential, ListedExpressions) {
  compare("listed", read_expressions("expressions.txt", GetParam()), packets(kRealPackets, 80));
}

TEST_P(Differential, GeneratedPrimitives) {
  std::vector<std::string> expressions;
  const std::vector<std::string> all = generated_primitives();
  for (std::size_t i = 0; i < all.size(); i += kEveryPrimitive) {
    expressions.push_back(all[i]);
  }
  compare("primitives", expressions, packets(kRealPackets / 4, 0));
}

TEST_P(Differential, RandomCombinations) {
  compare("combinations of seed " + std::to_string(kCombinationSeed),
          differential_combinations(GetParam(), kCombinations), packets(kRealPackets / 8, 0));
}

TEST_P(Differential, Refusals) {
  compare("refused", read_expressions("refused.txt", GetParam()), packets(1, 0));
}

INSTANTIATE_TEST_SUITE_P(LinkTypes, Differential,
                         testing::Values("EN10MB", "RAW", "NULL", "LOOP", "LINUX_SLL", "LINUX_SLL2",
                                         "IPV4", "IPV6"),
                         [](const auto& instance) { return instance.param; });

// The other link types: what each has of its own, and some of everything else.
class OtherLinkTypes : public testing::TestWithParam<TestedLinkType> {
 protected:
  struct Share {
    std::size_t packets;
    std::size_t every_primitive;
    int combinations;
  };

  static Share share() {
    switch (GetParam().family) {
      case LinkFamily::kBare:
      case LinkFamily::kUnopened:
        return {20, 64, 10};
      case LinkFamily::kJuniper:
        return {60, 24, 30};
      case LinkFamily::kPlain:
      case LinkFamily::kWlan:
        return {200, 6, 200};
      default:
        return {120, 12, 60};
    }
  }

  static std::string name() { return std::string(GetParam().name); }

  static std::vector<CorpusPacket> packets() {
    CorpusOptions options;
    if (GetParam().family != LinkFamily::kBare) {
      options.directories = {BPFC_SOURCE_DIR "/tests/data", BPFC_EXTRA_CAPTURES};
      options.real_packets = 10;
      options.rare = true;
    }
    options.longest_truncation = 60;
    options.mutations = 3;
    std::vector<CorpusPacket> corpus = packet_corpus(GetParam().number, options);
    std::mt19937 random(kSeed);
    std::shuffle(corpus.begin(), corpus.end(), random);
    corpus.resize(std::min(corpus.size(), share().packets));
    return corpus;
  }

  static std::vector<std::string> primitives() {
    std::vector<std::string> chosen = link_expressions();
    const std::vector<std::string> all = generated_primitives();
    const std::size_t stride = share().every_primitive * kEveryPrimitive;
    for (std::size_t i = static_cast<std::size_t>(GetParam().number) % stride; i < all.size();
         i += stride) {
      chosen.push_back(all[i]);
    }
    return chosen;
  }
};

TEST_P(OtherLinkTypes, PrimitivesAndCombinations) {
  const std::vector<CorpusPacket> corpus = packets();
  ASSERT_FALSE(corpus.empty());
  Contest contest({.with_judge = libpcap_judges(GetParam()), .most_findings = findings_wanted()});
  std::vector<std::string> compiled;
  for (const std::string& primitive : primitives()) {
    if (contest.stopped()) {
      break;
    }
    const std::size_t before = contest.tally().expressions;
    contest.run({name(), primitive}, corpus);
    if (contest.tally().expressions > before) {
      compiled.push_back("(" + primitive + ")");
    }
  }
  std::mt19937 random(kSeed);
  for (int i = 0; i < share().combinations && !compiled.empty() && !contest.stopped(); ++i) {
    contest.run({name(), random_combination(compiled, random, 4)}, corpus);
  }
  for (const std::string& finding : contest.findings()) {
    ADD_FAILURE() << finding;
  }
  const Tally& tally = contest.tally();
  std::cout << name() << ": " << tally.expressions << " expressions, " << tally.refused
            << " refused by all, " << corpus.size() << " packets, " << tally.verdicts
            << " verdicts, known differences: " << tally.known_verdicts << " verdicts, "
            << tally.known_refusals << " refusals\n";
}

std::vector<TestedLinkType> other_link_types() {
  constexpr std::array kWithTestsOfTheirOwn = {"EN10MB",    "RAW",        "NULL", "LOOP",
                                               "LINUX_SLL", "LINUX_SLL2", "IPV4", "IPV6"};
  std::vector<TestedLinkType> others;
  for (const TestedLinkType& type : tested_link_types()) {
    if (std::find(kWithTestsOfTheirOwn.begin(), kWithTestsOfTheirOwn.end(), type.name) ==
        kWithTestsOfTheirOwn.end()) {
      others.push_back(type);
    }
  }
  return others;
}

INSTANTIATE_TEST_SUITE_P(Others, OtherLinkTypes, testing::ValuesIn(other_link_types()),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace bpfc::oracle
