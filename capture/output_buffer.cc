#include "capture/output_buffer.h"

#include "capture/capture_error.h"

namespace bpfc::capture {
namespace {

constexpr std::size_t kCapacity = std::size_t{256} << 10U;

}  // namespace

OutputBuffer::OutputBuffer(int descriptor, DescriptorOwnership ownership)
    : file_(descriptor, ownership) {
  gathered_.reserve(kCapacity);
}

Expected<void, CaptureError> OutputBuffer::write_out(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto count = file_.write(bytes.data(), bytes.size());
    if (!count) {
      auto failure = system_failure(offset_, "write", count.error());
      error_ = failure.value();
      cut_to_last_record();
      return failure;
    }
    offset_ += *count;
    bytes = bytes.subspan(*count);
  }
  return {};
}

void OutputBuffer::end_record(bool is_packet) { record_ends_.push_back({size(), is_packet}); }

// Counts those that the system has taken, and forgets all.
void OutputBuffer::settle_records() {
  for (const RecordEnd& record : record_ends_) {
    if (record.offset > offset_) break;
    last_record_ = record.offset;
    packets_ += record.is_packet ? 1 : 0;
  }
  record_ends_.clear();
}

// A reader would take the part of a record for damage.
void OutputBuffer::cut_to_last_record() {
  settle_records();
  file_.drop_end(offset_ - last_record_);
}

Expected<void, CaptureError> OutputBuffer::append(std::span<const std::uint8_t> bytes) {
  if (error_) return Unexpected<CaptureError>(*error_);
  if (gathered_.size() + bytes.size() > kCapacity) {
    if (auto flushed = flush(); !flushed) return flushed;
    if (bytes.size() > kCapacity) return write_out(bytes);
  }
  gathered_.insert(gathered_.end(), bytes.begin(), bytes.end());
  return {};
}

Expected<void, CaptureError> OutputBuffer::flush() {
  if (error_) return Unexpected<CaptureError>(*error_);
  auto written = write_out(gathered_);
  gathered_.clear();
  settle_records();
  return written;
}

Expected<void, CaptureError> OutputBuffer::finish() {
  auto flushed = flush();
  const int close_error = file_.close();
  if (flushed && close_error != 0) {
    auto failure = system_failure(offset_, "close", close_error);
    error_ = failure.value();
    return failure;
  }
  return flushed;
}

}  // namespace bpfc::capture
