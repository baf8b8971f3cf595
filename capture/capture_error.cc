#include "capture/capture_error.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace bpfc {

std::string render(const CaptureError& error, std::string_view file_name) {
  const bool has_place = error.kind == CaptureErrorKind::kDamaged || error.offset > 0;
  return has_place ? fmt::format("{}: {} (at byte {})", file_name, error.message, error.offset)
                   : fmt::format("{}: {}", file_name, error.message);
}

namespace capture {

Unexpected<CaptureError> damaged(std::uint64_t offset, std::string message) {
  return Unexpected<CaptureError>({CaptureErrorKind::kDamaged, offset, 0, std::move(message)});
}

Unexpected<CaptureError> unsupported(std::uint64_t offset, std::string message) {
  return Unexpected<CaptureError>({CaptureErrorKind::kUnsupported, offset, 0, std::move(message)});
}

Unexpected<CaptureError> unrepresentable(std::uint64_t offset, std::string message) {
  return Unexpected<CaptureError>(
      {CaptureErrorKind::kUnrepresentable, offset, 0, std::move(message)});
}

Unexpected<CaptureError> system_failure(std::uint64_t offset, const char* what, int system_error) {
  return Unexpected<CaptureError>(
      {CaptureErrorKind::kSystem, offset, system_error,
       fmt::format("cannot {}: {}", what, std::generic_category().message(system_error))});
}

}  // namespace capture
}  // namespace bpfc
