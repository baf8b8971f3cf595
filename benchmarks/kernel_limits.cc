#include "benchmarks/kernel_limits.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "bpfc/attach.h"

namespace bpfc::benchmarks {

std::optional<std::uint64_t> optmem_max() {
  std::ifstream file("/proc/sys/net/core/optmem_max");
  std::uint64_t value = 0;
  if (!(file >> value)) return std::nullopt;
  return value;
}

std::string attach_to_socket(const Program& program) {
  const auto verified = verify(program, Rules::kKernel);
  if (!verified) return fmt::format("not attached: {}", verified.error().message);
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return "not attached: no socket to be had";
  const auto attached = attach_filter(socket, *verified);
  close(socket);
  return fmt::format("{}: {} bytes charged", attached ? "attached" : attached.error().message,
                     filter_charge(*verified));
}

}  // namespace bpfc::benchmarks
