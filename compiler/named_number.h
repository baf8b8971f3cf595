// Tables of names for numbers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "compiler/any_case.h"

namespace bpfc {

struct NamedNumber {
  std::string_view name;
  std::uint32_t number;
};

inline std::optional<std::uint32_t> find_number(std::span<const NamedNumber> rows,
                                                std::string_view name) {
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [name](const NamedNumber& entry) { return entry.name == name; });
  if (row == rows.end()) return std::nullopt;
  return row->number;
}

inline std::optional<std::uint32_t> find_number_in_any_case(std::span<const NamedNumber> rows,
                                                            std::string_view name) {
  const auto row = std::find_if(rows.begin(), rows.end(), [name](const NamedNumber& entry) {
    return equal_in_any_case(entry.name, name);
  });
  if (row == rows.end()) return std::nullopt;
  return row->number;
}

}  // namespace bpfc
