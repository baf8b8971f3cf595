#include "tests/reference/header_context.h"

namespace bpfc::reference {

namespace {

HeaderContext headers(Link link, std::uint32_t type, std::uint32_t payload, std::uint32_t iso = 0) {
  HeaderContext context;
  context.link = link;
  context.type.constant = type;
  context.payload.constant = payload;
  context.iso = iso;
  return context;
}

}  // namespace

HeaderContext outermost(LinkType link_type) {
  switch (link_type) {
    case LinkType::kNull:
      return headers(Link::kNull, 0, 4);
    case LinkType::kEthernet:
      return headers(Link::kEthernet, 12, 14, 3);
    case LinkType::kRaw:
      return headers(Link::kRaw, 0, 0);
    case LinkType::kLoop:
      return headers(Link::kLoop, 0, 4);
    case LinkType::kLinuxSll:
      return headers(Link::kLinuxSll, 14, 16);
    case LinkType::kIpv4:
      return headers(Link::kIpv4, 0, 0);
    case LinkType::kIpv6:
      return headers(Link::kIpv6, 0, 0);
    case LinkType::kLinuxSll2:
      return headers(Link::kLinuxSll2, 0, 20);
  }
  throw Refused{"unknown link type"};
}

}  // namespace bpfc::reference
