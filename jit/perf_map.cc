#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bpfc/perf.h"

namespace bpfc {

Expected<void, std::string> add_to_perf_map(const Jit& jit, std::string_view name) {
  const std::string path = fmt::format("/tmp/perf-{}.map", ::getpid());
  const auto failure = [&path] {
    return tl::unexpected(
        fmt::format("{}: {}", path, std::strerror(errno)));  // NOLINT(concurrency-mt-unsafe)
  };
  const std::span<const std::uint8_t> code = jit.code();
  std::string line = fmt::format("{:x} {:x} bpfc:{}\n",
                                 reinterpret_cast<std::uintptr_t>(code.data()), code.size(), name);
  std::replace(line.begin(), line.end() - 1, '\n', ' ');
  // Nobody else's file is followed or written: /tmp is for everyone.
  const int file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file == -1) return failure();
  // One call, so that lines of threads do not mix.
  const ssize_t written = ::write(file, line.data(), line.size());
  const bool done = written == static_cast<ssize_t>(line.size());
  const auto result = done ? Expected<void, std::string>() : failure();
  ::close(file);
  return result;
}

}  // namespace bpfc
