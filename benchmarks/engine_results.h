// What was measured of the engines, and what was to be reached.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "benchmarks/engine_filters.h"
#include "measure/interleaved.h"

namespace bpfc::benchmarks {

// Whose program runs.
enum class Author : std::uint8_t { kLibpcap, kBpfc };

enum class Traffic : std::uint8_t { kInCache, kMedium, kLarge, kShuffled };

struct TrafficSize {
  Traffic traffic;
  std::size_t packets;
  const char* name;
};
inline constexpr TrafficSize kTrafficSizes[] = {
    {Traffic::kInCache, 1'000, "1,000 packets, in cache"},
    {Traffic::kMedium, 20'000, "20,000 packets"},
    {Traffic::kLarge, 250'000, "250,000 packets, in order"},
    {Traffic::kShuffled, 250'000, "250,000 packets, shuffled"},
};

// One column of the tables, on one kind of traffic.
struct Series {
  const char* contender;
  Author author;
  Traffic traffic;

  auto key() const { return std::tuple(std::string(contender), author, traffic); }
};

class EngineResults {
 public:
  explicit EngineResults(std::vector<EngineFilter> filters) : filters_(std::move(filters)) {}

  void put(const Series& series, std::size_t filter, const measure::Timing& timing);
  const std::vector<EngineFilter>& filters() const { return filters_; }

  // None: not measured.
  std::optional<measure::Timing> find(const Series& series, std::size_t filter) const;
  std::optional<double> nanoseconds(const Series& series, const std::string& filter) const;
  std::optional<double> ratio(const Series& above, const Series& below,
                              const std::string& filter) const;
  // The geometric mean over the small filters.
  std::optional<double> mean_ratio(const Series& above, const Series& below) const;

 private:
  using Key = std::tuple<std::string, Author, Traffic>;

  std::vector<EngineFilter> filters_;
  std::map<Key, std::map<std::size_t, measure::Timing>> timings_;
};

// The goals, each beside what was reached, and which are met; a line each.
std::string goals_table(const EngineResults& results);

}  // namespace bpfc::benchmarks
