#include "cli/privileges.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace bpfc::cli {
namespace {

constexpr std::size_t kLargestEntry = std::size_t{1} << 20U;

}  // namespace

std::optional<std::string> become_user(const std::string& name) {
  std::vector<char> buffer(1024);
  passwd entry{};
  passwd* found = nullptr;
  int error = 0;
  while ((error = getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found)) ==
             ERANGE &&
         buffer.size() < kLargestEntry) {
    buffer.resize(buffer.size() * 2);
  }
  if (error != 0 || found == nullptr) return fmt::format("-Z: there is no user '{}'", name);
  if (entry.pw_uid == getuid() && entry.pw_uid == geteuid()) return std::nullopt;
  // The C library does each of these in all threads; leaving uid 0 drops the capabilities.
  const bool changed = initgroups(name.c_str(), entry.pw_gid) == 0 &&
                       setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid) == 0 &&
                       setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid) == 0;
  if (changed) return std::nullopt;
  return fmt::format("-Z: cannot become the user '{}': {}", name,
                     std::generic_category().message(errno));
}

}  // namespace bpfc::cli
