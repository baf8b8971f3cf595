#include "tests/reference/link_protocol.h"

#include "tests/reference/address_family.h"
#include "tests/reference/llc_link.h"
#include "tests/reference/ppp_link.h"
#include "tests/reference/scope.h"
#include "tests/reference/wlan.h"

namespace bpfc::reference {

namespace {

// What Ethernet and LINUX_SLL have in common once they have found that LLC follows.
bool is_snap_only(std::uint32_t type) { return type == kTypeAtalk || type == kTypeAarp; }

Condition ethernet(const Scope& scope, std::uint32_t type) {
  const Place field = scope.type_field();
  const Place llc = scope.payload();
  const Condition has_llc = [field](State& state) { return state.load(field, 2) <= kMaxLength; };
  if (is_sap_pair(type)) {
    return all_of({has_llc, equals(llc, 2, type << 8U | type)});
  }
  if (type == kSapIpx) {
    return any_of({equals(field, 2, kTypeIpx),
                   all_of({has_llc, any_of({snap(llc, 0, kTypeIpx), equals(llc, 1, kSapIpx),
                                            equals(llc, 2, 0xffff)})})});
  }
  if (is_snap_only(type)) {
    return any_of({equals(field, 2, type), all_of({has_llc, apple_snap(llc, type)})});
  }
  if (type <= kMaxLength) {
    // libpcap looks behind the type field, which after a tunnel need not be where the payload is.
    return all_of({has_llc, equals(field.plus(2), 1, type)});
  }
  return equals(field, 2, type);
}

Condition linux_sll(const Scope& scope, std::uint32_t type) {
  constexpr std::uint32_t kNovell = 1;
  constexpr std::uint32_t kLlc = 4;
  const Place field = scope.type_field();
  const Place llc = scope.payload();
  const Condition has_llc = equals(field, 2, kLlc);
  if (is_sap_pair(type)) {
    return all_of({has_llc, equals(llc, 2, type << 8U | type)});
  }
  if (type == kSapIpx) {
    return any_of({equals(field, 2, kTypeIpx), equals(field, 2, kNovell),
                   all_of({has_llc, any_of({equals(llc, 1, kSapIpx), snap(llc, 0, kTypeIpx)})})});
  }
  if (is_snap_only(type)) {
    return any_of({equals(field, 2, type), all_of({has_llc, apple_snap(llc, type)})});
  }
  if (type <= kMaxLength) {
    return all_of({has_llc, equals(field.plus(2), 1, type)});
  }
  return equals(field, 2, type);
}

// The bottom of the label stack, then the version in the first byte after it.
Condition under_mpls(const Scope& scope, std::uint32_t type) {
  if (type != kTypeIp && type != kTypeIp6) {
    throw Refused{"unsupported protocol over MPLS"};
  }
  constexpr std::uint32_t kBottomByteBefore = 2;
  const Place network = scope.network();
  return all_of({equals(network.plus(0U - kBottomByteBefore), 1, 1, 1),
                 equals(network, 1, type == kTypeIp ? 0x40 : 0x60, 0xf0)});
}

// The version in the first byte of the link header: SLIP's first byte is its direction, and libpcap
// looks there all the same.
Condition raw(const Scope& scope, std::uint32_t type) {
  if (type == kTypeIp) {
    return equals(scope.link_header(), 1, 0x40, 0xf0);
  }
  if (type == kTypeIp6) {
    return equals(scope.link_header(), 1, 0x60, 0xf0);
  }
  return always(false);
}

// Control and network-layer protocol identifier in a halfword.
Condition frame_relay(const Scope& scope, std::uint32_t type) {
  const Place field = scope.type_field();
  switch (type) {
    case kTypeIp:
      return equals(field, 2, 0x03cc);
    case kTypeIp6:
      return equals(field, 2, 0x038e);
    case kSapIso:
      return any_of({equals(field, 2, 0x0381), equals(field, 2, 0x0382), equals(field, 2, 0x0383)});
    default:
      return always(false);
  }
}

// RFC 1201's codes; those of RFC 1051 are not matched.
Condition arcnet(const Scope& scope, std::uint32_t type) {
  const Place field = scope.type_field();
  switch (type) {
    case kTypeIp:
      return equals(field, 1, 212);
    case kTypeArp:
      return equals(field, 1, 213);
    case kTypeRarp:
      return equals(field, 1, 214);
    case kTypeAtalk:
      return equals(field, 1, 221);
    case kTypeIp6:
      return equals(field, 1, 0xc4);
    default:
      return always(false);
  }
}

Condition cisco_hdlc(const Scope& scope, std::uint32_t type) {
  return equals(scope.type_field(), 2, type == kSapIso ? kSapIso << 8U | kSapIso : type);
}

// Nothing says which protocol a Juniper header carries, only that it is one: "MGC".
Condition juniper(const Scope& scope) {
  return equals(scope.link_header(), 4, 0x4d474300, 0xffffff00U);
}

}  // namespace

Condition link_protocol(const Scope& scope, std::uint32_t type) {
  if (scope.headers.after_mpls) {
    return under_mpls(scope, type);
  }
  switch (scope.headers.link) {
    case Link::kEthernet:
    case Link::kNetAnalyzer:
      if (scope.headers.after_lane && !scope.headers.after_tunnel) {
        return all_of({has_ethernet_header(scope), ethernet(scope, type)});
      }
      return ethernet(scope, type);
    case Link::kLinuxSll:
      return linux_sll(scope, type);
    case Link::kPlainType:
      return equals(scope.type_field(), 2, type);
    case Link::kPpp:
    case Link::kPppNoMpls:
    case Link::kPppBsdos:
      return ppp_link(scope, type);
    case Link::kCiscoHdlc:
      return cisco_hdlc(scope, type);
    case Link::kFrameRelay:
      return frame_relay(scope, type);
    case Link::kLocalTalk:
      return always(type == kTypeAtalk);
    case Link::kArcnet:
      return arcnet(scope, type);
    case Link::kJuniper:
      return juniper(scope);
    case Link::kNull:
    case Link::kLoop:
    case Link::kPflog:
    case Link::kIpnet:
      return address_family(scope, type);
    case Link::kIpv4:
      return always(type == kTypeIp);
    case Link::kIpv6:
      return always(type == kTypeIp6);
    case Link::kRaw:
      return raw(scope, type);
    case Link::kTokenRing:
    case Link::kFddi:
    case Link::kAtm:
    case Link::kAtmClip:
    case Link::kIpOverFc:
      return llc_link(scope, type);
    case Link::kSunAtm:
      return all_of({is_atm_llc(scope), llc_link(scope, type)});
    case Link::kWlan:
      return all_of({is_wlan_data(scope), llc_link(scope, type)});
    case Link::kBacnet:
    case Link::kNone:
      break;
  }
  throw Refused{"the protocol is not known on this link type"};
}

Condition has_ethernet_header(const Scope& scope) {
  if (scope.headers.after_tunnel) {
    return [header = scope.headers.link_header, payload = scope.headers.payload](State& state) {
      return state.variable_part(header) != state.variable_part(payload);
    };
  }
  if (scope.headers.after_lane) {
    constexpr Place kLaneHeader{4};
    constexpr std::uint32_t kControlFrame = 0xff00;
    return negation(equals(kLaneHeader, 2, kControlFrame));
  }
  return always(true);
}

}  // namespace bpfc::reference
