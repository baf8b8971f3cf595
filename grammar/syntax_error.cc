// The grammar may allow forty tokens at one place. What a user wants to hear is the few things that
// they add up to: where `host`, `tcp`, `(`, `not`... may all stand, "a primitive" may. So groups of
// tokens are tried from the widest to the narrowest, each taking its members out of the set; what
// is left is named by itself.
//
// `tcp port 80 or`: the set holds every start of a primitive and of an identifier, which gives "a
// test such as 'host 1.2.3.4' or 'tcp', or an address, name or number".
#include "grammar/syntax_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <set>

#include "grammar/keyword.h"

namespace bpfc::grammar {
namespace {

using Kind = Parser::symbol_kind;
using KindSet = std::set<Parser::symbol_kind_type>;

struct Group {
  // The group is there when all of these are.
  std::initializer_list<Parser::symbol_kind_type> marks;
  std::initializer_list<Parser::symbol_kind_type> members;
  std::string_view phrase;
};

const Group kGroups[] = {
    {{Kind::S_PROTOCOL, Kind::S_ADDRESS_TYPE, Kind::S_ENCAPSULATION},
     {Kind::S_PROTOCOL,
      Kind::S_SOURCE,
      Kind::S_DESTINATION,
      Kind::S_WLAN_ADDRESS,
      Kind::S_ADDRESS_TYPE,
      Kind::S_UNDIRECTED_TYPE,
      Kind::S_CAST,
      Kind::S_LENGTH_LIMIT,
      Kind::S_BYTE,
      Kind::S_PACKET_DIRECTION,
      Kind::S_IFINDEX,
      Kind::S_ENCAPSULATION,
      Kind::S_PPPOED,
      Kind::S_LLC,
      Kind::S_PFLOG_NAME,
      Kind::S_RULE_NUMBER,
      Kind::S_RNR,
      Kind::S_REASON,
      Kind::S_ACTION,
      Kind::S_TYPE,
      Kind::S_SUBTYPE,
      Kind::S_DIRECTION,
      Kind::S_ATM_KIND,
      Kind::S_SS7_KIND,
      Kind::S_SIGNALLING_FIELD,
      Kind::S_LENGTH,
      Kind::S_NOT,
      Kind::S_MINUS,
      Kind::S_LEFT_PARENTHESIS},
     "a test such as 'host 1.2.3.4' or 'tcp'"},
    {{Kind::S_SOURCE, Kind::S_ADDRESS_TYPE},
     {Kind::S_SOURCE, Kind::S_DESTINATION, Kind::S_WLAN_ADDRESS, Kind::S_ADDRESS_TYPE,
      Kind::S_UNDIRECTED_TYPE, Kind::S_CAST, Kind::S_TYPE, Kind::S_SUBTYPE, Kind::S_DIRECTION,
      Kind::S_LEFT_BRACKET},
     "a qualifier such as 'src', 'host' or 'port'"},
    {{Kind::S_ADDRESS_TYPE, Kind::S_WORD},
     {Kind::S_ADDRESS_TYPE, Kind::S_AND, Kind::S_OR},
     "'host', 'net', 'port' or 'portrange'"},
    {{Kind::S_WORD, Kind::S_IPV4, Kind::S_NUMBER},
     {Kind::S_WORD, Kind::S_IPV4, Kind::S_IPV6, Kind::S_MAC48, Kind::S_MAC8, Kind::S_NUMBER,
      Kind::S_NOT, Kind::S_LEFT_PARENTHESIS},
     "an address, name or number"},
    {{Kind::S_WORD, Kind::S_IPV4},
     {Kind::S_WORD, Kind::S_IPV4, Kind::S_IPV6, Kind::S_MAC48, Kind::S_MAC8, Kind::S_NOT},
     "an address or name"},
    {{Kind::S_WORD, Kind::S_NUMBER}, {Kind::S_WORD, Kind::S_NUMBER}, "a name or number"},
    {{Kind::S_NUMBER, Kind::S_PROTOCOL, Kind::S_LENGTH},
     {Kind::S_NUMBER, Kind::S_PROTOCOL, Kind::S_LENGTH, Kind::S_MINUS, Kind::S_LEFT_PARENTHESIS},
     "a number, 'len', or packet bytes such as 'ip[0]'"},
    {{Kind::S_EQUAL, Kind::S_NOT_EQUAL},
     {Kind::S_EQUAL, Kind::S_NOT_EQUAL, Kind::S_GREATER, Kind::S_LESS, Kind::S_GREATER_OR_EQUAL,
      Kind::S_LESS_OR_EQUAL, Kind::S_PLUS, Kind::S_MINUS, Kind::S_STAR, Kind::S_SLASH,
      Kind::S_PERCENT, Kind::S_AMPERSAND, Kind::S_BAR, Kind::S_CARET, Kind::S_SHIFT_LEFT,
      Kind::S_SHIFT_RIGHT},
     "a comparison such as '=' or '>'"},
    {{Kind::S_RIGHT_BRACKET, Kind::S_PLUS},
     {Kind::S_RIGHT_BRACKET, Kind::S_COLON, Kind::S_PLUS, Kind::S_MINUS, Kind::S_STAR,
      Kind::S_SLASH, Kind::S_PERCENT, Kind::S_AMPERSAND, Kind::S_BAR, Kind::S_CARET,
      Kind::S_SHIFT_LEFT, Kind::S_SHIFT_RIGHT},
     "']', or ':' and a size"},
    {{Kind::S_PLUS, Kind::S_STAR},
     {Kind::S_PLUS, Kind::S_MINUS, Kind::S_STAR, Kind::S_SLASH, Kind::S_PERCENT, Kind::S_AMPERSAND,
      Kind::S_BAR, Kind::S_CARET, Kind::S_SHIFT_LEFT, Kind::S_SHIFT_RIGHT},
     "an arithmetic operator"},
    {{Kind::S_AND, Kind::S_OR}, {Kind::S_AND, Kind::S_OR}, "'and', 'or'"},
};

std::string one_of(const std::vector<std::string>& phrases) {
  const bool nested = std::any_of(phrases.begin(), phrases.end(), [](const std::string& phrase) {
    return phrase.find(" or ") != std::string::npos;
  });
  const std::string_view last = phrases.size() > 2 || nested ? ", or " : " or ";
  std::string text;
  for (std::size_t i = 0; i < phrases.size(); ++i) {
    if (i > 0) text += i + 1 == phrases.size() ? last : ", ";
    text += phrases[i];
  }
  return text;
}

std::string describe(std::span<const Parser::symbol_kind_type> expected) {
  KindSet set(expected.begin(), expected.end());
  const bool starts_test = set.contains(Kind::S_ENCAPSULATION);
  std::vector<std::string> phrases;
  for (const Group& group : kGroups) {
    const bool there = std::all_of(group.marks.begin(), group.marks.end(),
                                   [&](auto kind) { return set.contains(kind); });
    if (!there) continue;
    for (const auto kind : group.members) set.erase(kind);
    phrases.emplace_back(group.phrase);
  }
  // True, but no help, where a test may start: a number may start a comparison, and an expression
  // may be empty.
  if (starts_test) {
    set.erase(Kind::S_NUMBER);
    set.erase(Kind::S_YYEOF);
  }
  const bool end = set.erase(Kind::S_YYEOF) > 0;
  for (const auto kind : set) phrases.emplace_back(Parser::symbol_name(kind));
  if (end) phrases.emplace_back(Parser::symbol_name(Kind::S_YYEOF));
  return one_of(phrases);
}

}  // namespace

Diagnostic syntax_error(std::string_view source, const TokenAt& unexpected,
                        std::span<const Parser::symbol_kind_type> expected) {
  const std::string wanted = describe(expected);
  if (unexpected.kind == Kind::S_YYEOF) {
    return {DiagnosticCode::kSyntax,
            unexpected.range,
            fmt::format("the expression ends where there should be {}", wanted),
            {}};
  }
  constexpr std::size_t kLongest = 40;
  const std::string_view text =
      source.substr(unexpected.range.begin, unexpected.range.end - unexpected.range.begin);
  const auto may_be = [&](Parser::symbol_kind_type kind) {
    return std::find(expected.begin(), expected.end(), kind) != expected.end();
  };
  std::string_view why = "cannot stand here";
  const bool keyword_may_follow = may_be(Kind::S_PROTOCOL) || may_be(Kind::S_AND);
  const bool starts_with_digit = !text.empty() && text[0] >= '0' && text[0] <= '9';
  if (unexpected.kind == Kind::S_WORD && keyword_may_follow && !may_be(Kind::S_WORD) &&
      !starts_with_digit) {
    why = "is not a keyword";
  }
  if (find_keyword(text) != nullptr && may_be(Kind::S_WORD) && !may_be(Kind::S_PROTOCOL)) {
    why = "is a keyword, and as a name needs a backslash";
  }
  return {DiagnosticCode::kSyntax,
          unexpected.range,
          fmt::format("'{}{}' {}: there should be {}", text.substr(0, kLongest),
                      text.size() > kLongest ? "..." : "", why, wanted),
          {}};
}

}  // namespace bpfc::grammar
