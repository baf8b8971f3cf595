// The files that a capture is written to: one, or one after the other.
#pragma once

#include <ctime>
#include <optional>
#include <string>

#include "bpfc/capture_writer.h"

namespace bpfc::cli {

// As tcpdump has them.
struct CaptureFileOptions {
  std::string path;  // - is standard output; with `seconds` a format for strftime(3)
  std::optional<std::uint64_t> bytes;    // -C: when a file is longer, the next one is begun
  std::optional<std::uint64_t> seconds;  // -G: the same, when it is older
  std::optional<std::uint64_t> files;  // -W: with `bytes` after so many the first is written over;
                                       // with `seconds` alone so many are written
  bool flush_each_packet = false;      // -U
};

// To be used by one thread at a time. Errors are messages with the file's name.
class CaptureFiles {
 public:
  // Creates the first file, or empties it.
  static Expected<CaptureFiles, std::string> open(CaptureFileOptions options,
                                                  const CaptureInterface& interface);

  // What went wrong, or nothing.
  std::optional<std::string> write(const CapturedPacket& packet);
  // Whether -W has had its files: there is nothing to write to any more.
  bool is_complete() const { return complete_; }
  // Hands to the system what is gathered.
  std::optional<std::string> flush();
  // Packets that the system has taken, all files together.
  std::uint64_t written() const;
  // The same; no write() after it.
  std::optional<std::string> finish();

 private:
  CaptureFiles(CaptureFileOptions options, const CaptureInterface& interface)
      : options_(std::move(options)), interface_(interface) {}

  std::optional<std::string> open_next();
  std::optional<std::string> rotate();
  std::string next_name() const;

  CaptureFileOptions options_;
  CaptureInterface interface_;
  std::optional<CaptureWriter> writer_;
  std::string name_;
  std::time_t period_ = 0;     // when -G's present one began
  std::uint64_t written_ = 0;  // to the files before this one
  std::uint64_t by_size_ = 0;  // files that -C has begun since -G's last
  std::uint64_t by_time_ = 0;  // files that -G has begun
  bool complete_ = false;
};

}  // namespace bpfc::cli
