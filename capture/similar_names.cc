#include "capture/similar_names.h"

#include <algorithm>
#include <utility>

namespace bpfc::capture {
namespace {

constexpr std::size_t kMost = 3;
constexpr std::size_t kLongName = 5;
constexpr std::size_t kLongest = 128;  // ALTIFNAMSIZ: no interface's name is longer

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// How many characters are to be inserted, left out, replaced or exchanged with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last = std::exchange(last, std::move(row));
  }
  return last[b.size()];
}

}  // namespace

std::vector<std::string> similar_names(std::string_view name,
                                       const std::vector<std::string>& names) {
  if (name.size() > kLongest) return {};
  const std::size_t limit = name.size() >= kLongName ? 2 : 1;
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const std::string& candidate : names) {
    if (candidate.size() > kLongest) continue;
    const std::size_t difference = distance(name, candidate);
    if (difference <= limit) found.emplace_back(difference, candidate);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> similar;
  for (std::size_t i = 0; i < std::min(found.size(), kMost); ++i)
    similar.push_back(found[i].second);
  return similar;
}

}  // namespace bpfc::capture
