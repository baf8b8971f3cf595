// Why this process may not open packet sockets, and what would change that.
#pragma once

#include <string>

namespace bpfc::capture {

// What stands between a process and CAP_NET_RAW (capabilities(7)).
struct Privileges {
  bool has_capability = false;       // in force, in the process's own user namespace
  bool capability_in_reach = true;   // in the bounding set
  bool gains_no_privileges = false;  // no_new_privs: neither sudo nor setcap have an effect
  std::string executable;            // path of the program that runs; empty: unknown
};
Privileges own_privileges();

// A sentence for a user who was refused: the capability, and the one command that helps.
std::string packet_permission(const Privileges& privileges);

}  // namespace bpfc::capture
