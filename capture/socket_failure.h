// Short ways to make a SocketError.
#pragma once

#include <string>

#include "bpfc/expected.h"
#include "bpfc/socket_error.h"

namespace bpfc::capture {

Unexpected<SocketError> failure(SocketErrorKind kind, int system_error, std::string message);
// "cannot WHAT: " and the system's words for `system_error`; of kind kSystem.
Unexpected<SocketError> failed_call(const char* what, int system_error);

}  // namespace bpfc::capture
