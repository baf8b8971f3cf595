// What the report measures: the filters of its table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bpfc/compile.h"

namespace bpfc::benchmarks {

// What libpcap's optimizer makes of it.
enum class PeerCost : std::uint8_t {
  kQuick,  // seconds at most
  kSlow,   // seconds to minutes: on request
  kNever,  // more than a quarter of an hour
};

struct ReportRow {
  std::string name;
  std::string filter;
  bool small;  // counts for the mean over the small filters
  PeerCost peer = PeerCost::kQuick;
  std::string peer_note = {};  // how long it took where it was measured
  Optimization level = Optimization::kDefault;
};

// `addresses` of the traffic it will be measured on, ascending.
std::vector<ReportRow> report_rows(const std::vector<std::uint32_t>& addresses);

// `count` scattered hosts joined by `or`, as in the rows.
std::string scattered_hosts(std::size_t count, const std::vector<std::uint32_t>& addresses);

}  // namespace bpfc::benchmarks
