#include "tests/compiler/private_etc.h"

#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace bpfc::testing {
namespace {

std::string why(const char* what) {
  return fmt::format("{}: {}", what, std::generic_category().message(errno));
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

bool write_line(const char* path, const std::string& line) {
  std::ofstream file(path);
  file << line << std::flush;
  return file.good();
}

std::string unshare_namespaces() {
  constexpr int kOwn = CLONE_NEWNS | CLONE_NEWNET;
  if (unshare(kOwn) == 0) return {};
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (unshare(CLONE_NEWUSER | kOwn) != 0) return why("no namespaces of its own (unshare)");
  // Unprivileged processes may map their group only after this (user_namespaces(7)).
  if (!write_line("/proc/self/setgroups", "deny") ||
      !write_line("/proc/self/uid_map", fmt::format("0 {} 1", user)) ||
      !write_line("/proc/self/gid_map", fmt::format("0 {} 1", group))) {
    return "the user namespace takes no users";
  }
  return {};
}

std::string start_loopback() {
  const int any_socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any_socket < 0) return why("no socket");
  ifreq request = {};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
  std::string result;
  if (ioctl(any_socket, SIOCSIFFLAGS, &request) != 0) result = why("no loopback device");
  close(any_socket);
  return result;
}

std::string enter() {
  if (std::string reason = unshare_namespaces(); !reason.empty()) return reason;
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return why("mounts of its own cannot be had");
  }
  if (std::string reason = start_loopback(); !reason.empty()) return reason;
  // Whether mounts are allowed is known only when one is made.
  if (mount("/etc", "/etc", nullptr, MS_BIND | MS_REC, nullptr) != 0) {
    return why("nothing can be mounted at /etc");
  }
  return {};
}

}  // namespace

const std::string& enter_private_namespaces() {
  static const std::string reason = enter();
  return reason;
}

PrivateEtc::PrivateEtc(const std::string& folder) {
  if (mount(folder.c_str(), "/etc", nullptr, MS_BIND, nullptr) != 0) fail("mount at /etc");
}

PrivateEtc::~PrivateEtc() { umount2("/etc", MNT_DETACH); }

SilentNameServer::SilentNameServer() : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  constexpr std::uint16_t kDomain = 53;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(kDomain);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket_ < 0) fail("socket");
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(socket_);
    fail("bind");
  }
}

SilentNameServer::~SilentNameServer() { close(socket_); }

}  // namespace bpfc::testing
