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
  // What has been appended ends with a whole record. A file that cannot take all of what follows is
  // cut off here. `is_packet`: counts for packets().
  void end_record(bool is_packet);
  Expected<void, CaptureError> flush();
  // flush(), then closes an owned descriptor whether that succeeded or not.
  Expected<void, CaptureError> finish();
  // Bytes that the system has taken.
  std::uint64_t offset() const { return offset_; }
  // Those and the ones that are gathered.
  std::uint64_t size() const { return offset_ + gathered_.size(); }
  // Whole packets that the system has taken.
  std::uint64_t packets() const { return packets_; }

 private:
  Expected<void, CaptureError> write_out(std::span<const std::uint8_t> bytes);
  void cut_to_last_record();
  void settle_records();

  FileDescriptor file_;
  std::vector<std::uint8_t> gathered_;
  std::uint64_t offset_ = 0;
  struct RecordEnd {
    std::uint64_t offset;
    bool is_packet;
  };
  std::uint64_t packets_ = 0;
  std::uint64_t last_record_ = 0;       // where the last one ends that the system has taken
  std::vector<RecordEnd> record_ends_;  // of those that are gathered
  std::optional<CaptureError> error_;
};

}  // namespace bpfc::capture
