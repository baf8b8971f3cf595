// Where the packets of a capture go: files, lines, or a count.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>

#include "bpfc/capture_types.h"
#include "cli/capture_files.h"
#include "cli/terminal.h"

namespace bpfc::cli {

struct SinkOptions {
  std::optional<std::uint64_t> limit;  // stop after so many
  bool lines = false;                  // print one for each packet
};

// Thread-safe, but for finish().
class CaptureSink {
 public:
  // `files`: none, where nothing is written.
  CaptureSink(SinkOptions options, std::optional<CaptureFiles> files, Terminal& terminal)
      : options_(options), files_(std::move(files)), terminal_(terminal) {}

  // False: no more are wanted, since the limit is reached or something has failed, which has been
  // said.
  bool take(std::span<const CapturedPacket> packets);
  // Hands on what is gathered, since nothing more may come for a while. False: that failed.
  bool flush();
  // False: the output is not complete.
  bool finish();

  // Packets that have been delivered, or are gathered to be.
  std::uint64_t taken() const;
  // Of a sink that failed: those that were taken and could not be written.
  std::uint64_t lost() const;
  bool failed() const;

 private:
  bool take(const CapturedPacket& packet);
  std::uint64_t unwritten() const;
  bool fail(const std::optional<std::string>& error);

  SinkOptions options_;
  mutable std::mutex mutex_;
  std::optional<CaptureFiles> files_;
  Terminal& terminal_;
  std::uint64_t taken_ = 0;
  bool full_ = false;
  bool failed_ = false;
  bool gathered_ = false;  // since the last flush
};

}  // namespace bpfc::cli
