#include "benchmarks/engine_results.h"

#include <algorithm>

namespace bpfc::benchmarks {

void EngineResults::put(const Series& series, std::size_t filter, const measure::Timing& timing) {
  timings_[series.key()][filter] = timing;
}

std::optional<measure::Timing> EngineResults::find(const Series& series, std::size_t filter) const {
  const auto column = timings_.find(series.key());
  if (column == timings_.end()) return std::nullopt;
  const auto cell = column->second.find(filter);
  if (cell == column->second.end()) return std::nullopt;
  return cell->second;
}

std::optional<double> EngineResults::nanoseconds(const Series& series,
                                                 const std::string& filter) const {
  const auto row = std::find_if(filters_.begin(), filters_.end(),
                                [&](const EngineFilter& one) { return one.name == filter; });
  if (row == filters_.end()) return std::nullopt;
  const auto timing = find(series, static_cast<std::size_t>(row - filters_.begin()));
  if (!timing) return std::nullopt;
  return timing->nanoseconds;
}

std::optional<double> EngineResults::ratio(const Series& above, const Series& below,
                                           const std::string& filter) const {
  const auto numerator = nanoseconds(above, filter);
  const auto denominator = nanoseconds(below, filter);
  if (!numerator || !denominator) return std::nullopt;
  return *numerator / *denominator;
}

std::optional<double> EngineResults::mean_ratio(const Series& above, const Series& below) const {
  std::vector<double> ratios;
  for (const EngineFilter& filter : filters_) {
    if (!filter.small) continue;
    const auto one = ratio(above, below, filter.name);
    if (one) ratios.push_back(*one);
  }
  if (ratios.empty()) return std::nullopt;
  return measure::geometric_mean(ratios);
}

}  // namespace bpfc::benchmarks
