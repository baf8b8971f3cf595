// The reference evaluator says of every packet what libpcap's unoptimized program says.
#include <gtest/gtest.h>
#include <netdb.h>
#include <regex.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "grammar/parse.h"
#include "tests/oracle/classic_runner.h"
#include "tests/oracle/known_differences.h"
#include "tests/oracle/libpcap_judge.h"
#include "tests/oracle/packet_corpus.h"
#include "tests/reference/evaluator.h"

namespace bpfc::oracle {
namespace {

const std::map<std::string, int> kLinkTypes{
    {"NULL", 0},        {"EN10MB", 1},       {"RAW", 12},   {"LOOP", 108},
    {"LINUX_SLL", 113}, {"LINUX_SLL2", 276}, {"IPV4", 228}, {"IPV6", 229},
};

// Fewer under the sanitizers, which are slow.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kRealPackets = 4;
constexpr int kCombinations = 300;
#else
constexpr std::size_t kRealPackets = 40;
constexpr int kCombinations = 2000;
#endif

constexpr std::uint32_t kNetmask = 0xffffff00U;

struct Line {
  std::string link_type;
  std::string expression;
};

std::vector<Line> read_expressions(const std::string& name) {
  std::ifstream file(BPFC_SOURCE_DIR "/tests/data/" + name);
  std::vector<Line> lines;
  for (std::string line; std::getline(file, line);) {
    const std::size_t tab = line.find('\t');
    if (tab != std::string::npos && line[0] != '#') {
      lines.push_back({line.substr(0, tab), line.substr(tab + 1)});
    }
  }
  return lines;
}

// libpcap asks the system for names, so this does; the list asks for services and protocols only.
class SystemNames final : public NameResolver {
 public:
  Expected<HostAddresses, NameError> host(std::string_view) const override { return unknown(); }
  Expected<EthernetAddress, NameError> ether(std::string_view) const override { return unknown(); }
  Expected<std::uint32_t, NameError> network(std::string_view) const override { return unknown(); }
  Expected<ServicePorts, NameError> port(std::string_view name) const override {
    ServicePorts ports;
    const std::string text(name);
    const auto find = [&text](const char* protocol) -> std::optional<std::uint16_t> {
      const servent* entry = getservbyname(text.c_str(), protocol);
      return entry == nullptr ? std::nullopt
                              : std::optional(ntohs(static_cast<std::uint16_t>(entry->s_port)));
    };
    ports.tcp = find("tcp");
    ports.udp = find("udp");
    if (!ports.tcp && !ports.udp) {
      return unknown();
    }
    return ports;
  }
  Expected<std::uint32_t, NameError> protocol(std::string_view name) const override {
    const protoent* entry = getprotobyname(std::string(name).c_str());
    if (entry == nullptr) {
      return unknown();
    }
    return static_cast<std::uint32_t>(entry->p_proto);
  }

 private:
  static Unexpected<NameError> unknown() {
    return Unexpected<NameError>(NameError{NameError::Kind::kUnknown, "not in this test"});
  }
};

bool found_in(const std::string& text, std::string_view pattern) {
  regex_t compiled{};
  if (regcomp(&compiled, std::string(pattern).c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
    ADD_FAILURE() << "not a regular expression: " << pattern;
    return false;
  }
  const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  return found;
}

// All entries of the list that an expression falls under.
std::vector<KnownDifference> known_differences(const Line& line) {
  std::vector<KnownDifference> found;
  for (const KnownDifference& difference : kKnownDifferences) {
    if ((difference.link_type.empty() || difference.link_type == line.link_type) &&
        found_in(line.expression, difference.pattern)) {
      found.push_back(difference);
    }
  }
  return found;
}

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

bool any_applies(const std::vector<KnownDifference>& known, const CorpusPacket& packet) {
  return std::any_of(known.begin(), known.end(), [&packet](const KnownDifference& difference) {
    return !difference.only_with_byte ||
           std::find(packet.bytes.begin(), packet.bytes.end(), *difference.only_with_byte) !=
               packet.bytes.end();
  });
}

// Compares one expression on all packets. Both refuse it, or neither.
void compare(const Line& line, const std::vector<CorpusPacket>& packets, Tally& tally) {
  SCOPED_TRACE(line.link_type + " : " + line.expression);
  static const SystemNames names;
  const int number = kLinkTypes.at(line.link_type);
  const auto program = libpcap_compile(line.expression, {number, 262144, kNetmask, false});
  const auto filter = grammar::parse(line.expression);
  const std::vector<KnownDifference> known = known_differences(line);
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
    if (any_applies(known, packet)) {
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
    return packet_corpus(kLinkTypes.at(GetParam()), options);
  }
};

TEST_P(ReferenceVsLibpcap, SameVerdicts) {
  const std::vector<CorpusPacket> corpus = packets(kRealPackets, 80);
  ASSERT_FALSE(corpus.empty());
  Tally tally;
  for (const Line& line : read_expressions("expressions.txt")) {
    if (line.link_type == GetParam()) {
      compare(line, corpus, tally);
    }
  }
  EXPECT_EQ(tally.refusals, 0U) << "the list holds what compiles";
  report(GetParam(), corpus.size(), tally);
}

// Encapsulations move the headers of what is to their right, whatever connects the two.
TEST_P(ReferenceVsLibpcap, SameVerdictsOfRandomCombinations) {
  const std::vector<CorpusPacket> corpus = packets(kRealPackets / 4, 0);
  std::vector<std::string> expressions;
  for (const Line& line : read_expressions("expressions.txt")) {
    if (line.link_type == GetParam()) {
      expressions.push_back(line.expression);
    }
  }
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
  for (const Line& line : read_expressions("refused.txt")) {
    compare(line, {}, tally);
    EXPECT_EQ(tally.expressions, 0U) << line.expression;
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
