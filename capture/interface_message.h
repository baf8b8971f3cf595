// What rtnetlink(7) says of interfaces and their addresses.
#pragma once

#include <vector>

#include "bpfc/interfaces.h"
#include "capture/netlink_dump.h"

namespace bpfc::capture {

// From the answers to RTM_GETLINK and RTM_GETADDR; by index. What cannot be read is left out: an
// interface without its structure or its name, an address of another family, of an interface that
// is not in `links`, or that is shorter than its family's.
std::vector<Interface> read_interfaces(const std::vector<NetlinkObject>& links,
                                       const std::vector<NetlinkObject>& addresses);

}  // namespace bpfc::capture
