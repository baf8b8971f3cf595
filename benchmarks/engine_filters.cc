#include "benchmarks/engine_filters.h"

#include "benchmarks/report_rows.h"

namespace bpfc::benchmarks {

std::vector<EngineFilter> engine_filters(const std::vector<std::uint32_t>& addresses) {
  return {
      {"ip", "ip"},
      {"tcp port 80", "tcp port 80"},
      {"syn or fin, not inside",
       "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src and dst net 192.168.0.0/16"},
      {kTwentyHosts, scattered_hosts(20, addresses)},
      {"portrange 8000-9000", "portrange 8000-9000"},
      {"ip6 and tcp port 443", "ip6 and tcp port 443"},
      {"HTTP payload",
       "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)"},
      {"vlan and udp port 53", "vlan and ip and udp port 53"},
      {kManyHosts, scattered_hosts(500, addresses), false},
  };
}

}  // namespace bpfc::benchmarks
