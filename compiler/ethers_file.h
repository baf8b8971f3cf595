// The names of Ethernet addresses, ethers(5).
#pragma once

#include <istream>
#include <optional>
#include <string_view>

#include "bpfc/name_resolver.h"

namespace bpfc::compiler {

// The address of the first line with this name; letters compare equal in either case. Takes and
// ignores lines as the C library's ether_hostton() does.
std::optional<EthernetAddress> find_ether(std::istream& ethers, std::string_view name);

}  // namespace bpfc::compiler
