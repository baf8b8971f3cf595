// Short ways to make the errors of this library.
#pragma once

#include <cstdint>
#include <string>

#include "bpfc/capture_types.h"
#include "bpfc/expected.h"

namespace bpfc::capture {

Unexpected<CaptureError> damaged(std::uint64_t offset, std::string message);
Unexpected<CaptureError> unsupported(std::uint64_t offset, std::string message);
Unexpected<CaptureError> unrepresentable(std::uint64_t offset, std::string message);
// "cannot WHAT: " and the system's words for `system_error`.
Unexpected<CaptureError> system_failure(std::uint64_t offset, const char* what, int system_error);

}  // namespace bpfc::capture
