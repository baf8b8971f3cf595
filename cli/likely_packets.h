// What packets of a link type mostly are, for provers to choose by.
#pragma once

#include <vector>

#include "bpfc/link_type.h"
#include "bpfc/prove.h"

namespace bpfc::cli {

// IPv4 without options, IPv6, ARP; empty for link types that nothing is known of here.
std::vector<std::vector<KnownByte>> likely_packets(const LinkType& link_type);

}  // namespace bpfc::cli
