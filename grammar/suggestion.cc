// Common slips and what was probably meant. Each is one small edit at the token that the grammar
// did not expect; the caller keeps the first whose text is in the language. So a rule may be
// generous: `tcp 80` is tried as `tcp port 80`, `tcp or 80`..., and only the first parses. But none
// may turn what was said into its opposite: behind a `not` no connective is guessed.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "grammar/keyword.h"
#include "grammar/syntax_error.h"

namespace bpfc::grammar {
namespace {

using Kind = Parser::symbol_kind;

// Words of other tools and of plain English, and what they are here.
struct Synonym {
  std::string_view word;
  std::string_view meant;
};

constexpr std::array kSynonyms = {
    Synonym{"ipv4", "ip"},
    Synonym{"ipv6", "ip6"},
    Synonym{"icmpv6", "icmp6"},
    Synonym{"from", "src"},
    Synonym{"to", "dst"},
    Synonym{"source", "src"},
    Synonym{"destination", "dst"},
    Synonym{"mac", "ether host"},
    Synonym{"ports", "port"},
    Synonym{"sport", "src port"},
    Synonym{"dport", "dst port"},
    Synonym{"range", "portrange"},
    Synonym{"protocol", "proto"},
    Synonym{"port-range", "portrange"},
    Synonym{"ethertype", "ether proto"},
    Synonym{"ip.addr", "host"},
    Synonym{"ip.src", "src host"},
    Synonym{"ip.dst", "dst host"},
    Synonym{"ipv6.addr", "ip6 host"},
    Synonym{"ipv6.src", "ip6 src"},
    Synonym{"ipv6.dst", "ip6 dst"},
    Synonym{"eth.addr", "ether host"},
    Synonym{"eth.src", "ether src"},
    Synonym{"eth.dst", "ether dst"},
    Synonym{"tcp.port", "tcp port"},
    Synonym{"tcp.srcport", "tcp src port"},
    Synonym{"tcp.dstport", "tcp dst port"},
    Synonym{"udp.port", "udp port"},
    Synonym{"udp.srcport", "udp src port"},
    Synonym{"udp.dstport", "udp dst port"},
    Synonym{"frame.len", "len"},
    Synonym{"http", "tcp port 80"},
    Synonym{"https", "tcp port 443"},
    Synonym{"dns", "port 53"},
    Synonym{"ssh", "tcp port 22"},
};

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// Whether one letter added, lost, changed or exchanged with its neighbour makes `a` into `b`.
bool one_slip(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  const auto at = static_cast<std::size_t>(
      std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  if (a.size() < b.size()) return a.substr(at) == b.substr(at + 1);
  if (at == a.size()) return false;
  if (a.substr(at + 1) == b.substr(at + 1)) return true;
  return at + 1 < a.size() && a[at] == b[at + 1] && a[at + 1] == b[at] &&
         a.substr(at + 2) == b.substr(at + 2);
}

bool is_connective(Parser::symbol_kind_type kind) {
  return kind == Kind::S_AND || kind == Kind::S_OR;
}

bool is_qualifier(Parser::symbol_kind_type kind) {
  return kind == Kind::S_PROTOCOL || kind == Kind::S_SOURCE || kind == Kind::S_DESTINATION ||
         kind == Kind::S_ADDRESS_TYPE || kind == Kind::S_UNDIRECTED_TYPE;
}

bool is_relation(Parser::symbol_kind_type kind) {
  return kind == Kind::S_EQUAL || kind == Kind::S_NOT_EQUAL || kind == Kind::S_GREATER ||
         kind == Kind::S_LESS || kind == Kind::S_GREATER_OR_EQUAL || kind == Kind::S_LESS_OR_EQUAL;
}

// The text around the token, and ways to edit it.
class Edit {
 public:
  Edit(std::string_view source, SourceRange previous, SourceRange at)
      : source_(source), previous_(previous), at_(at) {}

  std::string_view token() const { return source_.substr(at_.begin, at_.end - at_.begin); }
  std::string_view before() const {
    return source_.substr(previous_.begin, previous_.end - previous_.begin);
  }
  std::string insert(std::string_view text) const {
    return replace_from(at_.begin, text, at_.begin);
  }
  std::string replace(std::string_view text) const {
    return replace_from(at_.begin, text, at_.end);
  }
  std::string replace_both(std::string_view text) const {
    return replace_from(previous_.begin, text, at_.end);
  }
  std::string replace_previous(std::string_view text) const {
    return replace_from(previous_.begin, text, previous_.end);
  }
  std::string insert_behind_previous(std::string_view text) const {
    return replace_from(previous_.end, text, previous_.end);
  }
  // The two tokens in the other order.
  std::string exchange() const { return replace_both(fmt::format("{} {}", token(), before())); }
  // The text with another word, or none, between what stands around the token.
  std::string between(std::string_view word) const {
    constexpr std::string_view kSpace = " \t\r\n";
    const auto last = source_.substr(0, at_.begin).find_last_not_of(kSpace);
    const auto next = source_.find_first_not_of(kSpace, at_.end);
    if (last == std::string_view::npos || next == std::string_view::npos) return replace("");
    return fmt::format("{} {}{}{}", source_.substr(0, last + 1), word, word.empty() ? "" : " ",
                       source_.substr(next));
  }
  std::string drop() const { return between(""); }
  std::string drop_previous() const { return replace_from(previous_.begin, "", at_.begin); }
  // The text with the first doubled parenthesis single.
  std::string undouble() const {
    std::string text(source_);
    for (const std::string_view pair : {"((", "))"}) {
      const std::size_t found = text.find(pair);
      if (found == std::string::npos) return {};
      text.erase(found, 1);
    }
    return text;
  }
  // Whether bytes of this protocol are read somewhere before the token.
  bool reads(std::string_view protocol) const {
    return source_.substr(0, at_.begin).find(fmt::format("{}[", protocol)) !=
           std::string_view::npos;
  }
  std::string append(std::string_view text) const {
    std::string_view trimmed = source_;
    while (!trimmed.empty() && std::isspace(static_cast<unsigned char>(trimmed.back())) != 0) {
      trimmed.remove_suffix(1);
    }
    return fmt::format("{}{}", trimmed, text);
  }
  // Whether a `not` stands somewhere before the token.
  bool negated() const {
    const std::string_view text = source_.substr(0, at_.begin);
    return text.find("not") != std::string_view::npos || text.find('!') != std::string_view::npos;
  }
  // Whether something is compared before the token: `tcp[0:2] = 80,443`.
  bool compares() const {
    return source_.substr(0, at_.begin).find_first_of("=<>") != std::string_view::npos;
  }
  bool number_follows() const {
    const std::size_t next = source_.find_first_not_of(" \t\r\n", at_.end);
    return next != std::string_view::npos &&
           std::isdigit(static_cast<unsigned char>(source_[next])) != 0;
  }
  // Whether a `/` follows the token: a prefix length.
  bool slash_follows() const { return at_.end < source_.size() && source_[at_.end] == '/'; }

 private:
  std::string replace_from(std::size_t begin, std::string_view text, std::size_t end) const {
    return fmt::format("{}{}{}", source_.substr(0, begin), text, source_.substr(end));
  }

  std::string_view source_;
  SourceRange previous_;
  SourceRange at_;
};

using Texts = std::vector<std::string>;

// A word that is no keyword where one should be, or a keyword that is not the right one.
void suggest_words(const Edit& edit, Texts& texts) {
  const std::string_view word = edit.token();
  const std::string lower = lower_case(word);
  if (lower != word && find_keyword(lower) != nullptr) texts.push_back(edit.replace(lower));
  for (const Synonym& synonym : kSynonyms) {
    if (synonym.word == lower) texts.push_back(edit.replace(synonym.meant));
  }
  // `icmp[icmptype] = echo`, `tcp[flags]`.
  for (const std::string_view protocol : {"icmp6", "icmp", "tcp"}) {
    if (!edit.reads(protocol)) continue;
    for (const std::string_view joint : {"-", ""}) {
      const std::string name = fmt::format("{}{}{}", protocol, joint, lower);
      if (find_keyword(name) != nullptr) texts.push_back(edit.replace(name));
    }
  }
  if (find_keyword(word) != nullptr) return;
  if (lower.size() > 2) {
    for (const Keyword& keyword : keywords()) {
      if (one_slip(lower, keyword.spelling)) texts.push_back(edit.replace(keyword.spelling));
    }
  }
  // `len-4` is a word.
  if (const std::size_t hyphen = word.find('-'); hyphen != std::string_view::npos) {
    texts.push_back(
        edit.replace(fmt::format("{} - {}", word.substr(0, hyphen), word.substr(hyphen + 1))));
  }
}

// One token too many, or of another language.
void suggest_symbols(const Edit& edit, const TokenAt& previous, const TokenAt& unexpected,
                     Texts& texts) {
  const std::string_view before = edit.before();
  switch (unexpected.kind) {
    case Kind::S_EQUAL:
      if (before == "=" || before == "==") texts.push_back(edit.replace_both("="));
      if (before == "<" || before == ">" || before == "!") {
        texts.push_back(edit.replace_both(fmt::format("{}=", before)));
      }
      break;
    case Kind::S_NOT:
      if (before == "=") texts.push_back(edit.replace_both("!="));
      break;
    case Kind::S_GREATER:
    case Kind::S_LESS:
      if (before == "=") texts.push_back(edit.replace_both(fmt::format("{}=", edit.token())));
      if (before == "<") texts.push_back(edit.replace_both("!="));
      break;
    case Kind::S_AMPERSAND:
      texts.push_back(edit.replace(before == "&&" ? "" : "and"));
      break;
    case Kind::S_BAR:
      texts.push_back(edit.replace(before == "||" ? "" : "or"));
      break;
    case Kind::S_SLASH:
    case Kind::S_MASK:
      // `net 10/8`: a single number is no prefix.
      if (previous.kind == Kind::S_NUMBER) {
        texts.push_back(edit.replace_previous(fmt::format("{}.0.0.0", before)));
      }
      break;
    case Kind::S_RIGHT_PARENTHESIS:
      texts.push_back(edit.drop());
      break;
    case Kind::S_YYerror:
      // In `tcp[0:2] = 80,443` the second number is a value, and no small edit says so.
      if (edit.token() == "," && edit.compares()) break;
      if (edit.token() == ",") texts.push_back(edit.between("or"));
      texts.push_back(edit.drop());
      break;
    default:
      break;
  }
  if (is_relation(unexpected.kind)) {
    texts.push_back(edit.insert_behind_previous("]"));
    // `port = 80`. The other relations say something that would be lost.
    if (unexpected.kind == Kind::S_EQUAL && is_qualifier(previous.kind)) {
      texts.push_back(edit.drop());
    }
  }
}

}  // namespace

std::vector<std::string> suggestions(std::string_view source, const TokenAt& previous,
                                     const TokenAt& unexpected, std::uint32_t open_parentheses) {
  const Edit edit(source, previous.range, unexpected.range);
  Texts texts;
  const auto suggest = [&texts](std::string text) { texts.push_back(std::move(text)); };
  const std::string_view before = edit.before();
  const auto suggest_connective = [&](std::string_view text) {
    if (!edit.negated()) suggest(edit.insert(text));
  };
  const bool digits =
      !edit.token().empty() && std::isdigit(static_cast<unsigned char>(edit.token().front())) != 0;
  const bool is_word = unexpected.kind == Kind::S_WORD || find_keyword(edit.token()) != nullptr;

  if (is_word) suggest_words(edit, texts);
  suggest_symbols(edit, previous, unexpected, texts);
  // `host src 1.2.3.4`, `dst tcp port 80`.
  if (is_qualifier(unexpected.kind) && is_qualifier(previous.kind)) suggest(edit.exchange());
  if ((is_connective(previous.kind) && unexpected.kind != Kind::S_YYEOF) ||
      (previous.kind == Kind::S_ADDRESS_TYPE && unexpected.kind == Kind::S_ADDRESS_TYPE)) {
    suggest(edit.drop_previous());
  }
  // `vlan id 5`, `mpls label 5`, `vlan = 5`.
  if (previous.kind == Kind::S_ENCAPSULATION &&
      (unexpected.kind == Kind::S_WORD || unexpected.kind == Kind::S_EQUAL) &&
      edit.number_follows()) {
    suggest(edit.drop());
  }
  // `dst prt 80`, `host 1.2.3.4 and dport 80`: the slip shows only behind it.
  if (previous.kind == Kind::S_WORD) {
    for (const Synonym& synonym : kSynonyms) {
      if (synonym.word == lower_case(before)) suggest(edit.replace_previous(synonym.meant));
    }
    for (const Keyword& keyword : keywords()) {
      if (before.size() > 2 && one_slip(before, keyword.spelling)) {
        suggest(edit.replace_previous(keyword.spelling));
      }
    }
  }
  if (open_parentheses > 1) suggest(edit.undouble());

  switch (unexpected.kind) {
    case Kind::S_NUMBER:
      if (before == "ip" || before == "ip6" || before == "ether") suggest(edit.insert("proto "));
      if (digits) suggest(edit.insert("port "));
      suggest_connective("or ");
      break;
    case Kind::S_IPV4:
      if (before == "/") suggest(edit.replace_previous(" mask "));
      if (edit.token().starts_with("255.")) suggest(edit.insert("mask "));
      [[fallthrough]];
    case Kind::S_IPV6:
      suggest(edit.insert(edit.slash_follows() ? "net " : "host "));
      suggest_connective(edit.slash_follows() ? "and net " : "and host ");
      suggest_connective("or ");
      break;
    case Kind::S_MAC48:
      suggest(edit.insert("ether host "));
      suggest(edit.insert("host "));
      suggest_connective("and ether host ");
      break;
    case Kind::S_WORD:
      if (previous.kind == Kind::S_WORD || previous.kind == Kind::S_NUMBER ||
          previous.kind == Kind::S_IPV4) {
        suggest_connective("or ");
      }
      suggest(edit.insert("host "));
      suggest_connective("and host ");
      break;
    case Kind::S_YYEOF:
      if (open_parentheses > 0 && open_parentheses < 100) {
        suggest(edit.append(std::string(open_parentheses, ')')));
      }
      break;
    default:
      break;
  }
  // A bare number that turned out to be no arithmetic.
  if (previous.kind == Kind::S_NUMBER &&
      std::isdigit(static_cast<unsigned char>(before.front())) != 0) {
    suggest(edit.replace_previous(fmt::format("port {}", before)));
  }
  // `tcp[13] & 2`.
  const bool reads_packet =
      source.find('[') != std::string_view::npos || source.find("len") != std::string_view::npos;
  if (unexpected.kind == Kind::S_YYEOF && reads_packet &&
      (previous.kind == Kind::S_NUMBER || previous.kind == Kind::S_RIGHT_BRACKET)) {
    suggest(edit.append(" != 0"));
  }
  // A keyword where a name should be, and a primitive after a primitive.
  if (find_keyword(edit.token()) != nullptr) {
    if (previous.kind == Kind::S_UNDIRECTED_TYPE || previous.kind == Kind::S_LEFT_PARENTHESIS) {
      suggest(edit.insert("\\"));
    }
    suggest_connective("and ");
  }
  std::erase(texts, std::string());
  return texts;
}

}  // namespace bpfc::grammar
