// Expressions made for one link type, for every test that compares engines on many of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bpfc::oracle {

inline constexpr std::uint32_t kCombinationSeed = 20;

// `count` combinations of what is listed for the link type and of the generated primitives that
// libpcap compiles for it. The same ones in every run.
std::vector<std::string> differential_combinations(const std::string& link_type, int count = 3000);

}  // namespace bpfc::oracle
