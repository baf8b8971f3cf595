#include "grammar/keyword.h"

#include <algorithm>
#include <array>

namespace bpfc::grammar {
namespace {

constexpr auto kKeywords = [] {
  std::array table = {
#define BPFC_KEYWORD(text, kind, number) \
  Keyword{text, Parser::token::kind, static_cast<std::uint32_t>(number)},
#include "grammar/keyword.def"
#undef BPFC_KEYWORD
  };
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

}  // namespace bpfc::grammar
