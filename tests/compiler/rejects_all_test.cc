// What matches nothing: refused where libpcap refuses it, warned of where only we see it.
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <algorithm>

#include "bpfc/compile.h"

namespace bpfc {
namespace {

enum class Outcome { kRefused, kWarned, kCompiles };

Outcome outcome(const char* link_type, const char* text, bool optimize = true) {
  CompileOptions options;
  options.link_type = find_link_type(link_type);
  options.optimize = optimize;
  const auto compiled = compile(text, options);
  if (!compiled) {
    EXPECT_EQ(compiled.error().code, DiagnosticCode::kRejectsAll)
        << text << ": " << compiled.error().message;
    return Outcome::kRefused;
  }
  const bool warned =
      std::any_of(compiled->warnings.begin(), compiled->warnings.end(),
                  [](const Diagnostic& w) { return w.code == DiagnosticCode::kWarnRejectsAll; });
  return warned ? Outcome::kWarned : Outcome::kCompiles;
}

bool libpcap_accepts(const char* link_type, const char* text, bool optimize) {
  pcap_t* handle = pcap_open_dead(find_link_type(link_type)->number, 262144);
  bpf_program program{};
  const bool accepted =
      pcap_compile(handle, &program, text, optimize ? 1 : 0, PCAP_NETMASK_UNKNOWN) == 0;
  if (accepted) pcap_freecode(&program);
  pcap_close(handle);
  return accepted;
}

struct Case {
  const char* link_type;
  const char* text;
  Outcome outcome;
};

constexpr Case kCases[] = {
    {"EN10MB", "tcp and udp", Outcome::kRefused},
    {"EN10MB", "ip and arp", Outcome::kRefused},
    {"EN10MB", "ip and ip6", Outcome::kRefused},
    {"EN10MB", "ip and not ip", Outcome::kRefused},
    {"EN10MB", "not (ip or not ip)", Outcome::kRefused},
    {"EN10MB", "1 = 2", Outcome::kRefused},
    {"EN10MB", "len = 5 and len = 6", Outcome::kRefused},
    {"EN10MB", "ip proto 6 and ip proto 17", Outcome::kRefused},
    {"EN10MB", "src host 1.2.3.4 and src host 5.6.7.8", Outcome::kRefused},
    {"EN10MB", "icmp and tcp port 80", Outcome::kRefused},
    {"IPV4", "ip6", Outcome::kRefused},
    {"IPV6", "ip", Outcome::kRefused},
    {"IPV4", "arp", Outcome::kRefused},
    {"RAW", "ip and ip6", Outcome::kRefused},
    {"RAW", "arp", Outcome::kRefused},
    {"NULL", "arp", Outcome::kRefused},
    {"EN10MB", "port 80 and icmp", Outcome::kWarned},
    {"EN10MB", "len < 0", Outcome::kWarned},
    {"EN10MB", "ip[0] = 256", Outcome::kWarned},
    {"EN10MB", "ip[0] > 255", Outcome::kWarned},
    {"EN10MB", "ether[0] & 0 = 1", Outcome::kRefused},
    {"EN10MB", "less 10 and greater 20", Outcome::kCompiles},
    {"EN10MB", "len > 100 and len < 50", Outcome::kCompiles},
    {"EN10MB", "host 1.2.3.4 and host 5.6.7.8", Outcome::kCompiles},
    {"EN10MB", "vlan 5 and vlan 6", Outcome::kCompiles},
    {"EN10MB", "tcp or udp", Outcome::kCompiles},
    {"EN10MB", "", Outcome::kCompiles},
};

TEST(RejectsAll, IsRefusedWarnedOfOrNeither) {
  for (const Case& c : kCases) {
    EXPECT_EQ(outcome(c.link_type, c.text), c.outcome) << c.link_type << ": " << c.text;
  }
}

TEST(RejectsAll, IsRefusedWhereLibpcapRefuses) {
  for (const Case& c : kCases) {
    // libpcap 1.10.3 refuses it, 1.11 does not.
    if (std::string_view(c.text) == "port 80 and icmp") continue;
    EXPECT_EQ(c.outcome != Outcome::kRefused, libpcap_accepts(c.link_type, c.text, true))
        << c.link_type << ": " << c.text;
  }
}

TEST(RejectsAll, IsNoMatterWithoutOptimization) {
  for (const Case& c : kCases) {
    EXPECT_EQ(outcome(c.link_type, c.text, false), Outcome::kCompiles) << c.text;
    EXPECT_TRUE(libpcap_accepts(c.link_type, c.text, false)) << c.text;
  }
}

}  // namespace
}  // namespace bpfc
