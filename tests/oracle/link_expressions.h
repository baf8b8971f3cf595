// Filter expressions about what link types have of their own.
#pragma once

#include <string>
#include <vector>

namespace bpfc::oracle {

// Every keyword that some link types know and others refuse, and what those keywords move the
// headers for. Most link types refuse most of them.
std::vector<std::string> link_expressions();

}  // namespace bpfc::oracle
