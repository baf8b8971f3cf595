// The filters that the engines are measured by.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bpfc::benchmarks {

struct EngineFilter {
  std::string name;
  std::string text;
  bool small = true;  // counts for the geometric means
};

inline constexpr const char* kTwentyHosts = "20 hosts";
inline constexpr const char* kManyHosts = "500 hosts";

// `addresses` of the traffic it will be measured on, ascending.
std::vector<EngineFilter> engine_filters(const std::vector<std::uint32_t>& addresses);

}  // namespace bpfc::benchmarks
