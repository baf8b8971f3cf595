// Takes the time of the compiler's stages, where somebody wants to know.
#pragma once

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "bpfc/compile.h"

namespace bpfc {

class StageClock {
 public:
  // Looks at no clock unless `runs`.
  explicit StageClock(bool runs) : runs_(runs) {
    if (runs_) begin_ = Clock::now();
  }

  // What was done since the last call, or since the start, is called `stage`, which must be a
  // constant.
  void ended(std::string_view stage) {
    if (!runs_) return;
    const Clock::time_point now = Clock::now();
    times_.push_back({stage, std::chrono::duration_cast<std::chrono::nanoseconds>(now - begin_)});
    begin_ = now;
  }

  std::vector<StageTime> take() { return std::move(times_); }

 private:
  using Clock = std::chrono::steady_clock;

  bool runs_;
  Clock::time_point begin_;
  std::vector<StageTime> times_;
};

}  // namespace bpfc
