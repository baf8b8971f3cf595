#include "cli/stage_times.h"

#include <fmt/format.h>

#include <algorithm>

namespace bpfc::cli {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kLongEnough = std::chrono::milliseconds(50);
constexpr std::size_t kMostRuns = 501;

}  // namespace

std::vector<StageTime> measure_stages(std::string_view expression, CompileOptions options) {
  options.time_stages = true;
  std::vector<StageTime> stages;
  std::vector<std::vector<nanoseconds>> taken;
  nanoseconds total{0};
  for (std::size_t run = 0; run == 0 || (run < kMostRuns && total < kLongEnough); ++run) {
    const auto compilation = compile(expression, options);
    if (!compilation) return {};
    stages = compilation->times;
    taken.resize(stages.size());
    for (std::size_t i = 0; i < stages.size(); ++i) {
      taken[i].push_back(stages[i].taken);
      total += stages[i].taken;
    }
  }
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const auto middle = taken[i].begin() + static_cast<std::ptrdiff_t>(taken[i].size() / 2);
    std::nth_element(taken[i].begin(), middle, taken[i].end());
    stages[i].taken = *middle;
  }
  return stages;
}

std::string stage_table(const std::vector<StageTime>& times) {
  nanoseconds total{0};
  for (const StageTime& time : times) total += time.taken;
  const auto line = [&](nanoseconds taken, std::string_view name) {
    const double share = total.count() == 0 ? 0
                                            : 100.0 * static_cast<double>(taken.count()) /
                                                  static_cast<double>(total.count());
    return fmt::format("{:>12.1f} us {:>6.1f}%  {}\n", static_cast<double>(taken.count()) / 1000,
                       share, name);
  };
  std::string text;
  for (const StageTime& time : times) text += line(time.taken, time.stage);
  return text + line(total, "total");
}

}  // namespace bpfc::cli
