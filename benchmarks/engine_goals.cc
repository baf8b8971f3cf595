// The goals, a row each: what is divided by what, and what is wanted of it.
#include <fmt/format.h>

#include "benchmarks/engine_results.h"

namespace bpfc::benchmarks {
namespace {

enum class Wanted : std::uint8_t { kAtMost, kAtLeast };

struct Goal {
  const char* what;
  Series above;
  std::optional<Series> below;  // none: nanoseconds a packet
  const char* filter;           // null: the geometric mean over the small ones
  Wanted wanted;
  double bound;
};

constexpr Author kTheirs = Author::kLibpcap;
constexpr Author kOurs = Author::kBpfc;
constexpr Traffic kCache = Traffic::kInCache;
constexpr Traffic kMedium = Traffic::kMedium;

constexpr Series peer(Author author, Traffic traffic) { return {"bpf_filter", author, traffic}; }
constexpr Series gcc(Author author, Traffic traffic) { return {"gcc", author, traffic}; }
constexpr Series interpreter(Author author, Traffic traffic) {
  return {"interpreter", author, traffic};
}
constexpr Series jit(Author author, Traffic traffic) { return {"jit", author, traffic}; }
constexpr Series batch(Author author, Traffic traffic) { return {"jit batch", author, traffic}; }

const Goal kGoals[] = {
    {"interpreter, times as fast as bpf_filter, libpcap's programs, in cache",
     peer(kTheirs, kCache), interpreter(kTheirs, kCache), nullptr, Wanted::kAtLeast, 2},
    {"  the same over 20,000 packets", peer(kTheirs, kMedium), interpreter(kTheirs, kMedium),
     nullptr, Wanted::kAtLeast, 1.6},
    {"  the same, 20 hosts, in cache", peer(kTheirs, kCache), interpreter(kTheirs, kCache),
     kTwentyHosts, Wanted::kAtLeast, 3},
    {"  500 hosts, our program, by bpf_filter on libpcap's", peer(kTheirs, kCache),
     interpreter(kOurs, kCache), kManyHosts, Wanted::kAtLeast, 30},
    {"JIT, part of gcc's time, libpcap's programs, in cache", jit(kTheirs, kCache),
     gcc(kTheirs, kCache), nullptr, Wanted::kAtMost, 1.0},
    {"  our programs, in cache", jit(kOurs, kCache), gcc(kOurs, kCache), nullptr, Wanted::kAtMost,
     0.8},
    {"  libpcap's programs, 20,000 packets", jit(kTheirs, kMedium), gcc(kTheirs, kMedium), nullptr,
     Wanted::kAtMost, 0.8},
    {"  our programs, 20,000 packets", jit(kOurs, kMedium), gcc(kOurs, kMedium), nullptr,
     Wanted::kAtMost, 0.8},
    {"JIT on ours, times as fast as bpf_filter on libpcap's, in cache", peer(kTheirs, kCache),
     jit(kOurs, kCache), nullptr, Wanted::kAtLeast, 5},
    {"JIT, 500 hosts, ns, in cache", jit(kOurs, kCache), {}, kManyHosts, Wanted::kAtMost, 10},
    {"  over 20,000 packets", jit(kOurs, kMedium), {}, kManyHosts, Wanted::kAtMost, 12},
    {"batch, part of gcc's time, libpcap's programs, 20,000", batch(kTheirs, kMedium),
     gcc(kTheirs, kMedium), nullptr, Wanted::kAtMost, 0.55},
    {"  our programs, 20,000", batch(kOurs, kMedium), gcc(kOurs, kMedium), nullptr, Wanted::kAtMost,
     0.55},
    {"  libpcap's programs, 250,000 in order", batch(kTheirs, Traffic::kLarge),
     gcc(kTheirs, Traffic::kLarge), nullptr, Wanted::kAtMost, 0.5},
    {"  our programs, 250,000 in order", batch(kOurs, Traffic::kLarge), gcc(kOurs, Traffic::kLarge),
     nullptr, Wanted::kAtMost, 0.5},
    {"  libpcap's programs, 250,000 shuffled", batch(kTheirs, Traffic::kShuffled),
     gcc(kTheirs, Traffic::kShuffled), nullptr, Wanted::kAtMost, 0.35},
    {"  our programs, 250,000 shuffled", batch(kOurs, Traffic::kShuffled),
     gcc(kOurs, Traffic::kShuffled), nullptr, Wanted::kAtMost, 0.35},
};

std::optional<double> reached(const Goal& goal, const EngineResults& results) {
  if (!goal.below) return results.nanoseconds(goal.above, goal.filter);
  if (goal.filter != nullptr) return results.ratio(goal.above, *goal.below, goal.filter);
  return results.mean_ratio(goal.above, *goal.below);
}

}  // namespace

std::string goals_table(const EngineResults& results) {
  std::string text = fmt::format("{:72} {:>8} {:>8}\n", "Goals", "wanted", "reached");
  for (const Goal& goal : kGoals) {
    const auto value = reached(goal, results);
    const bool at_most = goal.wanted == Wanted::kAtMost;
    text += fmt::format("{:72} {:>8}", goal.what,
                        fmt::format("{} {:.4g}", at_most ? "<=" : ">=", goal.bound));
    if (!value) {
      text += "  not measured\n";
      continue;
    }
    const bool met = at_most ? *value <= goal.bound : *value >= goal.bound;
    text += fmt::format(" {:8.2f}  {}\n", *value, met ? "met" : "missed");
  }
  return text;
}

}  // namespace bpfc::benchmarks
