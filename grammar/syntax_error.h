// What is said of a text that is not in the language.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bpfc/diagnostic.h"
#include "grammar/parser_state.h"

namespace bpfc::grammar {

// A diagnostic for the token `unexpected`, where the grammar allows only `expected`.
Diagnostic syntax_error(std::string_view source, const TokenAt& unexpected,
                        std::span<const Parser::symbol_kind_type> expected);

// Texts that may be what was meant, the likeliest first: `source` with one small edit at
// `unexpected`, which follows `previous` (a token of kind S_YYEOF where nothing precedes). None is
// promised to parse.
std::vector<std::string> suggestions(std::string_view source, const TokenAt& previous,
                                     const TokenAt& unexpected, std::uint32_t open_parentheses);

}  // namespace bpfc::grammar
