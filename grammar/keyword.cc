#include "grammar/keyword.h"

#include <algorithm>
#include <array>

namespace bpfc::grammar {
namespace {

// In the order of keyword.def.
constexpr std::array kRows = {
#define BPFC_KEYWORD(text, kind, number) \
  Keyword{text, Parser::token::kind, static_cast<std::uint32_t>(number)},
#include "grammar/keyword.def"
#undef BPFC_KEYWORD
};

constexpr auto kKeywords = [] {
  auto table = kRows;
  std::sort(table.begin(), table.end(),
            [](const Keyword& a, const Keyword& b) { return a.spelling < b.spelling; });
  return table;
}();

}  // namespace

std::span<const Keyword> keywords() { return kKeywords; }

const Keyword* find_keyword(std::string_view word) {
  const auto* found = std::lower_bound(
      kKeywords.begin(), kKeywords.end(), word,
      [](const Keyword& keyword, std::string_view text) { return keyword.spelling < text; });
  return found != kKeywords.end() && found->spelling == word ? found : nullptr;
}

std::string_view spelling(Parser::token_kind_type token, std::uint32_t value) {
  const auto* found = std::find_if(kRows.begin(), kRows.end(), [=](const Keyword& keyword) {
    return keyword.token == token && keyword.value == value;
  });
  return found == kRows.end() ? std::string_view{} : found->spelling;
}

}  // namespace bpfc::grammar
