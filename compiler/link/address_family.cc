// Link layers that name an address family: BSD loopback, IPsec's enc, pf's log, Solaris's ipnet.
#include <array>
#include <span>
#include <vector>

#include "compiler/link/payload_protocol.h"
#include "compiler/protocol_numbers.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kInet = 2;  // AF_INET, everywhere
// AF_INET6 where it is not 10: NetBSD, OpenBSD and BSD/OS; FreeBSD and DragonFly; Darwin.
constexpr std::array<std::uint32_t, 3> kInet6 = {24, 28, 30};
constexpr std::array<std::uint32_t, 1> kLinuxInet6 = {10};
constexpr std::array<std::uint32_t, 1> kSolarisInet6 = {26};

bool is_savefile(const Lowering& lowering) {
  return lowering.options.target == Target::kNativeSavefile ||
         lowering.options.target == Target::kSwappedSavefile ||
         lowering.options.target == Target::kCapture;
}

// The numbers of the protocol's family: of a file that may come from any system, of this one
// otherwise. None: no family carries the protocol.
std::span<const std::uint32_t> families_of(const Lowering& lowering, std::uint32_t protocol) {
  if (protocol == ethertype::kIp) return {&kInet, 1};
  if (protocol != ethertype::kIp6) return {};
  if (is_savefile(lowering)) return kInet6;
  return kLinuxInet6;
}

struct Field {
  std::uint32_t offset;
  std::uint8_t size;
};

ConditionIndex family_is(Lowering& lowering, Field field, std::span<const std::uint32_t> families) {
  if (families.empty()) return lowering.conditions.always(false);
  std::vector<ConditionLink> links;
  for (const std::uint32_t family : families) {
    links.push_back(
        {Join::kOr, lowering.equal(lowering.load_link(field.offset, field.size), family)});
  }
  return lowering.conditions.chain(links);
}

}  // namespace

// In the byte order of the machine that captured. Of a file that may be any machine; on this one,
// and where nothing is known, it is little-endian.
ConditionIndex null_payload_is(Lowering& lowering, std::uint32_t protocol) {
  std::vector<std::uint32_t> words;
  for (const std::uint32_t family : families_of(lowering, protocol)) {
    words.push_back(__builtin_bswap32(family));
    if (is_savefile(lowering)) words.push_back(family);
  }
  return family_is(lowering, {0, 4}, words);
}

// Big-endian by definition.
ConditionIndex loop_payload_is(Lowering& lowering, std::uint32_t protocol) {
  return family_is(lowering, {0, 4}, families_of(lowering, protocol));
}

ConditionIndex pflog_payload_is(Lowering& lowering, std::uint32_t protocol) {
  return family_is(lowering, {1, 1}, families_of(lowering, protocol));
}

ConditionIndex ipnet_payload_is(Lowering& lowering, std::uint32_t protocol) {
  if (protocol == ethertype::kIp6) return family_is(lowering, {1, 1}, kSolarisInet6);
  return family_is(lowering, {1, 1}, families_of(lowering, protocol));
}

}  // namespace bpfc
