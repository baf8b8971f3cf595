// What the scanner and the parser of one text share: the tree under construction, the position, the
// qualifiers in force, and the first error.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "filter_parser.h"
#include "grammar/ast.h"

namespace bpfc::grammar {

// Thrown by the scanner when memory ends, and caught by parse().
class ScannerFailure : public std::exception {};

// A token as the syntax error reporter needs it.
struct TokenAt {
  Parser::symbol_kind_type kind;
  SourceRange range;
};

class ParserState {
 public:
  explicit ParserState(ast::Filter& filter) : filter_(filter) {}

  // Scanner: position.
  void advance(std::uint32_t length) { token_ = {token_.end, token_.end + length}; }
  void skip() { token_.begin = token_.end; }
  SourceRange token() const { return token_; }
  SourceRange end() const { return {token_.end, token_.end}; }

  // The last two tokens scanned.
  void remember(TokenAt token) {
    previous_ = latest_;
    latest_ = token;
  }
  const TokenAt& latest() const { return latest_; }

  // Scanner: tokens that need more than their text.
  Parser::symbol_type number(std::string_view text);
  Parser::symbol_type word(std::string_view text);
  Parser::symbol_type stray(unsigned char byte);

  // Parser: qualifiers. An identifier takes those that stand before it, or inherits the latest; a
  // parenthesis takes them along and gives them back as they were; a primitive without identifiers
  // ends them.
  void qualify(ast::Protocol protocol, ast::Direction direction, ast::AddressType type,
               SourceRange range);
  // Both say no past the greatest nesting, having recorded the error.
  bool open(SourceRange range);
  bool enter(SourceRange range);
  void close();
  void leave() { --depth_; }

  // Parser: nodes. identify() fails where there are no qualifiers to inherit.
  bool identify(ast::NodeIndex& node, SourceRange range, ast::Identified identified);
  // Takes the qualifiers before an identifier or a group into its range.
  ast::NodeIndex widen(ast::NodeIndex node, SourceRange range);
  ast::NodeIndex negate(ast::NodeIndex operand, SourceRange range);
  template <typename Primitive>
  requires(!std::is_constructible_v<decltype(ast::Arithmetic::value), Primitive>) ast::NodeIndex
      add(SourceRange range, Primitive&& primitive) {
    qualifiers_.reset();
    filter_.nodes.push_back({range, std::forward<Primitive>(primitive)});
    return static_cast<ast::NodeIndex>(filter_.nodes.size() - 1);
  }
  template <typename Value>
  requires(std::is_constructible_v<decltype(ast::Arithmetic::value), Value>) ast::ArithmeticIndex
      add(SourceRange range, Value&& value) {
    filter_.arithmetic.push_back({range, std::forward<Value>(value)});
    return static_cast<ast::ArithmeticIndex>(filter_.arithmetic.size() - 1);
  }
  ast::NodeIndex compare(SourceRange range, ast::SignallingField field, ast::RelationOperator op,
                         const NumberList& numbers);
  static Operands first(ast::NodeIndex operand) { return {{ast::Connective::kAnd, operand}}; }
  static Operands append(Operands operands, ast::Connective connective, ast::NodeIndex operand);
  ast::NodeIndex chain(const Operands& operands, SourceRange range);
  void finish(const Operands& operands, SourceRange range);

  // The first error stands; what a confused parser says later does not.
  void fail(Diagnostic diagnostic);
  const std::optional<Diagnostic>& error() const { return error_; }
  // After an error: texts that may have been meant, the likeliest first.
  std::vector<std::string> suggestions() const;

  const ast::Filter& filter() const { return filter_; }

 private:
  // The scanner's own error, at the token that is being read.
  Parser::symbol_type reject(Diagnostic diagnostic);

  ast::Filter& filter_;
  SourceRange token_;
  TokenAt previous_{Parser::symbol_kind::S_YYEOF, {}};
  TokenAt latest_{Parser::symbol_kind::S_YYEOF, {}};
  // The token that the first error is about, and the one before it.
  TokenAt failed_{Parser::symbol_kind::S_YYEOF, {}};
  TokenAt before_failed_{Parser::symbol_kind::S_YYEOF, {}};
  std::optional<ast::Qualifiers> qualifiers_;
  bool qualifiers_are_new_ = false;
  std::vector<std::optional<ast::Qualifiers>> enclosing_;
  std::uint32_t depth_ = 0;
  std::optional<Diagnostic> error_;
};

// The next token; defined by filter.l. Throws ScannerFailure when out of memory.
Parser::symbol_type scan(ParserState& state, yyscan_t scanner);

}  // namespace bpfc::grammar
