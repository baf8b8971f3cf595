// Targets and keywords that the installed libpcap cannot judge, against the reference evaluator:
// live capture on Linux with its ancillary data, capture files of either byte order, and vxlan and
// the other words that 1.10.3 does not have.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <random>

#include "tests/oracle/contest.h"
#include "tests/oracle/expression_generator.h"
#include "tests/oracle/expression_list.h"
#include "tests/oracle/link_expressions.h"

namespace bpfc::oracle {
namespace {

constexpr std::uint32_t kSeed = 21;
#ifdef __SANITIZE_ADDRESS__
constexpr int kCombinations = 50;
constexpr std::size_t kRealPackets = 1;
#else
constexpr int kCombinations = 400;
constexpr std::size_t kRealPackets = 5;
#endif

std::vector<CorpusPacket> packets(const std::string& link_type) {
  CorpusOptions options;
  options.directories = {BPFC_SOURCE_DIR "/tests/data", BPFC_EXTRA_CAPTURES};
  options.real_packets = kRealPackets;
  options.longest_truncation = 44;
  std::vector<CorpusPacket> corpus = packet_corpus(link_type_numbers().at(link_type), options);
  // Of the link types whose filters are compared in full elsewhere, a part is enough.
  constexpr std::size_t kMost = 600;
  if (read_expressions("expressions.txt", link_type).empty()) {
    std::mt19937 random(kSeed);
    std::shuffle(corpus.begin(), corpus.end(), random);
    corpus.resize(std::min(corpus.size(), kMost));
  }
  return corpus;
}

// A tag beside every third packet, all packet types, some interfaces.
void add_ancillary(std::vector<CorpusPacket>& corpus) {
  std::mt19937 random(kSeed);
  for (CorpusPacket& packet : corpus) {
    Ancillary& ancillary = packet.ancillary;
    ancillary.packet_type = static_cast<std::uint8_t>(random() % 5);
    // The kernel hands a filter no packet without an interface.
    ancillary.interface_index = static_cast<std::uint32_t>(random() % 3);
    if (random() % 3 == 0) {
      ancillary.vlan_tag_present = true;
      ancillary.vlan_protocol = 0x8100;
      constexpr std::array<std::uint16_t, 4> kTags{5, 100, 0x6005, 4095};
      ancillary.vlan_tag = kTags.at(random() % kTags.size());
    }
  }
}

std::vector<std::string> expressions(const std::string& link_type) {
  std::vector<std::string> all = read_expressions("expressions.txt", link_type);
  if (all.empty()) {
    all = link_expressions();
  }
  const std::vector<std::string> newer = generated_newer_primitives();
  all.insert(all.end(), newer.begin(), newer.end());
  all.insert(all.end(),
             {"inbound", "outbound and ip", "ifindex 1", "not ifindex 2", "vlan 100 and ip",
              "vlan and vlan and ip6", "vlan or ip", "not vlan and tcp port 80",
              "vlan and not vlan 5 and host 10.1.2.3", "geneve and vlan and ip"});
  std::vector<std::string> parenthesized;
  for (const std::string& text : all) {
    parenthesized.push_back("(" + text + ")");
  }
  std::mt19937 random(kSeed);
  for (int i = 0; i < kCombinations; ++i) {
    all.push_back(random_combination(parenthesized, random, 4));
  }
  return all;
}

struct Case {
  std::string link_type;
  Target target;
};

class TargetContest : public testing::TestWithParam<Case> {};

TEST_P(TargetContest, SameVerdictsAsTheReference) {
  const auto& [link_type, target] = GetParam();
  std::vector<CorpusPacket> corpus = packets(link_type);
  if (target == Target::kLiveLinux) {
    add_ancillary(corpus);
  }
  Contest contest({.with_judge = false, .most_findings = findings_wanted()});
  for (const std::string& expression : expressions(link_type)) {
    if (contest.stopped()) {
      break;
    }
    contest.run({link_type, expression, target}, corpus);
  }
  for (const std::string& finding : contest.findings()) {
    ADD_FAILURE() << finding;
  }
  const Tally& tally = contest.tally();
  std::cout << link_type << ": " << tally.expressions << " expressions, " << tally.refused
            << " refused by all, " << corpus.size() << " packets, " << tally.verdicts
            << " verdicts; longest program " << tally.longest_program << "; seed " << kSeed << "\n";
}

INSTANTIATE_TEST_SUITE_P(
    Targets, TargetContest,
    testing::Values(Case{"EN10MB", Target::kPlain}, Case{"LINUX_SLL", Target::kPlain},
                    Case{"EN10MB", Target::kLiveLinux}, Case{"RAW", Target::kLiveLinux},
                    Case{"NULL", Target::kLiveLinux}, Case{"LOOP", Target::kLiveLinux},
                    Case{"NULL", Target::kNativeSavefile}, Case{"NULL", Target::kSwappedSavefile},
                    Case{"LOOP", Target::kNativeSavefile}, Case{"LOOP", Target::kSwappedSavefile},
                    Case{"EN10MB", Target::kNativeSavefile},
                    Case{"LINUX_SLL2", Target::kSwappedSavefile},
                    Case{"ENC", Target::kNativeSavefile}, Case{"ENC", Target::kSwappedSavefile},
                    Case{"ENC", Target::kLiveLinux}, Case{"PFLOG", Target::kNativeSavefile},
                    Case{"PFLOG", Target::kLiveLinux}, Case{"NETANALYZER", Target::kLiveLinux},
                    Case{"DSA_TAG_BRCM", Target::kLiveLinux}, Case{"DSA_TAG_DSA", Target::kPlain},
                    Case{"IEEE802_11_RADIO", Target::kLiveLinux},
                    Case{"SUNATM", Target::kLiveLinux}, Case{"PPP_PPPD", Target::kLiveLinux}));

}  // namespace
}  // namespace bpfc::oracle
