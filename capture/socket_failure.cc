#include "capture/socket_failure.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace bpfc::capture {

Unexpected<SocketError> failure(SocketErrorKind kind, int system_error, std::string message) {
  return Unexpected<SocketError>({kind, system_error, std::move(message)});
}

Unexpected<SocketError> failed_call(const char* what, int system_error) {
  return failure(SocketErrorKind::kSystem, system_error,
                 fmt::format("cannot {}: {}", what, std::generic_category().message(system_error)));
}

}  // namespace bpfc::capture
