#include "measure/interleaved.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace bpfc::measure {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Of this thread on a processor: while others have it time stands still.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

class Lane {
 public:
  Lane(const Contender& contender, std::span<const PacketView> packets, double shortest)
      : contender_(contender), packets_(packets) {
    sum_ = contender.run(packets);
    const double one = std::max(pass(1), 1e-9);
    passes_ = static_cast<std::size_t>(std::max(1.0, std::ceil(shortest / one)));
  }

  void repeat() {
    if (passes_ > 1) (void)pass(1);
    taken_.push_back(pass(passes_) / static_cast<double>(passes_));
  }

  // Whether every pass came to this sum.
  bool comes_to(std::uint64_t sum) const { return sum == sum_ && !wrong_; }
  std::uint64_t sum() const { return sum_; }

  Timing timing() const {
    const double middle = quantile(taken_, 0.5);
    return {middle * 1e9 / static_cast<double>(packets_.size()),
            (quantile(taken_, 0.75) - quantile(taken_, 0.25)) / middle};
  }

 private:
  double pass(std::size_t count) {
    const double start = processor_seconds();
    for (std::size_t i = 0; i < count; ++i) wrong_ |= contender_.run(packets_) != sum_;
    return processor_seconds() - start;
  }

  const Contender& contender_;
  std::span<const PacketView> packets_;
  std::uint64_t sum_ = 0;
  std::size_t passes_ = 1;
  bool wrong_ = false;
  std::vector<double> taken_;
};

}  // namespace

double quantile(std::vector<double> values, double part) {
  std::sort(values.begin(), values.end());
  const double place = part * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (place - static_cast<double>(below));
}

double geometric_mean(std::span<const double> values) {
  double logarithms = 0;
  for (const double value : values) logarithms += std::log(value);
  return std::exp(logarithms / static_cast<double>(values.size()));
}

Measurement measure(std::span<const Contender> contenders, std::span<const PacketView> packets,
                    const MeasureOptions& options) {
  const auto start = Clock::now();
  std::vector<Lane> lanes;
  lanes.reserve(contenders.size());
  for (const Contender& contender : contenders) {
    lanes.emplace_back(contender, packets, options.shortest_repetition);
  }
  constexpr std::size_t kFewest = 3;
  for (std::size_t round = 0; round < options.repetitions; ++round) {
    if (round >= kFewest && seconds_since(start) > options.seconds) break;
    for (Lane& lane : lanes) lane.repeat();
  }
  Measurement result;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    result.timings.push_back(lanes[i].timing());
    if (!result.disagrees && !lanes[i].comes_to(lanes[0].sum())) result.disagrees = i;
  }
  return result;
}

}  // namespace bpfc::measure
