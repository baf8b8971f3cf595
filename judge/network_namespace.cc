#include "judge/network_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace bpfc::judge {
namespace {

// Empty, or why not. Files under /proc want a number in one write.
std::string write_file(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool written =
      file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  if (file >= 0) close(file);
  return written ? "" : "cannot write " + path + ": " + std::strerror(error);
}

std::string enter_through_user_namespace() {
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    return std::string("neither a network namespace nor a user namespace can be made here: ") +
           std::strerror(errno);
  }
  if (auto why = write_file("/proc/self/setgroups", "deny"); !why.empty()) return why;
  if (auto why = write_file("/proc/self/uid_map", "0 " + user + " 1"); !why.empty()) return why;
  return write_file("/proc/self/gid_map", "0 " + group + " 1");
}

}  // namespace

std::string enter_network_namespace() {
  if (unshare(CLONE_NEWNET) != 0) {
    if (auto why = enter_through_user_namespace(); !why.empty()) return why;
  }
  const std::string settings = "/proc/sys/net/ipv6/conf/";
  if (!std::filesystem::exists(settings)) return {};
  for (const char* scope : {"all", "default"}) {
    if (auto why = write_file(settings + scope + "/disable_ipv6", "1"); !why.empty()) return why;
  }
  return {};
}

std::string set_option_memory(std::size_t bytes) {
  return write_file("/proc/sys/net/core/optmem_max", std::to_string(bytes));
}

}  // namespace bpfc::judge
