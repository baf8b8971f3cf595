// A machine of the test's own, as far as names go: other files in /etc, and no network.
#pragma once

#include <string>

namespace bpfc::testing {

// Moves the process, and the children it will have, into a mount and a network namespace of their
// own: what they mount nobody else sees, and there is no network but a loopback device, which is
// up. Root does so at once, others as root of a user namespace (unshare(2), user_namespaces(7)).
// For a process with one thread; does its work at the first call.
//
// Returns nothing, or why it could not be done.
const std::string& enter_private_namespaces();

// While it lives, the folder stands at /etc. Not without the private namespaces: throws
// std::system_error where they do not allow it.
class PrivateEtc {
 public:
  explicit PrivateEtc(const std::string& folder);
  ~PrivateEtc();
  PrivateEtc(const PrivateEtc&) = delete;
  PrivateEtc& operator=(const PrivateEtc&) = delete;
};

// While it lives, what is sent to the name server at 127.0.0.1 is taken and never answered. Throws
// as PrivateEtc does.
class SilentNameServer {
 public:
  SilentNameServer();
  ~SilentNameServer();
  SilentNameServer(const SilentNameServer&) = delete;
  SilentNameServer& operator=(const SilentNameServer&) = delete;

 private:
  int socket_ = -1;
};

}  // namespace bpfc::testing
