// Common slips and what was probably meant. Each is one small edit at the token that the grammar
// did not expect; the caller keeps the first whose text is in the language. So a rule may be
// generous: `tcp 80` is tried as `tcp port 80`, `tcp and 80`..., and only the first parses.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "grammar/keyword.h"
#include "grammar/syntax_error.h"

namespace bpfc::grammar {
namespace {

using Kind = Parser::symbol_kind;

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
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
  std::string append(std::string_view text) const {
    std::string_view trimmed = source_;
    while (!trimmed.empty() && std::isspace(static_cast<unsigned char>(trimmed.back())) != 0) {
      trimmed.remove_suffix(1);
    }
    return fmt::format("{}{}", trimmed, text);
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

}  // namespace

std::vector<std::string> suggestions(std::string_view source, const TokenAt& previous,
                                     const TokenAt& unexpected, std::uint32_t open_parentheses) {
  const Edit edit(source, previous.range, unexpected.range);
  std::vector<std::string> texts;
  const auto suggest = [&texts](std::string text) { texts.push_back(std::move(text)); };

  switch (unexpected.kind) {
    case Kind::S_NUMBER:
      if (edit.before() == "ip" || edit.before() == "ip6" || edit.before() == "ether") {
        suggest(edit.insert("proto "));
      }
      suggest(edit.insert("port "));
      suggest(edit.insert("or "));
      break;
    case Kind::S_IPV4:
    case Kind::S_IPV6:
      suggest(edit.insert(edit.slash_follows() ? "net " : "host "));
      suggest(edit.insert(edit.slash_follows() ? "and net " : "and host "));
      suggest(edit.insert("or "));
      break;
    case Kind::S_MAC48:
      suggest(edit.insert("host "));
      suggest(edit.insert("ether host "));
      suggest(edit.insert("and ether host "));
      break;
    case Kind::S_WORD:
      if (find_keyword(lower_case(edit.token())) != nullptr) {
        suggest(edit.replace(lower_case(edit.token())));
      }
      suggest(edit.insert("host "));
      suggest(edit.insert("and host "));
      break;
    case Kind::S_EQUAL:
      if (edit.before() == "=" || edit.before() == "==") suggest(edit.replace_both("="));
      if (edit.before() == "<" || edit.before() == ">" || edit.before() == "!") {
        suggest(edit.replace_both(fmt::format("{}=", edit.before())));
      }
      break;
    case Kind::S_GREATER:
    case Kind::S_LESS:
      if (edit.before() == "=") suggest(edit.replace_both(fmt::format("{}=", edit.token())));
      if (edit.before() == "<") suggest(edit.replace_both("!="));
      break;
    case Kind::S_AMPERSAND:
      suggest(edit.replace("and"));
      break;
    case Kind::S_BAR:
      suggest(edit.replace("or"));
      break;
    case Kind::S_SLASH:
    case Kind::S_MASK:
      // `net 10/8`: a single number is no prefix.
      if (previous.kind == Kind::S_NUMBER) {
        suggest(edit.replace_previous(fmt::format("{}.0.0.0", edit.before())));
      }
      break;
    case Kind::S_RIGHT_PARENTHESIS:
      if (open_parentheses == 0) suggest(edit.replace(""));
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
  if (previous.kind == Kind::S_NUMBER) {
    suggest(edit.replace_previous(fmt::format("port {}", edit.before())));
  }
  // A keyword where a name should be, and a primitive after a primitive.
  if (find_keyword(edit.token()) != nullptr) {
    suggest(edit.insert("\\"));
    suggest(edit.insert("and "));
  }
  return texts;
}

}  // namespace bpfc::grammar
