#include "tests/reference/link_protocol.h"

#include <vector>

namespace bpfc::reference {

namespace {

// In `organization and type`, the last four bytes are looked at before the first.
Condition snap(Place llc, std::uint32_t organization, std::uint32_t type) {
  return all_of({equals(llc.plus(4), 4, (organization & 0xffffU) << 16U | type),
                 equals(llc, 4, 0xaaaa0300U | organization >> 16U)});
}

Condition apple_snap(Place llc, std::uint32_t type) {
  return snap(llc, type == kTypeAtalk ? 0x080007U : 0U, type);
}

bool is_sap_pair(std::uint32_t type) {
  return type == kSapIso || type == kSapIp || type == kSapNetbeui;
}

Condition ethernet(const HeaderContext& context, std::uint32_t type) {
  const Place llc = context.payload;
  const Place field = context.type;
  const Condition has_llc = [field](State& state) { return state.load(field, 2) <= kMaxLength; };
  if (is_sap_pair(type)) {
    return all_of({has_llc, equals(llc, 2, type << 8U | type)});
  }
  if (type == kSapIpx) {
    return any_of({equals(field, 2, 0x8137),
                   all_of({has_llc, any_of({snap(llc, 0, 0x8137), equals(llc, 1, kSapIpx),
                                            equals(llc, 2, 0xffff)})})});
  }
  if (type == kTypeAtalk || type == kTypeAarp) {
    return any_of({equals(field, 2, type), all_of({has_llc, apple_snap(llc, type)})});
  }
  if (type <= kMaxLength) {
    // libpcap looks behind the type field, which after a tunnel need not be where the payload is.
    return all_of({has_llc, equals(field.plus(2), 1, type)});
  }
  return equals(field, 2, type);
}

Condition linux_sll(const HeaderContext& context, std::uint32_t type) {
  constexpr std::uint32_t kNovell = 1;
  constexpr std::uint32_t kLlc = 4;
  const Place llc = context.payload;
  const Place field = context.type;
  const Condition has_llc = equals(field, 2, kLlc);
  if (is_sap_pair(type)) {
    return all_of({has_llc, equals(llc, 2, type << 8U | type)});
  }
  if (type == kSapIpx) {
    return any_of({equals(field, 2, 0x8137), equals(field, 2, kNovell),
                   all_of({has_llc, any_of({equals(llc, 1, kSapIpx), snap(llc, 0, 0x8137)})})});
  }
  if (type == kTypeAtalk || type == kTypeAarp) {
    return any_of({equals(field, 2, type), all_of({has_llc, apple_snap(llc, type)})});
  }
  if (type <= kMaxLength) {
    return all_of({has_llc, equals(field.plus(2), 1, type)});
  }
  return equals(field, 2, type);
}

// What PPP calls an ethertype; other numbers stay.
std::uint32_t ppp_type(std::uint32_t type) {
  switch (type) {
    case kTypeIp:
      return 0x21;
    case kTypeIp6:
      return 0x57;
    case kTypeDecnet:
      return 0x27;
    case kTypeAtalk:
      return 0x29;
    case 0x0600:  // XNS
      return 0x25;
    case kSapIso:
      return 0x23;
    case kSapStp:
      return 0x31;
    case kSapIpx:
      return 0x2b;
    default:
      return type;
  }
}

// The bottom of the label stack, then the version in the first byte after it.
Condition under_mpls(const HeaderContext& context, std::uint32_t type) {
  if (type != kTypeIp && type != kTypeIp6) {
    throw Refused{"unsupported protocol over MPLS"};
  }
  constexpr std::uint32_t kBottomByteBefore = 2;
  const Place network = context.network();
  return all_of({equals(network.plus(0U - kBottomByteBefore), 1, 1, 1),
                 equals(network, 1, type == kTypeIp ? 0x40 : 0x60, 0xf0)});
}

std::uint32_t swapped(std::uint32_t number) {
  return number << 24U | (number & 0xff00U) << 8U | (number >> 8U & 0xff00U) | number >> 24U;
}

// An address family in the first word: in the capturing host's byte order on kNull, big-endian on
// kLoop.
Condition address_family(const HeaderContext& context, Target target, std::uint32_t type) {
  if (type != kTypeIp && type != kTypeIp6) {
    return always(false);
  }
  const bool savefile = target == Target::kSavefileNative || target == Target::kSavefileSwapped;
  constexpr std::uint32_t kInet = 2;
  constexpr std::uint32_t kLinuxInet6 = 10;
  std::vector<std::uint32_t> families{kInet};
  if (type == kTypeIp6) {
    // BSD, FreeBSD, Darwin.
    families =
        savefile ? std::vector<std::uint32_t>{24, 28, 30} : std::vector<std::uint32_t>{kLinuxInet6};
  }
  std::vector<Condition> conditions;
  for (const std::uint32_t family : families) {
    if (context.link == Link::kLoop || savefile) {
      conditions.push_back(equals(context.link_header, 4, family));
    }
    if (context.link == Link::kNull) {
      conditions.push_back(equals(context.link_header, 4, swapped(family)));
    }
  }
  return any_of(conditions);
}

}  // namespace

Condition link_protocol(const HeaderContext& context, Target target, std::uint32_t type) {
  if (context.after_mpls) {
    return under_mpls(context, type);
  }
  switch (context.link) {
    case Link::kEthernet:
      return ethernet(context, type);
    case Link::kLinuxSll:
      return linux_sll(context, type);
    case Link::kLinuxSll2:
      return equals(context.type, 2, type);
    case Link::kPpp:
      return equals(context.type, 2, ppp_type(type));
    case Link::kNull:
    case Link::kLoop:
      return address_family(context, target, type);
    case Link::kIpv4:
      return always(type == kTypeIp);
    case Link::kIpv6:
      return always(type == kTypeIp6);
    case Link::kRaw:
      if (type == kTypeIp) {
        return equals(context.payload, 1, 0x40, 0xf0);
      }
      if (type == kTypeIp6) {
        return equals(context.payload, 1, 0x60, 0xf0);
      }
      return always(false);
  }
  throw Refused{"unknown link layer"};
}

Condition has_inner_ethernet(const HeaderContext& context) {
  if (!context.after_tunnel) {
    return always(true);
  }
  return [context](State& state) {
    return state.variable_part(context.link_header) != state.variable_part(context.payload);
  };
}

}  // namespace bpfc::reference
