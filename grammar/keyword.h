// The words of the language, as rows of keyword.def.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "filter_parser.h"

namespace bpfc::grammar {

struct Keyword {
  std::string_view spelling;
  Parser::token_kind_type token;
  std::uint32_t value;  // of the token's semantic type, as a number
};

// All of them, sorted by spelling.
std::span<const Keyword> keywords();

// Null where the word is none. Case-sensitive.
const Keyword* find_keyword(std::string_view word);

// The first spelling in keyword.def of a token with a value; empty where no word has it.
std::string_view spelling(Parser::token_kind_type token, std::uint32_t value);

}  // namespace bpfc::grammar
