#include "capture/packet_permission.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace bpfc::capture {
namespace {

bool has_net_raw() {
  __user_cap_header_struct header{};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (syscall(SYS_capget, &header, sets.data()) != 0) return false;
  return (sets[CAP_TO_INDEX(CAP_NET_RAW)].effective & CAP_TO_MASK(CAP_NET_RAW)) != 0;
}

// As a shell reads it back.
std::string quoted(const std::string& path) {
  constexpr std::string_view kPlain = "/._-+";
  const auto plain = [kPlain](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           kPlain.find(c) != std::string_view::npos;
  };
  if (!path.empty() && std::all_of(path.begin(), path.end(), plain)) return path;
  std::string result = "'";
  for (const char c : path) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result + "'";
}

}  // namespace

Privileges own_privileges() {
  std::error_code unknown;
  const std::filesystem::path executable = std::filesystem::read_symlink("/proc/self/exe", unknown);
  return {.has_capability = has_net_raw(),
          .capability_in_reach = prctl(PR_CAPBSET_READ, CAP_NET_RAW, 0, 0, 0) != 0,
          .gains_no_privileges = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
          .executable = executable.string()};
}

std::string packet_permission(const Privileges& privileges) {
  const std::string path =
      privileges.executable.empty() ? "PROGRAM" : quoted(privileges.executable);
  if (privileges.has_capability) {
    return fmt::format(
        "opening a packet socket needs CAP_NET_RAW over this network namespace, and the process "
        "has "
        "it in a user namespace that does not own this one, or seccomp or a security module "
        "forbids the socket: run `sudo {}` outside of that sandbox",
        path);
  }
  if (!privileges.capability_in_reach) {
    return "opening a packet socket needs CAP_NET_RAW, which nothing started here can have (it is "
           "not in the bounding set): in a container, start that with `docker run "
           "--cap-add=NET_RAW`";
  }
  if (privileges.gains_no_privileges) {
    return fmt::format(
        "opening a packet socket needs CAP_NET_RAW, which nothing started here can gain "
        "(no_new_privs): run `sudo {}` outside of this sandbox",
        path);
  }
  return fmt::format(
      "opening a packet socket needs CAP_NET_RAW: run `sudo setcap cap_net_raw+ep {}` once", path);
}

}  // namespace bpfc::capture
