// The reference evaluator says of every packet what libpcap's unoptimized program says.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/oracle/expression_list.h"
#include "tests/oracle/packet_corpus.h"
#include "tests/oracle/reference_comparison.h"

namespace bpfc::oracle {
namespace {

// Fewer under the sanitizers, which are slow.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kRealPackets = 4;
constexpr int kCombinations = 300;
#else
constexpr std::size_t kRealPackets = 40;
constexpr int kCombinations = 2000;
#endif

class ReferenceVsLibpcap : public testing::TestWithParam<std::string> {
 protected:
  static std::vector<CorpusPacket> packets(std::size_t real, std::uint32_t longest_truncation) {
    CorpusOptions options;
    options.directories = {BPFC_SOURCE_DIR "/tests/data", BPFC_EXTRA_CAPTURES};
    options.real_packets = real;
    options.longest_truncation = longest_truncation;
    return packet_corpus(link_type_numbers().at(GetParam()), options);
  }
};

TEST_P(ReferenceVsLibpcap, SameVerdicts) {
  const std::vector<CorpusPacket> corpus = packets(kRealPackets, 80);
  ASSERT_FALSE(corpus.empty());
  Comparison tally;
  for (const std::string& text : read_expressions("expressions.txt", GetParam())) {
    tally.compare({GetParam(), text}, corpus);
  }
  EXPECT_EQ(tally.refusals(), 0U) << "the list holds what compiles";
  tally.report(GetParam());
}

// Encapsulations move the headers of what is to their right, whatever connects the two.
TEST_P(ReferenceVsLibpcap, SameVerdictsOfRandomCombinations) {
  const std::vector<CorpusPacket> corpus = packets(kRealPackets / 4, 0);
  const std::vector<std::string> expressions = read_expressions("expressions.txt", GetParam());
  std::mt19937 random(7);
  const auto any = [&]() { return "(" + expressions[random() % expressions.size()] + ")"; };
  Comparison tally;
  for (int i = 0; i < kCombinations; ++i) {
    std::string expression = any();
    for (auto terms = random() % 3 + 1; terms > 0; --terms) {
      expression += random() % 2 == 0 ? " and " : " or ";
      expression += (random() % 3 == 0 ? "not " : "") + any();
    }
    tally.compare({GetParam(), (random() % 4 == 0 ? "not " : "") + expression}, corpus);
  }
  tally.report(GetParam() + " combined");
}

TEST(Refusals, AreLibpcaps) {
  Comparison tally;
  for (const ListedExpression& line : read_expression_list("refused.txt")) {
    const std::uint64_t before = tally.expressions();
    tally.compare(line, {});
    EXPECT_EQ(tally.expressions(), before) << line.text;
  }
  EXPECT_GT(tally.refusals(), 0U);
}

INSTANTIATE_TEST_SUITE_P(LinkTypes, ReferenceVsLibpcap,
                         testing::Values("EN10MB", "RAW", "NULL", "LOOP", "LINUX_SLL", "LINUX_SLL2",
                                         "IPV4", "IPV6"),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace bpfc::oracle
