#include "tests/oracle/known_differences.h"

#include <regex.h>

#include <algorithm>
#include <array>
#include <memory>

namespace bpfc::oracle {

namespace {

bool found_in(const std::string& text, std::string_view pattern) {
  regex_t compiled{};
  if (regcomp(&compiled, std::string(pattern).c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
    return false;
  }
  const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  return found;
}

}  // namespace

std::vector<KnownDifference> known_differences(std::span<const KnownDifference> list,
                                               const std::string& link_type,
                                               const std::string& expression) {
  std::vector<KnownDifference> found;
  for (const KnownDifference& difference : list) {
    if ((difference.link_type.empty() || found_in(link_type, difference.link_type)) &&
        found_in(expression, difference.pattern)) {
      found.push_back(difference);
    }
  }
  return found;
}

bool is_known_refusal(const std::string& link_type, const std::string& expression,
                      bool libpcap_takes) {
  return std::any_of(kRefusalDifferences.begin(), kRefusalDifferences.end(),
                     [&](const RefusalDifference& known) {
                       return known.libpcap_takes == libpcap_takes &&
                              (known.link_type.empty() || found_in(link_type, known.link_type)) &&
                              found_in(expression, known.pattern);
                     });
}

bool is_known_refusal(const std::string& expression, const std::string& ours,
                      const std::string& theirs, bool warned) {
  const auto is = [](const std::string& message, std::string_view pattern) {
    return pattern.empty() ? message.empty() : found_in(message, pattern);
  };
  return std::any_of(kKnownRefusals.begin(), kKnownRefusals.end(), [&](const KnownRefusal& known) {
    return (theirs.empty() || warned) && is(ours, known.ours) && is(theirs, known.theirs) &&
           found_in(expression, known.pattern);
  });
}

bool any_applies(std::span<const KnownDifference> known, std::span<const std::uint8_t> packet) {
  return std::any_of(known.begin(), known.end(), [packet](const KnownDifference& difference) {
    return !difference.only_with_byte ||
           std::find(packet.begin(), packet.end(), *difference.only_with_byte) != packet.end();
  });
}

}  // namespace bpfc::oracle
