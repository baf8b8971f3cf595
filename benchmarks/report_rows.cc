#include "benchmarks/report_rows.h"

#include <array>

#include "tests/traffic/filter_lists.h"

namespace bpfc::benchmarks {
namespace {

using traffic::Spread;

constexpr std::array kSmallFilters = {
    "tcp port 80",
    "port 80 or port 443 or port 8080",
    "portrange 8000-9000",
    "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
    "net 10.0.0.0/8 and not net 10.1.0.0/16",
};

struct ManyTerms {
  const char* name;
  const char* qualifier;  // none: hosts
  std::size_t count;
  Spread spread;
  PeerCost peer;
  const char* peer_note;
  Optimization level = Optimization::kDefault;
};

constexpr std::array kManyTerms = {
    ManyTerms{"20 hosts", nullptr, 20, Spread::kScattered, PeerCost::kQuick, ""},
    ManyTerms{"500 hosts", nullptr, 500, Spread::kScattered, PeerCost::kSlow, "8 s"},
    ManyTerms{"1000 hosts", nullptr, 1000, Spread::kScattered, PeerCost::kSlow, "minutes"},
    ManyTerms{"1700 hosts", nullptr, 1700, Spread::kScattered, PeerCost::kNever, "an hour"},
    ManyTerms{"1700 hosts, for size", nullptr, 1700, Spread::kScattered, PeerCost::kNever,
              "an hour", Optimization::kSize},
    ManyTerms{"500 ports", "port", 500, Spread::kScattered, PeerCost::kSlow, "24 s"},
    ManyTerms{"1000 tcp dst ports", "tcp dst port", 1000, Spread::kScattered, PeerCost::kSlow,
              "5 s"},
    ManyTerms{"20 consecutive hosts", nullptr, 20, Spread::kConsecutive, PeerCost::kQuick, ""},
    ManyTerms{"500 consecutive hosts", nullptr, 500, Spread::kConsecutive, PeerCost::kSlow, "8 s"},
    ManyTerms{"1000 consecutive hosts", nullptr, 1000, Spread::kConsecutive, PeerCost::kSlow,
              "minutes"},
    ManyTerms{"500 consecutive ports", "port", 500, Spread::kConsecutive, PeerCost::kSlow, "24 s"},
    ManyTerms{"1000 consecutive tcp dst ports", "tcp dst port", 1000, Spread::kConsecutive,
              PeerCost::kSlow, "5 s"},
};

}  // namespace

std::string scattered_hosts(std::size_t count, const std::vector<std::uint32_t>& addresses) {
  return traffic::hosts_joined(traffic::host_list(count, Spread::kScattered, addresses));
}

std::vector<ReportRow> report_rows(const std::vector<std::uint32_t>& addresses) {
  std::vector<ReportRow> rows;
  for (const char* filter : kSmallFilters) rows.push_back({filter, filter, true});
  for (const ManyTerms& many : kManyTerms) {
    std::string filter =
        many.qualifier == nullptr
            ? traffic::hosts_joined(traffic::host_list(many.count, many.spread, addresses))
            : traffic::ports_joined(many.qualifier, traffic::port_list(many.count, many.spread));
    rows.push_back({many.name, std::move(filter), false, many.peer, many.peer_note, many.level});
  }
  return rows;
}

}  // namespace bpfc::benchmarks
