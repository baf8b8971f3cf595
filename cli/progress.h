// Says on standard error how far the reading of a file is, if that takes longer than a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace bpfc::cli {

class Progress {
 public:
  // Silent unless `enabled` (standard error is a terminal).
  explicit Progress(bool enabled) : enabled_(enabled) {}
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // To be called often; cheap. `size`: of the input, if it is known.
  void update(std::uint64_t packets, std::uint64_t position, std::optional<std::uint64_t> size);

 private:
  using Clock = std::chrono::steady_clock;

  bool enabled_;
  bool shown_ = false;
  std::uint64_t next_look_ = 0;  // in packets
  Clock::time_point next_ = Clock::now() + std::chrono::seconds(1);
};

}  // namespace bpfc::cli
