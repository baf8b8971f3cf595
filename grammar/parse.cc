#include "grammar/parse.h"

#include <fmt/format.h>

#include <array>
#include <new>
#include <vector>

#include "filter_parser.h"
#include "filter_scanner.h"
#include "grammar/parser_state.h"
#include "grammar/syntax_error.h"

namespace bpfc::grammar {
namespace {

// Past this, a suggestion would be more text than help.
constexpr std::size_t kLongestSuggestion = 4096;

// Parses that a search for a suggestion may cost.
constexpr std::size_t kMostAttempts = 48;

// Owns a flex scanner over a text.
class Scanner {
 public:
  Scanner(std::string_view text, ParserState& state) {
    if (bpfc_filter_lex_init_extra(&state, &scanner_) != 0) throw std::bad_alloc();
    bpfc_filter__scan_bytes(text.data(), static_cast<int>(text.size()), scanner_);
  }
  ~Scanner() {
    if (scanner_ != nullptr) bpfc_filter_lex_destroy(scanner_);
  }
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  yyscan_t get() const { return scanner_; }

 private:
  yyscan_t scanner_ = nullptr;
};

struct Failure {
  Diagnostic error;
  std::vector<std::string> suggestions;
};

Expected<ast::Filter, Failure> parse_tree(std::string_view source) {
  ast::Filter filter;
  filter.source = source;
  ParserState state(filter);
  Scanner scanner(filter.source, state);
  Parser parser(state, scanner.get());
  const int outcome = parser.parse();
  if (outcome == 0 && !state.error()) return filter;
  Diagnostic error = state.error().value_or(
      Diagnostic{DiagnosticCode::kTooLarge, {}, "out of memory while reading the expression", {}});
  std::vector<std::string> texts;
  if (source.size() <= kLongestSuggestion) texts = state.suggestions();
  return Unexpected<Failure>(Failure{std::move(error), std::move(texts)});
}

// A text in the language that one suggestion leads to, or two or three in a row, each mending a
// later slip than the one before; empty when none is found soon. The fewest edits win.
std::string mend(const Failure& failure) {
  struct Attempt {
    std::string text;
    std::uint32_t slip;  // where the last edit was made
  };
  std::vector<Attempt> attempts;
  for (const std::string& text : failure.suggestions) {
    attempts.push_back({text, failure.error.range.begin});
  }
  for (std::size_t i = 0; i < attempts.size() && i < kMostAttempts; ++i) {
    const auto parsed = parse_tree(attempts[i].text);
    if (parsed) return attempts[i].text;
    const std::uint32_t slip = parsed.error().error.range.begin;
    if (slip <= attempts[i].slip) continue;
    for (const std::string& text : parsed.error().suggestions) attempts.push_back({text, slip});
  }
  return {};
}

}  // namespace

void Parser::error(const SourceRange& range, const std::string& message) {
  state.fail({DiagnosticCode::kSyntax, range, message, {}});
}

void Parser::report_syntax_error(const context& where) const {
  constexpr int kMost = 128;
  std::array<symbol_kind_type, kMost> expected{};
  const int count = where.expected_tokens(expected.data(), kMost);
  state.fail(grammar::syntax_error(state.filter().source, state.latest(),
                                   std::span(expected).first(static_cast<std::size_t>(count))));
}

Expected<ast::Filter, Diagnostic> parse(std::string_view source) {
  if (source.size() > kMaxSource) {
    return Unexpected<Diagnostic>(
        Diagnostic{DiagnosticCode::kTooLarge,
                   {},
                   fmt::format("the expression has {} bytes, more than the {} that are read",
                               source.size(), kMaxSource),
                   {}});
  }
  try {
    auto parsed = parse_tree(source);
    if (parsed) return std::move(*parsed);
    Diagnostic error = std::move(parsed.error().error);
    error.hint = mend(parsed.error());
    return Unexpected<Diagnostic>(std::move(error));
  } catch (const std::bad_alloc&) {
  } catch (const ScannerFailure&) {
  }
  return Unexpected<Diagnostic>(
      Diagnostic{DiagnosticCode::kTooLarge, {}, "out of memory while reading the expression", {}});
}

}  // namespace bpfc::grammar
