// The reference evaluator says of every packet what libpcap's unoptimized program says.
#include <gtest/gtest.h>
#include <netdb.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <set>
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
    {"NULL", 0},        {"EN10MB", 1},      {"RAW", 12},   {"LOOP", 108},
    {"LINUX_SLL", 113}, {"LINUX_SLL2", 276}, {"IPV4", 228}, {"IPV6", 229},
};

constexpr std::uint32_t kNetmask = 0xffffff00U;

struct Line {
  std::string link_type;
  std::string expression;
};

std::vector<Line> read_expressions() {
  std::ifstream file(BPFC_SOURCE_DIR "/tests/data/expressions.txt");
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

const KnownDifference* known_difference(const Line& line) {
  for (const KnownDifference& difference : kKnownDifferences) {
    if ((difference.link_type.empty() || difference.link_type == line.link_type) &&
        std::regex_search(line.expression, std::regex(std::string(difference.pattern)))) {
      return &difference;
    }
  }
  return nullptr;
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

class ReferenceVsLibpcap : public testing::TestWithParam<std::string> {};

TEST_P(ReferenceVsLibpcap, SameVerdicts) {
  const std::string link_type = GetParam();
  const int number = kLinkTypes.at(link_type);
  CorpusOptions corpus_options;
  corpus_options.directories = {BPFC_SOURCE_DIR "/tests/data", BPFC_EXTRA_CAPTURES};
  const std::vector<CorpusPacket> packets = packet_corpus(number, corpus_options);
  ASSERT_FALSE(packets.empty());

  const SystemNames names;
  std::uint64_t expressions = 0;
  std::uint64_t verdicts = 0;
  std::uint64_t accepted = 0;
  std::uint64_t expected_differences = 0;
  for (const Line& line : read_expressions()) {
    if (line.link_type != link_type) {
      continue;
    }
    SCOPED_TRACE(link_type + " : " + line.expression);
    const auto program = libpcap_compile(line.expression, {number, 262144, kNetmask, false});
    const auto filter = grammar::parse(line.expression);
    EXPECT_TRUE(filter.has_value()) << filter.error().message;
    if (!filter) {
      continue;
    }
    const reference::Environment environment{.link_type = reference::LinkType(number),
                                             .netmask = kNetmask,
                                             .machine = reference::Machine::kLibpcap,
                                             .resolver = &names};
    const auto evaluator = reference::Evaluator::make(*filter, environment);
    const KnownDifference* known = known_difference(line);
    if (!program || !evaluator) {
      EXPECT_EQ(program.has_value(), evaluator.has_value())
          << (program ? evaluator.error() : program.error());
      continue;
    }
    ++expressions;
    int reported = 0;
    for (const CorpusPacket& packet : packets) {
      const auto theirs = run_classic(*program, packet.bytes, packet.wire_length);
      const bool ours = evaluator->accepts({packet.bytes, packet.wire_length, nullptr});
      ++verdicts;
      accepted += ours ? 1 : 0;
      if (theirs && ours == (*theirs != 0)) {
        continue;
      }
      if (known != nullptr && (!known->only_with_byte ||
                               std::find(packet.bytes.begin(), packet.bytes.end(),
                                         *known->only_with_byte) != packet.bytes.end())) {
        ++expected_differences;
        continue;
      }
      if (++reported <= 2) {
        ADD_FAILURE() << "reference " << ours << ", libpcap "
                      << (theirs ? std::to_string(*theirs) : "does not end") << " on "
                      << packet.wire_length << " " << hex(packet.bytes);
      }
    }
  }
  RecordProperty("expressions", std::to_string(expressions));
  std::cout << link_type << ": " << expressions << " expressions, " << packets.size()
            << " packets, " << verdicts << " verdicts (" << accepted << " accept), "
            << expected_differences << " of them listed differences\n";
}

INSTANTIATE_TEST_SUITE_P(LinkTypes, ReferenceVsLibpcap,
                         testing::Values("EN10MB", "RAW", "NULL", "LOOP", "LINUX_SLL", "LINUX_SLL2",
                                         "IPV4", "IPV6"),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace bpfc::oracle
