// libpcap and we agree on which texts are in the language. The texts are sentences of the grammar,
// half of them mutated; every address in them is literal, so that no name is looked up.
//
// libpcap mixes syntax with meaning: a text that it refuses for its meaning it may not have read to
// the end, and then it has no say. Which link type accepts what is meaning too, so it is asked
// with several.
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "grammar/parse.h"
#include "sentence_generator.h"

namespace bpfc::tests {
namespace {

enum class Verdict { kAccepted, kSyntaxError, kUndecided };

struct CloseCapture {
  void operator()(pcap_t* capture) const { pcap_close(capture); }
};
using Capture = std::unique_ptr<pcap_t, CloseCapture>;

constexpr std::array kLinkTypes = {DLT_EN10MB, DLT_IEEE802_11, DLT_PFLOG,
                                   DLT_SUNATM, DLT_MTP2,       DLT_LINUX_SLL2};

class Libpcap {
 public:
  Libpcap() {
    for (const int link_type : kLinkTypes)
      captures_.emplace_back(pcap_open_dead(link_type, 262144));
  }

  Verdict judge(const std::string& text) {
    for (const Capture& capture : captures_) {
      bpf_program program{};
      if (pcap_compile(capture.get(), &program, text.c_str(), 0, 0xffffff00) == 0) {
        pcap_freecode(&program);
        return Verdict::kAccepted;
      }
      const std::string_view message = pcap_geterr(capture.get());
      for (const std::string_view sign :
           {"syntax error", "illegal token", "illegal char", "parse error"}) {
        if (message.find(sign) != std::string_view::npos) return Verdict::kSyntaxError;
      }
    }
    return Verdict::kUndecided;
  }

 private:
  std::vector<Capture> captures_;
};

// Texts that the two are right to disagree on.
struct KnownDifference {
  std::string_view reason;
  bool (*applies)(const Tokens& tokens);
};

bool has(const Tokens& tokens, std::string_view token) {
  return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
}

const KnownDifference kKnownDifferences[] = {
    {"1.10.3 does not know the keyword", [](const Tokens& tokens) { return has(tokens, "vxlan"); }},
};

// A word that libpcap might take for a host is replaced by one that is an address.
Tokens without_lookups(Tokens tokens) {
  const bool may_name_hosts =
      std::any_of(tokens.begin(), tokens.end(), [](const std::string& token) {
        static constexpr std::array<std::string_view, 16> kHostKeywords = {
            "host",  "net",   "gateway", "src",      "dst",      "ra",       "ta",       "addr1",
            "addr2", "addr3", "addr4",   "address1", "address2", "address3", "address4", "mask"};
        return std::find(kHostKeywords.begin(), kHostKeywords.end(), token) != kHostKeywords.end();
      });
  if (!may_name_hosts) return tokens;
  static constexpr std::array<std::string_view, 13> kWords = {
      "beacon", "mgt",   "match", "pass",  "nods",  "en0", "i",
      "data",   "\\tcp", "\\arp", "vxlan", "80-90", "slow"};
  for (std::string& token : tokens) {
    if (std::find(kWords.begin(), kWords.end(), token) != kWords.end()) token = "\\127.0.0.1";
  }
  return tokens;
}

TEST(GrammarVsLibpcap, SameLanguage) {
  constexpr int kTexts = 40'000;
  const char* seed_text = std::getenv("BPFC_SEED");
  const std::uint64_t seed = seed_text == nullptr ? 1 : std::strtoull(seed_text, nullptr, 0);
  SentenceGenerator generator(seed);
  Libpcap libpcap;
  std::map<Verdict, int> counts;
  int known = 0;
  std::vector<std::string> differences;
  for (int i = 0; i < kTexts; ++i) {
    Tokens tokens = generator.valid();
    if (i % 3 != 0) tokens = generator.mutate(tokens, 1 + i % 2);
    if (tokens.size() > 200) continue;
    tokens = without_lookups(std::move(tokens));
    const std::string text = joined(tokens);
    const Verdict verdict = libpcap.judge(text);
    ++counts[verdict];
    if (verdict == Verdict::kUndecided) continue;
    const bool ours = grammar::parse(text).has_value();
    if (ours == (verdict == Verdict::kAccepted)) continue;
    if (std::any_of(std::begin(kKnownDifferences), std::end(kKnownDifferences),
                    [&](const KnownDifference& row) { return row.applies(tokens); })) {
      ++known;
      continue;
    }
    differences.push_back((ours ? "only we accept " : "only libpcap accepts ") + text);
  }
  std::sort(differences.begin(), differences.end(),
            [](const auto& a, const auto& b) { return a.size() < b.size(); });
  for (std::size_t i = 0; i < std::min<std::size_t>(differences.size(), 40); ++i) {
    ADD_FAILURE() << differences[i];
  }
  EXPECT_EQ(differences.size(), 0U) << "BPFC_SEED=" << seed;
  RecordProperty("accepted", counts[Verdict::kAccepted]);
  RecordProperty("syntax_errors", counts[Verdict::kSyntaxError]);
  RecordProperty("undecided", counts[Verdict::kUndecided]);
  RecordProperty("known", known);
  std::printf("accepted %d, syntax errors %d, undecided %d, known differences %d\n",
              counts[Verdict::kAccepted], counts[Verdict::kSyntaxError],
              counts[Verdict::kUndecided], known);
  EXPECT_GT(counts[Verdict::kAccepted] + counts[Verdict::kSyntaxError], 20'000);
  EXPECT_GT(counts[Verdict::kAccepted], 5'000);
  EXPECT_GT(counts[Verdict::kSyntaxError], 5'000);
}

}  // namespace
}  // namespace bpfc::tests
