#include "grammar/keyword.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "grammar/parse.h"
#include "grammar/print.h"
#include "token_reader.h"

namespace bpfc::tests {
namespace {

using grammar::Keyword;
using token = grammar::Parser::token;

// An expression for each token, where @ is the keyword.
const std::map<int, std::string> kUses = {
    {token::PROTOCOL, "@"},
    {token::SOURCE, "@ host 1.2.3.4"},
    {token::DESTINATION, "@ host 1.2.3.4"},
    {token::WLAN_ADDRESS, "wlan @ 00:11:22:33:44:55"},
    {token::ADDRESS_TYPE, "@ 1.2.3.4"},
    {token::UNDIRECTED_TYPE, "@ 6"},
    {token::MASK, "net 1.2.0.0 @ 255.255.0.0"},
    {token::CAST, "@"},
    {token::LENGTH_LIMIT, "@ 100"},
    {token::BYTE, "@ 0 = 1"},
    {token::PACKET_DIRECTION, "@"},
    {token::IFINDEX, "@ 1"},
    {token::ENCAPSULATION, "@ 1"},
    {token::PPPOED, "@"},
    {token::LLC, "@"},
    {token::PFLOG_NAME, "@ en0"},
    {token::RULE_NUMBER, "@ 1"},
    {token::RNR, "@ 1"},
    {token::REASON, "@ match"},
    {token::ACTION, "@ pass"},
    {token::TYPE, "@ mgt"},
    {token::SUBTYPE, "@ beacon"},
    {token::DIRECTION, "@ nods"},
    {token::ATM_KIND, "@"},
    {token::SS7_KIND, "@"},
    {token::SIGNALLING_FIELD, "@ 1"},
    {token::LENGTH, "@ = 1"},
    {token::NUMBER, "tcp[@] = 1"},
    {token::AND, "tcp @ udp"},
    {token::OR, "tcp @ udp"},
    {token::NOT, "@ tcp"},
};

std::string with(std::string text, std::string_view keyword) {
  return text.replace(text.find('@'), 1, keyword);
}

TEST(Keyword, TableIsSortedAndUnique) {
  const auto table = grammar::keywords();
  ASSERT_GT(table.size(), 150U);
  EXPECT_EQ(std::adjacent_find(
                table.begin(), table.end(),
                [](const Keyword& a, const Keyword& b) { return a.spelling >= b.spelling; }),
            table.end());
}

TEST(Keyword, EachIsFoundAndScannedAsItsToken) {
  for (const Keyword& keyword : grammar::keywords()) {
    ASSERT_EQ(grammar::find_keyword(keyword.spelling), &keyword) << keyword.spelling;
    const auto tokens = read_tokens(std::string(keyword.spelling));
    ASSERT_EQ(tokens.size(), 1U) << keyword.spelling;
    EXPECT_EQ(static_cast<int>(tokens[0].kind), static_cast<int>(keyword.token))
        << keyword.spelling;
  }
}

TEST(Keyword, EachWorksInAnExpression) {
  for (const Keyword& keyword : grammar::keywords()) {
    const auto use = kUses.find(keyword.token);
    ASSERT_NE(use, kUses.end()) << keyword.spelling;
    const std::string text = with(use->second, keyword.spelling);
    EXPECT_TRUE(grammar::parse(text)) << text;
  }
}

TEST(Keyword, SynonymsMakeTheSameTree) {
  for (const Keyword& keyword : grammar::keywords()) {
    const std::string_view first = grammar::spelling(keyword.token, keyword.value);
    if (first.size() != keyword.spelling.size()) continue;
    const auto one = grammar::parse(with(kUses.at(keyword.token), keyword.spelling));
    const auto other = grammar::parse(with(kUses.at(keyword.token), first));
    ASSERT_TRUE(one && other) << keyword.spelling;
    EXPECT_EQ(grammar::print(*one), grammar::print(*other)) << keyword.spelling;
  }
}

TEST(Keyword, BackslashMakesAName) {
  for (const Keyword& keyword : grammar::keywords()) {
    const auto filter = grammar::parse("host \\" + std::string(keyword.spelling));
    ASSERT_TRUE(filter) << keyword.spelling;
    const auto& identified = std::get<ast::Identified>(filter->nodes[0].value);
    EXPECT_EQ(identified.kind, ast::IdentifierKind::kName);
    EXPECT_EQ(filter->text(identified.text), keyword.spelling);
  }
}

TEST(Keyword, OtherWordsAreNone) {
  for (const std::string_view word :
       {"", "TCP", "Tcp", "t", "tcpp", "hos", "tcp-", "icmp6-", "zzz", "0"}) {
    EXPECT_EQ(grammar::find_keyword(word), nullptr) << word;
  }
}

TEST(Keyword, FirstSpellingIsTheOneOfTheTable) {
  EXPECT_EQ(grammar::spelling(token::PROTOCOL, static_cast<std::uint32_t>(ast::Protocol::kLink)),
            "link");
  EXPECT_EQ(grammar::spelling(token::LENGTH, 0), "len");
  EXPECT_EQ(grammar::spelling(token::PROTOCOL, 0), "");
}

}  // namespace
}  // namespace bpfc::tests
