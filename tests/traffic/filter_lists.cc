#include "tests/traffic/filter_lists.h"

#include <algorithm>
#include <unordered_set>

#include "judge/random_source.h"

namespace bpfc::traffic {
namespace {

constexpr std::size_t kSeenEvery = 50;
constexpr std::uint32_t kFirstHost = 0xc6120000;
constexpr std::uint16_t kFirstPort = 1000;

std::string dotted(std::uint32_t address) {
  return std::to_string(address >> 24U) + "." + std::to_string(address >> 16U & 0xff) + "." +
         std::to_string(address >> 8U & 0xff) + "." + std::to_string(address & 0xff);
}

}  // namespace

std::vector<std::uint32_t> host_list(std::size_t count, Spread spread,
                                     const std::vector<std::uint32_t>& seen, std::uint64_t seed) {
  std::vector<std::uint32_t> hosts;
  if (spread == Spread::kConsecutive) {
    for (std::uint32_t i = 0; i < count; ++i) hosts.push_back(kFirstHost + i);
    return hosts;
  }
  judge::RandomSource random(seed);
  std::unordered_set<std::uint32_t> taken;
  while (hosts.size() < count) {
    const bool known = !seen.empty() && hosts.size() % kSeenEvery == kSeenEvery - 1;
    const std::uint32_t address = known ? seen[random.below(seen.size())] : random.word();
    if (!known && std::binary_search(seen.begin(), seen.end(), address)) continue;
    if (taken.insert(address).second) hosts.push_back(address);
  }
  return hosts;
}

std::vector<std::uint16_t> port_list(std::size_t count, Spread spread, std::uint64_t seed) {
  std::vector<std::uint16_t> ports;
  judge::RandomSource random(seed);
  std::unordered_set<std::uint16_t> taken;
  while (ports.size() < count) {
    const auto port = static_cast<std::uint16_t>(
        spread == Spread::kConsecutive ? kFirstPort + ports.size() : 1 + random.below(65535));
    if (taken.insert(port).second) ports.push_back(port);
  }
  return ports;
}

std::string hosts_joined(const std::vector<std::uint32_t>& addresses) {
  std::string text;
  for (const std::uint32_t address : addresses) {
    text += (text.empty() ? "host " : " or host ") + dotted(address);
  }
  return text;
}

std::string ports_joined(std::string_view qualifier, const std::vector<std::uint16_t>& ports) {
  std::string text;
  for (const std::uint16_t port : ports) {
    if (!text.empty()) text += " or ";
    text += qualifier;
    text += ' ' + std::to_string(port);
  }
  return text;
}

}  // namespace bpfc::traffic
