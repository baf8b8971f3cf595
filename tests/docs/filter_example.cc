#include "filter_example.h"

#include <string_view>

#include "document.h"

namespace bpfc::docs {
namespace {

constexpr std::string_view kOn = "# on ";
constexpr std::string_view kWith = "# with ";
constexpr std::string_view kRefused = "refused";
constexpr std::string_view kSameAs = "= ";

// The words between spaces and commas.
std::vector<std::string> words(std::string_view text) {
  constexpr std::string_view kSeparators = " ,";
  std::vector<std::string> result;
  while (true) {
    const std::size_t begin = text.find_first_not_of(kSeparators);
    if (begin == std::string_view::npos) return result;
    text.remove_prefix(begin);
    const std::size_t end = text.find_first_of(kSeparators);
    result.emplace_back(text.substr(0, end));
    text.remove_prefix(result.back().size());
  }
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

}  // namespace

std::vector<FilterExample> read_filters(const std::string& path) {
  std::vector<FilterExample> filters;
  for (const Block& block : read_blocks(path)) {
    if (holds_commands(block)) continue;
    std::vector<std::string> link_types = {"EN10MB"};
    std::vector<std::string> options;
    for (const Line& line : block) {
      const std::string_view text = line.text;
      if (text.starts_with(kOn)) {
        link_types = words(text.substr(kOn.size()));
        options.clear();
      } else if (text.starts_with(kWith)) {
        options = words(text.substr(kWith.size()));
      } else {
        const std::size_t mark = text.find('#');
        const std::string_view remark =
            mark == std::string_view::npos ? std::string_view() : trimmed(text.substr(mark + 1));
        filters.push_back({.expression = std::string(trimmed(text.substr(0, mark))),
                           .refused = remark.starts_with(kRefused),
                           .same_as = {},
                           .link_types = link_types,
                           .options = options,
                           .line = line.number});
        if (remark.starts_with(kSameAs)) {
          filters.back().same_as = trimmed(remark.substr(kSameAs.size()));
        }
      }
    }
  }
  return filters;
}

}  // namespace bpfc::docs
