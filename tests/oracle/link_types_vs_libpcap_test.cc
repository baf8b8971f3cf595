// On every link type the reference evaluator refuses what libpcap refuses, and says of every packet
// what libpcap's unoptimized program says.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/oracle/expression_generator.h"
#include "tests/oracle/libpcap_judge.h"
#include "tests/oracle/link_expressions.h"
#include "tests/oracle/link_types.h"
#include "tests/oracle/packet_corpus.h"
#include "tests/oracle/reference_comparison.h"

namespace bpfc::oracle {
namespace {

constexpr std::uint32_t kSeed = 22;

// Fewer under the sanitizers, which are slow.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kLess = 12;
#else
constexpr std::size_t kLess = 1;
#endif

// How much of everything a link type gets.
struct Share {
  std::size_t packets;
  std::size_t generated;  // one of so many
  std::size_t combinations;
};

Share share_of(LinkFamily family) {
  switch (family) {
    case LinkFamily::kJuniper:
      return {150, 16 * kLess, 40 / kLess};
    case LinkFamily::kBare:
      return {20, 40 * kLess, 10};
    case LinkFamily::kPlain:
    case LinkFamily::kWlan:
      return {600 / kLess, 3 * kLess, 400 / kLess};
    case LinkFamily::kLlc:
    case LinkFamily::kPpp:
    case LinkFamily::kSs7:
    case LinkFamily::kUnopened:
      break;
  }
  return {400 / kLess, 6 * kLess, 100 / kLess};
}

class LinkTypes : public testing::TestWithParam<TestedLinkType> {
 protected:
  // All the whole ones, and of those that are changed or cut short as many as the share allows.
  static std::vector<CorpusPacket> packets() {
    CorpusOptions options;
    if (GetParam().family != LinkFamily::kBare) {
      options.directories = {BPFC_SOURCE_DIR "/tests/data", BPFC_EXTRA_CAPTURES};
      options.real_packets = 10;
      options.rare = true;
    }
    options.longest_truncation = 0;
    options.mutations = 0;
    std::vector<CorpusPacket> chosen = packet_corpus(GetParam().number, options);
    options.longest_truncation = 100;
    options.mutations = 4;
    std::vector<CorpusPacket> others = packet_corpus(GetParam().number, options);
    std::mt19937 random(kSeed);
    std::shuffle(others.begin(), others.end(), random);
    others.resize(std::min(others.size(), share_of(GetParam().family).packets));
    chosen.insert(chosen.end(), others.begin(), others.end());
    // Whoever takes the first few gets some of each.
    std::shuffle(chosen.begin(), chosen.end(), random);
    return chosen;
  }

  static std::string name() { return std::string(GetParam().name); }

  // libpcap 1.10.3 cannot judge these where it does not know the link type.
  static bool judged(const std::string& text) {
    return libpcap_knows_rules(GetParam().number) ||
           (text.find('[') == std::string::npos && text.find("byte") == std::string::npos &&
            text.find("bound") == std::string::npos && text.find("on ") != 0);
  }

  static bool compiles(const std::string& text) {
    const int number = libpcap_knows_rules(GetParam().number) ? GetParam().number : 1;
    return judged(text) && libpcap_compile(text, {number, 262144, 0xffffff00U, false}).has_value();
  }
};

TEST_P(LinkTypes, OwnKeywords) {
  const std::vector<CorpusPacket> corpus = packets();
  Comparison comparison;
  for (const std::string& text : link_expressions()) {
    if (judged(text)) {
      comparison.compare({name(), text}, corpus);
    }
  }
  comparison.report(name() + ", own keywords");
  EXPECT_GT(comparison.refusals(), 0U);
}

TEST_P(LinkTypes, GeneratedPrimitives) {
  std::vector<CorpusPacket> corpus = packets();
  corpus.resize(std::min<std::size_t>(corpus.size(), 120));
  const std::vector<std::string> primitives = generated_primitives();
  const std::size_t stride = share_of(GetParam().family).generated;
  Comparison comparison;
  // Each link type starts elsewhere.
  for (std::size_t i = static_cast<std::size_t>(GetParam().number) % stride; i < primitives.size();
       i += stride) {
    if (judged(primitives[i])) {
      comparison.compare({name(), primitives[i]}, corpus);
    }
  }
  comparison.report(name() + ", primitives");
}

// What one primitive needs to know of the headers is found out for all of them, and before all.
TEST_P(LinkTypes, Combinations) {
  std::vector<CorpusPacket> corpus = packets();
  corpus.resize(std::min<std::size_t>(corpus.size(), 120));
  std::vector<std::string> primitives;
  for (const std::string& text : link_expressions()) {
    if (compiles(text)) {
      primitives.push_back("(" + text + ")");
    }
  }
  ASSERT_FALSE(primitives.empty());
  std::mt19937 random(kSeed);
  Comparison comparison;
  for (std::size_t i = 0; i < share_of(GetParam().family).combinations; ++i) {
    comparison.compare({name(), random_combination(primitives, random, 4)}, corpus);
  }
  comparison.report(name() + ", combinations");
}

std::vector<TestedLinkType> all_link_types() {
  std::vector<TestedLinkType> opened;
  for (const TestedLinkType& each : tested_link_types()) {
    if (each.family != LinkFamily::kUnopened) {
      opened.push_back(each);
    }
  }
  return opened;
}

INSTANTIATE_TEST_SUITE_P(All, LinkTypes, testing::ValuesIn(all_link_types()),
                         [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace bpfc::oracle
