// Output gathered into large writes, remembering the first failure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bpfc/capture_types.h"
#include "bpfc/expected.h"
#include "capture/file_descriptor.h"

namespace bpfc::capture {

class OutputBuffer {
 public:
  OutputBuffer(int descriptor, DescriptorOwnership ownership);

  Expected<void, CaptureError> append(std::span<const std::uint8_t> bytes);
  Expected<void, CaptureError> flush();
  // flush(), then closes an owned descriptor whether that succeeded or not.
  Expected<void, CaptureError> finish();
  // Bytes that the system has taken.
  std::uint64_t offset() const { return offset_; }

 private:
  Expected<void, CaptureError> write_out(std::span<const std::uint8_t> bytes);

  FileDescriptor file_;
  std::vector<std::uint8_t> gathered_;
  std::uint64_t offset_ = 0;
  std::optional<CaptureError> error_;
};

}  // namespace bpfc::capture
