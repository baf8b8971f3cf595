#include "bpfc/attach.h"

#include <fmt/format.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <optional>

#include "capture/kernel_conversion.h"
#include "capture/socket_failure.h"

namespace bpfc {
namespace {

using capture::failed_call;
using capture::failure;

static_assert(sizeof(sock_filter) == sizeof(Instruction));
static_assert(offsetof(sock_filter, code) == offsetof(Instruction, code));
static_assert(offsetof(sock_filter, jt) == offsetof(Instruction, jt));
static_assert(offsetof(sock_filter, jf) == offsetof(Instruction, jf));
static_assert(offsetof(sock_filter, k) == offsetof(Instruction, k));

constexpr const char* kMemoryLimitFile = "/proc/sys/net/core/optmem_max";

std::optional<std::size_t> memory_limit() {
  std::ifstream file(kMemoryLimitFile);
  std::size_t bytes = 0;
  if (!(file >> bytes)) return std::nullopt;
  return bytes;
}

// What is charged to the socket before the attempt: its present filter, and other options.
std::size_t memory_charged(int socket) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> usage{};
  socklen_t size = sizeof usage;
  if (getsockopt(socket, SOL_SOCKET, SO_MEMINFO, usage.data(), &size) != 0) return 0;
  return usage[SK_MEMINFO_OPTMEM];
}

bool is_locked(int socket) {
  int locked = 0;
  socklen_t size = sizeof locked;
  return getsockopt(socket, SOL_SOCKET, SO_LOCK_FILTER, &locked, &size) == 0 && locked != 0;
}

std::string instructions(const VerifiedProgram& program) {
  const std::size_t count = program.program().size();
  return fmt::format("{} instruction{}", count, count == 1 ? "" : "s");
}

Unexpected<SocketError> no_memory(int socket, const VerifiedProgram& program) {
  const std::size_t own = filter_charge(program);
  const std::size_t charged = memory_charged(socket);
  // The kernel wants the sum to be less than the limit.
  const std::size_t needed = own + charged + 1;
  const auto limit = memory_limit();
  if (limit && needed + needed / 10 < *limit) {
    return failure(SocketErrorKind::kNoMemory, ENOMEM,
                   fmt::format("the kernel has no memory for the filter of {}, though "
                               "its {} bytes are within net.core.optmem_max ({}): either memory is "
                               "short, or net.core.bpf_jit_harden makes the filter larger",
                               instructions(program), own, *limit));
  }
  const std::string beside =
      charged == 0 ? "" : fmt::format(" beside the {} that the socket holds already", charged);
  // A tenth more, since kernels differ a little.
  return failure(
      SocketErrorKind::kNoMemory, ENOMEM,
      fmt::format("the filter of {} needs about {} bytes of the socket's memory{}, and "
                  "net.core.optmem_max {}: run `sudo sysctl net.core.optmem_max={}`",
                  instructions(program), own, beside,
                  limit ? fmt::format("allows {}", *limit) : "allows fewer", needed + needed / 10));
}

Unexpected<SocketError> refused(const VerifiedProgram& program) {
  const auto far_jump = capture::kernel_conversion(program).far_jump;
  if (!far_jump) {
    return failure(SocketErrorKind::kRefused, EINVAL,
                   "the kernel refuses the filter, though it obeys every rule of classic BPF that "
                   "this program knows");
  }
  return failure(
      SocketErrorKind::kRefused, EINVAL,
      fmt::format("the kernel cannot convert the filter: in its extended form the jump at ({:03}) "
                  "and what leads to it span more than the 32768 instructions that a jump reaches",
                  *far_jump));
}

Unexpected<SocketError> forbidden(int socket, const char* call) {
  if (is_locked(socket)) {
    return failure(SocketErrorKind::kLocked, EPERM,
                   "the socket's filter is locked (SO_LOCK_FILTER) until the socket is closed: "
                   "only a new socket can have another");
  }
  return failure(
      SocketErrorKind::kNotPermitted, EPERM,
      fmt::format("{} needs no capability, but is forbidden here by seccomp or a security "
                  "module: `grep Seccomp /proc/self/status` shows whether it is seccomp",
                  call));
}

}  // namespace

std::size_t filter_charge(const VerifiedProgram& program) {
  return capture::kernel_charge(capture::kernel_conversion(program).length);
}

Expected<void, SocketError> attach_filter(int socket, const VerifiedProgram& program) {
  if (program.rules() != Rules::kKernel) {
    return failure(SocketErrorKind::kNotKernelRules, 0,
                   "the filter was verified by libpcap's rules, under which it can mean something "
                   "else than in the kernel");
  }
  sock_fprog description{};
  // verify() has seen to it that the length fits.
  description.len = static_cast<unsigned short>(program.program().size());
  // The kernel only reads it.
  description.filter =
      reinterpret_cast<sock_filter*>(const_cast<Instruction*>(program.program().data()));
  if (setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &description, sizeof description) == 0) {
    return {};
  }
  switch (const int error = errno) {
    case ENOMEM:
      return no_memory(socket, program);
    case EINVAL:
      return refused(program);
    case EPERM:
      return forbidden(socket, "SO_ATTACH_FILTER");
    default:
      return failed_call("attach a filter", error);
  }
}

Expected<void, SocketError> lock_filter(int socket) {
  const int on = 1;
  if (setsockopt(socket, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof on) == 0) return {};
  const int error = errno;
  if (error == EPERM) return forbidden(socket, "SO_LOCK_FILTER");
  return failed_call("lock the filter", error);
}

Expected<void, SocketError> detach_filter(int socket) {
  const int unused = 0;
  if (setsockopt(socket, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) == 0) return {};
  const int error = errno;
  if (error == EPERM) return forbidden(socket, "SO_DETACH_FILTER");
  if (error == ENOENT) {
    return failure(SocketErrorKind::kNoFilter, error, "the socket has no filter to detach");
  }
  return failed_call("detach the filter", error);
}

Expected<Program, SocketError> attached_filter(int socket) {
  // Whatever the kernel may hold: asking for the length first would race with a replacement. This
  // option counts in instructions.
  Program program(kKernelMaxInstructions);
  auto length = static_cast<socklen_t>(program.size());
  if (getsockopt(socket, SOL_SOCKET, SO_GET_FILTER, program.data(), &length) != 0) {
    const int error = errno;
    if (error == EACCES) {
      return failure(SocketErrorKind::kNotClassic, error,
                     "the socket's filter is an extended one, which cannot be read back");
    }
    if (error == EPERM) return forbidden(socket, "SO_GET_FILTER");
    return failed_call("read the filter back", error);
  }
  program.resize(length);
  return program;
}

}  // namespace bpfc
