#include "tests/reference/llc_link.h"

#include <map>
#include <string>

#include "tests/reference/lower_case.h"
#include "tests/reference/wlan.h"

namespace bpfc::reference {

namespace {

struct Frame {
  std::uint32_t value;
  std::uint32_t mask;
};

const std::map<std::string, Frame> kFrames{
    {"i", {0x00, 0x01}},    {"s", {0x01, 0x03}},    {"u", {0x03, 0x03}},     {"rr", {0x01, 0x0f}},
    {"rnr", {0x05, 0x0f}},  {"rej", {0x09, 0x0f}},  {"ui", {0x03, 0xef}},    {"ua", {0x63, 0xef}},
    {"disc", {0x43, 0xef}}, {"dm", {0x0f, 0xef}},   {"sabme", {0x6f, 0xef}}, {"test", {0xe3, 0xef}},
    {"xid", {0xaf, 0xef}},  {"frmr", {0x87, 0xef}},
};

Condition has_llc(const Scope& scope) {
  switch (scope.headers.link) {
    case Link::kEthernet:
      return all_of({[field = scope.type_field()](State& state) {
                       return state.load(field, kHalf) <= kMaxLength;
                     },
                     negation(equals(scope.payload(), kHalf, 0xffff))});
    case Link::kTokenRing:
    case Link::kFddi:
    case Link::kAtm:
      return always(true);
    case Link::kSunAtm:
      return is_atm_llc(scope);
    case Link::kWlan:
      return is_wlan_data(scope);
    default:
      throw Refused{"'llc' is not supported on this link type"};
  }
}

}  // namespace

bool is_sap_pair(std::uint32_t type) {
  return type == kSapIso || type == kSapIp || type == kSapNetbeui;
}

// In `organization and type`, the last four bytes are looked at before the first.
Condition snap(Place llc, std::uint32_t organization, std::uint32_t type) {
  return all_of({equals(llc.plus(4), 4, (organization & 0xffffU) << 16U | type),
                 equals(llc, 4, 0xaaaa0300U | organization >> 16U)});
}

Condition apple_snap(Place llc, std::uint32_t type) {
  return snap(llc, type == kTypeAtalk ? 0x080007U : 0U, type);
}

// An ethertype is looked for where SNAP has it, whatever the header in front of it.
Condition llc_link(const Scope& scope, std::uint32_t type) {
  constexpr std::uint32_t kSnapType = 6;
  const Place llc = scope.payload();
  if (is_sap_pair(type)) {
    return equals(llc, kHalf, type << 8U | type);
  }
  if (type == kTypeAtalk) {
    return apple_snap(llc, type);
  }
  if (type <= kMaxLength) {
    return equals(llc, kByte, type);
  }
  return equals(llc.plus(kSnapType), kHalf, type);
}

Condition is_atm_llc(const Scope& scope) { return equals(scope.link_header(), kByte, 2, 0x0f); }

Condition llc(const Scope& scope, const ast::Llc& llc) {
  Condition frame_has_llc = has_llc(scope);
  if (!llc.type) {
    return frame_has_llc;
  }
  const std::string name = lower_case(scope.filter.text(*llc.type));
  const auto frame = kFrames.find(name);
  if (frame == kFrames.end()) {
    throw Refused{"unknown LLC type '" + name + "'"};
  }
  return all_of({frame_has_llc,
                 equals(scope.payload().plus(2), kByte, frame->second.value, frame->second.mask)});
}

}  // namespace bpfc::reference
