// Filters, and what is warned of in them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "bpfc/compile.h"

namespace bpfc::testing {

struct ExpectedWarning {
  std::string_view name;
  std::uint32_t begin;  // of the place in the text
  std::uint32_t end;
  std::string_view hint;  // empty: none
};

struct WarnedFilter {
  const char* link_type;
  const char* text;
  std::vector<ExpectedWarning>
      warnings;  // with all kinds on; without `fragments` if it is not here
};

struct QuietFilter {
  const char* link_type;
  const char* text;
};

std::span<const WarnedFilter> warned_filters();
// No kind but `fragments` says anything.
std::span<const QuietFilter> quiet_filters();

// With known_names().
CompileOptions options_for(std::string_view link_type, WarningSet warnings);
WarningSet all_warnings();

}  // namespace bpfc::testing
