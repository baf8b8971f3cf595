// The reference evaluator says of every packet what libpcap's unoptimized program says.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "grammar/parse.h"
#include "tests/oracle/classic_runner.h"
#include "tests/oracle/expression_list.h"
#include "tests/oracle/known_differences.h"
#include "tests/oracle/libpcap_judge.h"
#include "tests/oracle/packet_corpus.h"
#include "tests/oracle/system_names.h"
#include "tests/reference/evaluator.h"

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

constexpr std::uint32_t kNetmask = 0xffffff00U;

std::string hex(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xfU];
  }
  return text;
}

// What a comparison has seen.
struct Tally {
  std::uint64_t expressions = 0;
  std::uint64_t refusals = 0;
  std::uint64_t verdicts = 0;
  std::uint64_t accepted = 0;
  std::uint64_t listed_differences = 0;
};

// Compares one expression on all packets. Both refuse it, or neither.
void compare(const ListedExpression& line, const std::vector<CorpusPacket>& packets, Tally& tally) {
  SCOPED_TRACE(line.link_type + " : " + line.text);
  static const SystemNames names;
  const int number = link_type_numbers().at(line.link_type);
  const auto program = libpcap_compile(line.text, {number, 262144, kNetmask, false});
  const auto filter = grammar::parse(line.text);
  const std::vector<KnownDifference> known =
      known_differences(kKnownDifferences, line.link_type, line.text);
  if (!filter) {
    EXPECT_TRUE(!program || !known.empty()) << filter.error().message;
    ++tally.refusals;
    return;
  }
  const reference::Environment environment{.link_type = reference::LinkType(number),
                                           .netmask = kNetmask,
                                           .machine = reference::Machine::kLibpcap,
                                           .resolver = &names};
  const auto evaluator = reference::Evaluator::make(*filter, environment);
  if (!program || !evaluator) {
    EXPECT_TRUE(program.has_value() == evaluator.has_value() || !known.empty())
        << (program ? evaluator.error() : program.error());
    ++tally.refusals;
    return;
  }
  ++tally.expressions;
  int reported = 0;
  for (const CorpusPacket& packet : packets) {
    const auto theirs = run_classic(*program, packet.bytes, packet.wire_length);
    const bool ours = evaluator->accepts({packet.bytes, packet.wire_length, nullptr});
    ++tally.verdicts;
    tally.accepted += ours ? 1 : 0;
    if (theirs && ours == (*theirs != 0)) {
      continue;
    }
    if (any_applies(known, packet.bytes)) {
      ++tally.listed_differences;
    } else if (++reported <= 2) {
      ADD_FAILURE() << "reference " << ours << ", libpcap "
                    << (theirs ? std::to_string(*theirs) : "does not end") << " on "
                    << packet.wire_length << " " << hex(packet.bytes);
    }
  }
}

void report(const std::string& title, std::size_t packets, const Tally& tally) {
  std::cout << title << ": " << tally.expressions << " expressions, " << tally.refusals
            << " refused by both, " << packets << " packets, " << tally.verdicts << " verdicts ("
            << tally.accepted << " accept), " << tally.listed_differences
            << " listed differences\n";
}

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
  Tally tally;
  for (const std::string& text : read_expressions("expressions.txt", GetParam())) {
    compare({GetParam(), text}, corpus, tally);
  }
  EXPECT_EQ(tally.refusals, 0U) << "the list holds what compiles";
  report(GetParam(), corpus.size(), tally);
}

// Encapsulations move the headers of what is to their right, whatever connects the two.
TEST_P(ReferenceVsLibpcap, SameVerdictsOfRandomCombinations) {
  const std::vector<CorpusPacket> corpus = packets(kRealPackets / 4, 0);
  const std::vector<std::string> expressions = read_expressions("expressions.txt", GetParam());
  std::mt19937 random(7);
  const auto any = [&]() { return "(" + expressions[random() % expressions.size()] + ")"; };
  Tally tally;
  for (int i = 0; i < kCombinations; ++i) {
    std::string expression = any();
    for (auto terms = random() % 3 + 1; terms > 0; --terms) {
      expression += random() % 2 == 0 ? " and " : " or ";
      expression += (random() % 3 == 0 ? "not " : "") + any();
    }
    compare({GetParam(), (random() % 4 == 0 ? "not " : "") + expression}, corpus, tally);
  }
  report(GetParam() + " combined", corpus.size(), tally);
}

TEST(Refusals, AreLibpcaps) {
  Tally tally;
  for (const ListedExpression& line : read_expression_list("refused.txt")) {
    compare(line, {}, tally);
    EXPECT_EQ(tally.expressions, 0U) << line.text;
    tally.expressions = 0;
  }
  EXPECT_GT(tally.refusals, 0U);
}

INSTANTIATE_TEST_SUITE_P(LinkTypes, ReferenceVsLibpcap,
                         testing::Values("EN10MB", "RAW", "NULL", "LOOP", "LINUX_SLL", "LINUX_SLL2",
                                         "IPV4", "IPV6"),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace bpfc::oracle
