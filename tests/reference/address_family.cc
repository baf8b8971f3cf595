#include "tests/reference/address_family.h"

#include <vector>

namespace bpfc::reference {

namespace {

bool from_savefile(const Scope& scope) {
  return scope.environment.target == Target::kSavefileNative ||
         scope.environment.target == Target::kSavefileSwapped;
}

// The families of IPv4, or of IPv6: a savefile may come from any BSD.
std::vector<std::uint32_t> families(const Scope& scope, std::uint32_t type) {
  constexpr std::uint32_t kInet = 2;
  constexpr std::uint32_t kLinuxInet6 = 10;
  if (type == kTypeIp) {
    return {kInet};
  }
  if (from_savefile(scope)) {
    return {24, 28, 30};  // NetBSD and OpenBSD, FreeBSD, Darwin
  }
  return {kLinuxInet6};
}

std::uint32_t swapped(std::uint32_t number) {
  return number << 24U | (number & 0xff00U) << 8U | (number >> 8U & 0xff00U) | number >> 24U;
}

}  // namespace

// A word in the capturing host's byte order on kNull, big-endian on kLoop; a byte on kPflog and
// kIpnet, which has numbers of its own.
Condition address_family(const Scope& scope, std::uint32_t type) {
  if (type != kTypeIp && type != kTypeIp6) {
    return always(false);
  }
  constexpr std::uint32_t kFamilyByte = 1;
  constexpr std::uint32_t kIpnetInet = 2;
  constexpr std::uint32_t kIpnetInet6 = 26;
  const Place header = scope.link_header();
  const Link link = scope.headers.link;
  if (link == Link::kIpnet) {
    return equals(header.plus(kFamilyByte), kByte, type == kTypeIp ? kIpnetInet : kIpnetInet6);
  }
  std::vector<Condition> conditions;
  for (const std::uint32_t family : families(scope, type)) {
    if (link == Link::kPflog) {
      conditions.push_back(equals(header.plus(kFamilyByte), kByte, family));
      continue;
    }
    if (link == Link::kLoop || from_savefile(scope)) {
      conditions.push_back(equals(header, kWord, family));
    }
    if (link == Link::kNull) {
      conditions.push_back(equals(header, kWord, swapped(family)));
    }
  }
  return any_of(conditions);
}

}  // namespace bpfc::reference
