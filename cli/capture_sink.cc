#include "cli/capture_sink.h"

#include "cli/packet_summary.h"

namespace bpfc::cli {

bool CaptureSink::fail(const std::optional<std::string>& error) {
  if (!error) return false;
  if (!failed_) terminal_.error(*error);
  failed_ = true;
  return true;
}

bool CaptureSink::take(std::span<const CapturedPacket> packets) {
  const std::lock_guard lock(mutex_);
  for (const CapturedPacket& packet : packets) {
    if (full_ || failed_ || !take(packet)) return false;
  }
  return !full_ && !failed_;
}

bool CaptureSink::take(const CapturedPacket& packet) {
  if (files_) {
    if (fail(files_->write(packet))) return false;
    full_ = files_->is_complete();
    if (full_) return false;
  }
  ++taken_;
  gathered_ = true;
  if (options_.lines) {
    terminal_.print(packet_line(taken_, packet));
    if (terminal_.broken()) {
      // finish() says why.
      failed_ = true;
      return false;
    }
  }
  full_ = options_.limit && taken_ >= *options_.limit;
  return true;
}

bool CaptureSink::flush() {
  const std::lock_guard lock(mutex_);
  if (!gathered_) return !failed_;
  gathered_ = false;
  if (options_.lines && !terminal_.finish()) failed_ = true;
  if (files_ && !failed_) fail(files_->flush());
  return !failed_;
}

bool CaptureSink::finish() {
  if (files_) {
    const auto error = files_->finish();
    // A failure to write has been said by whoever met it.
    if (!failed_) fail(error);
  }
  if (options_.lines && !terminal_.finish()) failed_ = true;
  return !failed_;
}

std::uint64_t CaptureSink::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_ - unwritten();
}

std::uint64_t CaptureSink::lost() const {
  const std::lock_guard lock(mutex_);
  return unwritten();
}

std::uint64_t CaptureSink::unwritten() const {
  return failed_ && files_ ? taken_ - files_->written() : 0;
}

bool CaptureSink::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

}  // namespace bpfc::cli
