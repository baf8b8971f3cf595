#include "grammar/parser_state.h"

#include <fmt/format.h>

#include <charconv>

#include "grammar/keyword.h"
#include "grammar/parse.h"
#include "grammar/syntax_error.h"

namespace bpfc::grammar {
namespace {

// A symbol of a keyword's token with its semantic value in the token's own type.
Parser::symbol_type symbol(const Keyword& keyword, SourceRange range) {
  using token = Parser::token;
  const int kind = keyword.token;
  switch (keyword.token) {
    case token::PROTOCOL:
      return {kind, static_cast<ast::Protocol>(keyword.value), range};
    case token::WLAN_ADDRESS:
      return {kind, static_cast<ast::Direction>(keyword.value), range};
    case token::ADDRESS_TYPE:
    case token::UNDIRECTED_TYPE:
      return {kind, static_cast<ast::AddressType>(keyword.value), range};
    case token::CAST:
    case token::LENGTH_LIMIT:
    case token::PACKET_DIRECTION:
      return {kind, keyword.value != 0, range};
    case token::ENCAPSULATION:
      return {kind, static_cast<ast::EncapsulationKind>(keyword.value), range};
    case token::PFLOG_NAME:
    case token::RULE_NUMBER:
      return {kind, static_cast<ast::PflogField>(keyword.value), range};
    case token::ATM_KIND:
      return {kind, static_cast<ast::AtmKind>(keyword.value), range};
    case token::SS7_KIND:
      return {kind, static_cast<ast::Ss7Kind>(keyword.value), range};
    case token::SIGNALLING_FIELD:
      return {kind, static_cast<ast::SignallingField>(keyword.value), range};
    case token::NUMBER:
      return {kind, keyword.value, range};
    default:
      return {kind, range};
  }
}

}  // namespace

Parser::symbol_type ParserState::reject(Diagnostic diagnostic) {
  remember({Parser::symbol_kind::S_YYerror, token_});
  fail(std::move(diagnostic));
  return {Parser::token::YYerror, token_};
}

Parser::symbol_type ParserState::number(std::string_view text) {
  std::string_view digits = text;
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const bool hexadecimal = digits[1] == 'x' || digits[1] == 'X';
    base = hexadecimal ? 16 : 8;
    digits.remove_prefix(hexadecimal ? 2 : 1);
  }
  std::uint32_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error == std::errc::result_out_of_range) {
    return reject({DiagnosticCode::kBadNumber, token_, "this number needs more than 32 bits", {}});
  }
  if (end != digits.data() + digits.size()) {
    return reject(
        {DiagnosticCode::kBadNumber,
         token_,
         fmt::format("'{}' is no digit of an octal number, which a leading 0 says this is", *end),
         {}});
  }
  return Parser::make_NUMBER(value, token_);
}

Parser::symbol_type ParserState::word(std::string_view text) {
  if (const Keyword* keyword = find_keyword(text)) return symbol(*keyword, token_);
  return Parser::make_WORD(token_, token_);
}

Parser::symbol_type ParserState::stray(unsigned char byte) {
  const bool printable = byte > 0x20 && byte < 0x7f;
  return reject({DiagnosticCode::kSyntax,
                 token_,
                 printable ? fmt::format("'{}' means nothing here", static_cast<char>(byte))
                           : fmt::format("the byte 0x{:02x} means nothing in a filter", byte),
                 {}});
}

void ParserState::qualify(ast::Protocol protocol, ast::Direction direction, ast::AddressType type,
                          SourceRange range) {
  qualifiers_ = ast::Qualifiers{protocol, direction, type, range};
  qualifiers_are_new_ = true;
}

bool ParserState::enter(SourceRange range) {
  if (++depth_ <= kMaxNesting) return true;
  fail({DiagnosticCode::kTooDeep,
        range,
        fmt::format("parentheses, 'not's and minus signs nest more than {} deep", kMaxNesting),
        {}});
  return false;
}

bool ParserState::open(SourceRange range) {
  enclosing_.push_back(qualifiers_);
  return enter(range);
}

void ParserState::close() {
  qualifiers_ = enclosing_.back();
  enclosing_.pop_back();
  leave();
}

bool ParserState::identify(ast::NodeIndex& node, SourceRange range, ast::Identified identified) {
  if (!qualifiers_) {
    fail({DiagnosticCode::kMissingQualifier,
          identified.text,
          fmt::format("nothing says what '{}' is: a host, a net, a port, or what else",
                      filter_.text(identified.text)),
          {}});
    return false;
  }
  identified.qualifiers = *qualifiers_;
  identified.inherited = !qualifiers_are_new_;
  qualifiers_are_new_ = false;
  filter_.nodes.push_back({range, identified});
  node = static_cast<ast::NodeIndex>(filter_.nodes.size() - 1);
  return true;
}

ast::NodeIndex ParserState::widen(ast::NodeIndex node, SourceRange range) {
  filter_.nodes[node].range = range;
  return node;
}

ast::NodeIndex ParserState::negate(ast::NodeIndex operand, SourceRange range) {
  leave();
  filter_.nodes.push_back({range, ast::Not{operand}});
  return static_cast<ast::NodeIndex>(filter_.nodes.size() - 1);
}

ast::NodeIndex ParserState::compare(SourceRange range, ast::SignallingField field,
                                    ast::RelationOperator op, const NumberList& numbers) {
  const auto first = static_cast<std::uint32_t>(filter_.numbers.size());
  filter_.numbers.insert(filter_.numbers.end(), numbers.begin(), numbers.end());
  return add(range, ast::Signalling{field, op, first, static_cast<std::uint32_t>(numbers.size())});
}

Operands ParserState::append(Operands operands, ast::Connective connective,
                             ast::NodeIndex operand) {
  operands.push_back({connective, operand});
  return operands;
}

ast::NodeIndex ParserState::chain(const Operands& operands, SourceRange range) {
  if (operands.size() == 1) return operands.front().operand;
  const auto first = static_cast<std::uint32_t>(filter_.links.size());
  filter_.links.insert(filter_.links.end(), operands.begin(), operands.end());
  filter_.nodes.push_back({range, ast::Chain{first, static_cast<std::uint32_t>(operands.size())}});
  return static_cast<ast::NodeIndex>(filter_.nodes.size() - 1);
}

void ParserState::finish(const Operands& operands, SourceRange range) {
  filter_.root = chain(operands, range);
}

void ParserState::fail(Diagnostic diagnostic) {
  if (error_) return;
  error_ = std::move(diagnostic);
  // A bare identifier is reduced when the token behind it may have been read already.
  const bool looked_ahead = error_->code == DiagnosticCode::kMissingQualifier &&
                            latest_.range != error_->range && previous_.range == error_->range;
  failed_ = looked_ahead ? previous_ : latest_;
  before_failed_ = looked_ahead ? TokenAt{Parser::symbol_kind::S_YYEOF, {}} : previous_;
}

std::vector<std::string> ParserState::suggestions() const {
  return grammar::suggestions(filter_.source, before_failed_, failed_,
                              static_cast<std::uint32_t>(enclosing_.size()));
}

}  // namespace bpfc::grammar
