// Times contenders by turns, so that what else the machine does meets them alike; in time of the
// processor, so that waiting for it does not count.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "measure/contender.h"

namespace bpfc::measure {

struct Timing {
  double nanoseconds = 0;  // a packet: the median of the repetitions
  double spread = 0;       // from the first quartile to the third, as part of the median
};

struct MeasureOptions {
  std::size_t repetitions = 21;  // of each contender
  double seconds = 5;            // no further round is begun then; three are made in any case
  // A repetition passes over the packets as often as it takes to last so long, after one pass that
  // is not timed where it takes more than one.
  double shortest_repetition = 200e-6;
};

struct Measurement {
  std::vector<Timing> timings;  // of each contender
  // The first contender whose sum of verdicts was not always that of contender 0.
  std::optional<std::size_t> disagrees;
};

// `packets` is not empty.
Measurement measure(std::span<const Contender> contenders, std::span<const PacketView> packets,
                    const MeasureOptions& options = {});

// Of a copy; `values` is not empty. Between neighbours where no value stands at that place.
double quantile(std::vector<double> values, double part);
double geometric_mean(std::span<const double> values);

}  // namespace bpfc::measure
