#include "tests/reference/ppp_link.h"

namespace bpfc::reference {

namespace {

constexpr std::uint32_t kIp = 0x21;
constexpr std::uint32_t kCompressedTcp = 0x2d;
constexpr std::uint32_t kUncompressedTcp = 0x2f;

// What PPP calls an ethertype; other numbers stay.
std::uint32_t ppp_type(std::uint32_t type) {
  switch (type) {
    case kTypeIp:
      return kIp;
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

}  // namespace

// BSD/OS counts Van Jacobson's packets as IP.
Condition ppp_link(const Scope& scope, std::uint32_t type) {
  const Place field = scope.type_field();
  if (scope.headers.link == Link::kPppBsdos && type == kTypeIp) {
    return any_of({equals(field, kHalf, kIp), equals(field, kHalf, kCompressedTcp),
                   equals(field, kHalf, kUncompressedTcp)});
  }
  return equals(field, kHalf, ppp_type(type));
}

}  // namespace bpfc::reference
