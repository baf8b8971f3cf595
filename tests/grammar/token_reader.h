// The scanner by itself.
#pragma once

#include <string>
#include <vector>

#include "grammar/parser_state.h"

namespace bpfc::tests {

struct ReadToken {
  grammar::Parser::symbol_kind_type kind;
  std::string text;
};

// The tokens of a text up to its end or to the first error, which is a token of kind S_YYerror.
std::vector<ReadToken> read_tokens(const std::string& text);

}  // namespace bpfc::tests
