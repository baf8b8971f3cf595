// Filters of many terms, made from a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bpfc::traffic {

enum class Spread : std::uint8_t {
  kScattered,    // no two in a row but by chance, in no order
  kConsecutive,  // one after the other, ascending
};

// `count` different addresses. Scattered ones: every 50th is one of `seen`, the others are not.
// Consecutive ones begin at 198.18.0.0, which the traffic mix does not use.
std::vector<std::uint32_t> host_list(std::size_t count, Spread spread,
                                     const std::vector<std::uint32_t>& seen,
                                     std::uint64_t seed = 1);

// `count` different ports above 0; consecutive ones begin at 1000.
std::vector<std::uint16_t> port_list(std::size_t count, Spread spread, std::uint64_t seed = 1);

// `host A or host B or ...`.
std::string hosts_joined(const std::vector<std::uint32_t>& addresses);
// `QUALIFIER A or QUALIFIER B or ...`, such as `tcp dst port`.
std::string ports_joined(std::string_view qualifier, const std::vector<std::uint16_t>& ports);

}  // namespace bpfc::traffic
