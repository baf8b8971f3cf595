#include <gtest/gtest.h>

#include "grammar/parse.h"
#include "token_reader.h"

namespace bpfc::tests {
namespace {

using Kind = grammar::Parser::symbol_kind;
using K = grammar::Parser::symbol_kind_type;

// One token, all of the text.
TEST(Scanner, SingleTokens) {
  const struct {
    std::string text;
    K kind;
  } kRows[] = {
      {"0", Kind::S_NUMBER},
      {"80", Kind::S_NUMBER},
      {"4294967295", Kind::S_NUMBER},
      {"03777777777", Kind::S_NUMBER},
      {"00", Kind::S_NUMBER},
      {"0x0", Kind::S_NUMBER},
      {"0XfF", Kind::S_NUMBER},
      {"12345678901", Kind::S_YYerror},
      {"0x", Kind::S_WORD},
      {"0xg", Kind::S_WORD},
      {"80a", Kind::S_WORD},
      {"a", Kind::S_WORD},
      {"A", Kind::S_WORD},
      {"foo.example.com", Kind::S_WORD},
      {"foo.", Kind::S_WORD},
      {"len-4", Kind::S_WORD},
      {"a_b-c", Kind::S_WORD},
      {"tcp--syn", Kind::S_WORD},
      {"1.2.3.4.5", Kind::S_WORD},
      {"80-90", Kind::S_WORD},
      {"TCP", Kind::S_WORD},
      {"\\tcp", Kind::S_WORD},
      {"\\tcp&&udp", Kind::S_WORD},
      {"\\80", Kind::S_WORD},
      {"\\a:b[c]", Kind::S_WORD},
      {"1.2", Kind::S_IPV4},
      {"1.2.3", Kind::S_IPV4},
      {"1.2.3.4", Kind::S_IPV4},
      {"300.1.2.3", Kind::S_IPV4},
      {"0x7f.1", Kind::S_IPV4},
      {"::", Kind::S_IPV6},
      {"::1", Kind::S_IPV6},
      {"1::", Kind::S_IPV6},
      {"fe80::1", Kind::S_IPV6},
      {"1:2:3:4:5:6:7:8", Kind::S_IPV6},
      {"::ffff:1.2.3.4", Kind::S_IPV6},
      {"1:2:3:4:5:6:1.2.3.4", Kind::S_IPV6},
      {"2001:db8::a:b", Kind::S_IPV6},
      {"00:11:22:33:44:55", Kind::S_MAC48},
      {"0:1:2:3:4:5", Kind::S_MAC48},
      {"0:11:2:33:4:55", Kind::S_MAC48},
      {"aA:Bb:cC:Dd:eE:Ff", Kind::S_MAC48},
      {"00-11-22-33-44-55", Kind::S_MAC48},
      {"00.11.22.33.44.55", Kind::S_MAC48},
      {"0011.2233.4455", Kind::S_MAC48},
      {"001122334455", Kind::S_MAC48},
      {"aabbccddeeff", Kind::S_MAC48},
      {"123456789012", Kind::S_MAC48},
      {"$1", Kind::S_MAC8},
      {"$fF", Kind::S_MAC8},
      {"&&", Kind::S_AND},
      {"||", Kind::S_OR},
      {"!", Kind::S_NOT},
      {"=", Kind::S_EQUAL},
      {"==", Kind::S_EQUAL},
      {"!=", Kind::S_NOT_EQUAL},
      {"<", Kind::S_LESS},
      {">", Kind::S_GREATER},
      {"<=", Kind::S_LESS_OR_EQUAL},
      {">=", Kind::S_GREATER_OR_EQUAL},
      {"<<", Kind::S_SHIFT_LEFT},
      {">>", Kind::S_SHIFT_RIGHT},
      {"+", Kind::S_PLUS},
      {"-", Kind::S_MINUS},
      {"*", Kind::S_STAR},
      {"/", Kind::S_SLASH},
      {"%", Kind::S_PERCENT},
      {"&", Kind::S_AMPERSAND},
      {"|", Kind::S_BAR},
      {"^", Kind::S_CARET},
      {":", Kind::S_COLON},
      {"[", Kind::S_LEFT_BRACKET},
      {"]", Kind::S_RIGHT_BRACKET},
      {"(", Kind::S_LEFT_PARENTHESIS},
      {")", Kind::S_RIGHT_PARENTHESIS},
      {"08", Kind::S_YYerror},
      {"4294967296", Kind::S_YYerror},
      {"0400000000000", Kind::S_YYerror},
      {"0x100000000", Kind::S_YYerror},
      {"$", Kind::S_YYerror},
      {"\\", Kind::S_YYerror},
      {",", Kind::S_YYerror},
      {std::string(1, '\0'), Kind::S_YYerror},
      {"\x80", Kind::S_YYerror},
      {"\f", Kind::S_YYerror},
  };
  for (const auto& row : kRows) {
    const auto tokens = read_tokens(row.text);
    ASSERT_EQ(tokens.size(), 1U) << row.text;
    EXPECT_EQ(tokens[0].kind, row.kind) << row.text;
    const bool backslash = row.text.size() > 1 && row.text[0] == '\\';
    EXPECT_EQ(tokens[0].text, row.text) << row.text << backslash;
  }
}

// Where one token ends and the next begins.
TEST(Scanner, LongestMatch) {
  const struct {
    std::string text;
    std::vector<std::string> tokens;
  } kRows[] = {
      {"", {}},
      {" \t\r\n ", {}},
      {"tcp\tport\r\n80", {"tcp", "port", "80"}},
      {"len - 4", {"len", "-", "4"}},
      {"len+4", {"len", "+", "4"}},
      {"len-", {"len", "-"}},
      {"a-b-", {"a-b", "-"}},
      {"ip[2:2]", {"ip", "[", "2", ":", "2", "]"}},
      {"1<<2", {"1", "<<", "2"}},
      {"1<=2", {"1", "<=", "2"}},
      {"1===2", {"1", "==", "=", "2"}},
      {"1!==2", {"1", "!=", "=", "2"}},
      {"!!tcp", {"!", "!", "tcp"}},
      {"tcp&&udp||!arp", {"tcp", "&&", "udp", "||", "!", "arp"}},
      {"a&&&b", {"a", "&&", "&", "b"}},
      {"(\\tcp)", {"(", "\\tcp", ")"}},
      {"\\tcp!x", {"\\tcp", "!", "x"}},
      {"\\tcp\nudp", {"\\tcp", "udp"}},
      {"10.0.0.0/8", {"10.0.0.0", "/", "8"}},
      {"fe80::1/64", {"fe80::1", "/", "64"}},
      {"$12", {"$12"}},
      {"$123", {"$12", "3"}},
  };
  for (const auto& row : kRows) {
    std::vector<std::string> texts;
    for (const ReadToken& token : read_tokens(row.text)) texts.push_back(token.text);
    EXPECT_EQ(texts, row.tokens) << row.text;
  }
}

TEST(Scanner, NumbersHaveTheirValue) {
  const struct {
    std::string text;
    std::uint32_t value;
  } kRows[] = {
      {"0", 0},
      {"80", 80},
      {"4294967295", 0xffffffffU},
      {"017", 15},
      {"0000037777777777", 0xffffffffU},
      {"00000000000000017", 15},
      {"0x1f", 31},
      {"0XFF", 255},
      {"0xffffffff", 0xffffffffU},
      {"0x00000000ff", 255},
      {"tcp-syn", 2},
      {"icmp6-multicastrouterterm", 153},
  };
  for (const auto& row : kRows) {
    const auto filter = grammar::parse("less " + row.text);
    ASSERT_TRUE(filter) << row.text;
    EXPECT_EQ(std::get<ast::LengthLimit>(filter->nodes[0].value).limit, row.value) << row.text;
  }
}

TEST(Scanner, KeywordsInAnotherCaseAreNames) {
  for (const std::string text : {"Tcp", "HOST", "And", "LEN"}) {
    EXPECT_EQ(read_tokens(text)[0].kind, Kind::S_WORD) << text;
  }
}

}  // namespace
}  // namespace bpfc::tests
