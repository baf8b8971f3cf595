#include "token_reader.h"

#include "filter_scanner.h"

namespace bpfc::tests {

std::vector<ReadToken> read_tokens(const std::string& text) {
  using Kind = grammar::Parser::symbol_kind;
  ast::Filter filter;
  filter.source = text;
  grammar::ParserState state(filter);
  yyscan_t scanner = nullptr;
  bpfc_filter_lex_init_extra(&state, &scanner);
  bpfc_filter__scan_bytes(text.data(), static_cast<int>(text.size()), scanner);
  std::vector<ReadToken> tokens;
  for (;;) {
    const grammar::Parser::symbol_type symbol = grammar::scan(state, scanner);
    if (symbol.kind() == Kind::S_YYEOF) break;
    tokens.push_back({symbol.kind(), std::string(filter.text(symbol.location))});
    if (symbol.kind() == Kind::S_YYerror) break;
  }
  bpfc_filter_lex_destroy(scanner);
  return tokens;
}

}  // namespace bpfc::tests
