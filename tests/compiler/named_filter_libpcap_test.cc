// Filters with names, against libpcap: refused by both or by none, and the same verdicts on packets
// that hold the addresses of tests/data/names, which stands at /etc while the tests run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "bpfc/compile.h"
#include "tests/compiler/named_packets.h"
#include "tests/compiler/private_etc.h"
#include "tests/oracle/classic_runner.h"
#include "tests/oracle/libpcap_judge.h"

namespace bpfc {
namespace {

using oracle::Bytes;
using Words = std::vector<std::string>;

// Where libpcap 1.10.3 and this project are meant to differ: one of the two refuses the filter.
struct Refusal {
  const char* filter;  // an extended regular expression that the whole filter matches
  const char* ours;    // found in the message of who refuses; empty for who takes the filter
  const char* theirs;
  const char* reason;
};
const std::array kRefusals = {
    Refusal{"r?arp (src |dst |src or dst |src and dst )?(host )?\\\\?(multi|both|localhost)", "",
            "modifier applied to ip6 host",
            "1.11 ignores the IPv6 addresses of a name after arp and rarp"},
    Refusal{".*gateway .*", "", "'gateway' not supported in this configuration",
            "Debian's libpcap is built without gateway, as all with IPv6 are"},
    Refusal{"(ip |ip6 )?proto(chain)? \\\\?mptcp", "is greater than its maximum 255", "",
            "1.11 checks the number of an IP protocol; 1.10.3 compares what fits"},
    Refusal{".*portrange ((ftp|20)-data-ssh|80-90-100)", "write two ports with one hyphen", "",
            "a range has one hyphen; 1.10.3 splits at the first of them, and after two numbers "
            "takes whatever follows"},
    Refusal{".*portrange 80-90x", "unknown port '90x'", "",
            "an end is a number or a name as a whole; 1.10.3 takes the digits at its beginning"},
};

// Each word of the first list, blank, each word of the second, and so on; empty words leave no
// blank.
Words combine(const std::vector<Words>& lists) {
  Words filters = {""};
  for (const Words& list : lists) {
    Words longer;
    for (const std::string& begin : filters) {
      for (const std::string& word : list) {
        longer.push_back(begin.empty() || word.empty() ? begin + word : begin + " " + word);
      }
    }
    filters = std::move(longer);
  }
  return filters;
}

// Of so many packets one is cut. A prime: all kinds of packets have their turn.
constexpr std::size_t kCut = 31;

const Words kDirections = {"", "src", "dst", "src or dst", "src and dst"};
const Words kHosts = {"localhost",     "ip6-localhost",
                      "alpha",         "ALPHA",
                      "Alpha.example", "alias-of-alpha",
                      "beta",          "multi",
                      "both",          "six",
                      "twice",         "mapped",
                      "\\tcp",         "\\host",
                      "\\net",         "tcp",
                      "host",          "gateway-of-none",
                      "upper",         "3com",
                      "under_score",   "a.b.c",
                      "\\len-4",       "len-4",
                      "zero",          "broadcasthost",
                      "broken",        "scoped",
                      "link-local",    "octal",
                      "short",         "alpha.",
                      "six.",          std::string(300, 'a'),
                      "nobody",        "no.such.name",
                      "gate"};

class NamedFilters : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string& reason = testing::enter_private_namespaces();
    if (!reason.empty()) GTEST_SKIP() << reason;
    etc_.emplace(BPFC_SOURCE_DIR "/tests/data/names");
  }

  // On packets as they are, and on all beginnings of some of them unless `whole`: the addresses of
  // a name are tested in ascending order here, in the order of the lookup by 1.10.3, and that shows
  // where a packet ends before the second of two addresses.
  void compare(const std::string& filter, const std::vector<Bytes>& packets, bool whole = false) {
    CompileOptions options;
    options.resolver = &resolver_;
    options.optimization = Optimization::kNone;
    const auto ours = compile(filter, options);
    options.optimization = Optimization::kDefault;
    const auto optimized = compile(filter, options);
    const auto theirs = oracle::libpcap_compile(filter, {});
    const std::string our_message = ours ? "" : ours.error().message;
    const std::string their_message = theirs ? "" : theirs.error();
    // The optimizer adds one reason to refuse, that nothing matches.
    if (ours && !optimized) {
      EXPECT_EQ(optimized.error().code, DiagnosticCode::kRejectsAll) << filter;
    }
    ++compared_;
    if (ours.has_value() != theirs.has_value()) {
      EXPECT_TRUE(is_known(filter, our_message, their_message))
          << filter << "\nours:   " << our_message << "\ntheirs: " << their_message;
      return;
    }
    if (!ours) return;
    ++accepted_;
    for (std::size_t i = 0; i < packets.size(); ++i) {
      const Bytes& packet = packets[i];
      const std::size_t shortest = whole || i % kCut != 0 ? packet.size() : 1;
      for (std::size_t size = packet.size(); size >= shortest; --size) {
        const std::span captured(packet.data(), size);
        const auto length = static_cast<std::uint32_t>(packet.size());
        const auto verdict = oracle::run_classic(*theirs, captured, length);
        if (verdict.value_or(0) != 0) ++matched_;
        const bool same =
            oracle::run_classic(ours->program, captured, length) == verdict &&
            (!optimized || oracle::run_classic(optimized->program, captured, length) == verdict);
        ASSERT_TRUE(same) << filter << ", packet " << i << ", size " << size;
      }
    }
  }

  Program program(const std::string& filter) const {
    CompileOptions options;
    options.resolver = &resolver_;
    const auto compiled = compile(filter, options);
    return compiled ? compiled->program : Program();
  }

  void expect_compared(std::size_t filters, std::size_t accepted, std::size_t matched) const {
    EXPECT_GE(compared_, filters);
    EXPECT_GE(accepted_, accepted);
    EXPECT_GE(matched_, matched);
  }

  // Which of the list were met.
  std::set<const Refusal*> met_;

 private:
  bool is_known(const std::string& filter, const std::string& ours, const std::string& theirs) {
    for (const Refusal& refusal : kRefusals) {
      const auto fits = [](const std::string& message, const std::string& expected) {
        return message.empty() == expected.empty() && message.find(expected) != message.npos;
      };
      if (fits(ours, refusal.ours) && fits(theirs, refusal.theirs) &&
          ::testing::Matches(::testing::MatchesRegex(refusal.filter))(filter)) {
        met_.insert(&refusal);
        return true;
      }
    }
    return false;
  }

  std::optional<testing::PrivateEtc> etc_;
  SystemNameResolver resolver_;
  std::size_t compared_ = 0;
  std::size_t accepted_ = 0;
  std::size_t matched_ = 0;
};

TEST_F(NamedFilters, OfHosts) {
  const std::vector<Bytes> packets = testing::address_packets();
  for (const std::string& host : kHosts) {
    const bool several = host == "multi";
    for (const std::string& filter :
         combine({{"", "ip", "ip6", "arp", "rarp", "tcp", "link", "icmp6"},
                  kDirections,
                  {"host"},
                  {host}})) {
      compare(filter, packets, several);
    }
    for (const char* bare : {"src ", "dst ", "ip src ", "arp dst ", "ip6 src or dst "}) {
      compare(bare + host, packets, several);
    }
  }
  for (const char* filter :
       {"host alpha or beta", "host alpha and not beta", "src alpha and dst host beta",
        "not host both", "host (alpha or six)", "ip host alpha or ip6 host six", "alpha",
        "host alpha/24", "host alpha mask 255.0.0.0", "ra host alpha", "vlan and host alpha",
        "mpls and host alpha", "host", "host \\alpha", "host al\\pha"}) {
    compare(filter, packets);
  }
  EXPECT_TRUE(met_.contains(&kRefusals[0]));
  expect_compared(1000, 500, 10000);
}

TEST_F(NamedFilters, OfNetworks) {
  const std::vector<Bytes> packets = testing::address_packets();
  for (const std::string& filter :
       combine({{"", "ip", "ip6", "arp", "rarp", "tcp", "link"},
                kDirections,
                {"net"},
                {"default", "loopback", "one",   "first",       "eins",  "ONE",
                 "two",     "three",    "four",  "zeros",       "half",  "upper",
                 "UPPER",   "\\net",    "net",   "with-hyphen", "all",   "large",
                 "broken",  "nowhere",  "alpha", "10.1.2",      "one/8", "one mask 255.0.0.0"}})) {
    compare(filter, packets);
  }
  expect_compared(800, 200, 5000);
}

TEST_F(NamedFilters, OfEthernetAddressesAndGateways) {
  const std::vector<Bytes> packets = testing::address_packets();
  for (const std::string& filter :
       combine({{"ether", "link", "fddi", "wlan"},
                kDirections,
                {"host", ""},
                {"alpha", "ALPHA", "beta", "upper", "\\host", "other", "short", "large", "long",
                 "hyphens", "indented", "commented", "alias-of-alpha", "gate", "under_score",
                 "3com", "nobody", "multi"}})) {
    compare(filter, packets);
  }
  for (const std::string& filter :
       combine({{"", "ip", "arp", "rarp", "ip6", "tcp", "ether"},
                {"gateway", "src gateway"},
                {"alpha", "beta", "gate", "multi", "six", "other", "nobody", "1.2.3.4"}})) {
    compare(filter, packets);
  }
  EXPECT_TRUE(met_.contains(&kRefusals[1]));
  expect_compared(800, 300, 5000);
}

TEST_F(NamedFilters, OfPorts) {
  const std::vector<Bytes> packets = testing::port_packets();
  const Words ports = {"ftp-data", "ftp",         "ssh",         "http",      "www",     "www-http",
                       "HTTP",     "tcponly",     "udponly",     "tcpalias",  "differ",  "sctponly",
                       "all",      "sctpdiffers", "UPPER",       "upper",     "\\port",  "port",
                       "data-ssh", "3com",        "repeated",    "dccponly",  "nothing", "last",
                       "broken",   "alpha",       "under_score", "under.dot", "nobody",  "80"};
  for (const std::string& filter :
       combine({{"", "tcp", "udp", "sctp", "ip", "icmp"}, kDirections, {"port"}, ports})) {
    compare(filter, packets);
  }
  for (const char* filter : {"port http or ftp", "tcp port http and not ssh", "port (http or 21)",
                             "port differ or udponly", "port udponly or tcponly"}) {
    compare(filter, packets);
  }
  expect_compared(850, 300, 5000);
}

TEST_F(NamedFilters, OfRangesOfPorts) {
  const std::vector<Bytes> packets = testing::port_packets();
  Words ranges = {"http",         "20",           "ftp-data-ssh", "ftp-data-22", "20-data-ssh",
                  "ftp-data",     "http-",        "-http",        "ftp--ssh",    "80-90-100",
                  "data-ssh-ftp", "http-nobody",  "nobody-http",  "80-90x",      "65536-1",
                  "1-65536",      "under.dot-90", "HTTP-FTP",     "\\port",      "080-090",
                  "0x50-0x60"};
  const Words ends = {"ftp",      "ssh", "http", "tcponly", "udponly", "differ",
                      "sctponly", "all", "85",   "last",    "3com",    "nothing"};
  for (const std::string& first : ends) {
    for (const std::string& last : ends) {
      if (first != "85" || last != "3com") ranges.push_back(first + "-" + last);
    }
  }
  for (const std::string& filter : combine(
           {{"", "tcp", "udp", "sctp", "ip"}, {"", "src", "src and dst"}, {"portrange"}, ranges})) {
    compare(filter, packets);
  }
  EXPECT_TRUE(met_.contains(&kRefusals[3]));
  EXPECT_TRUE(met_.contains(&kRefusals[4]));
  expect_compared(2000, 900, 10000);
}

// 1.10.3 reads two numbers there, 85 and 3.
TEST_F(NamedFilters, OfRangesFromANumberToANameThatBeginsWithOne) {
  EXPECT_EQ(program("portrange 85-3com"), program("portrange 85-92"));
}

TEST_F(NamedFilters, OfProtocols) {
  const std::vector<Bytes> packets = testing::protocol_packets();
  for (const std::string& filter :
       combine({{"", "ip", "ip6", "ether", "link", "iso", "tcp", "arp"},
                {"proto", "protochain", "src proto"},
                {"\\ip",      "\\tcp", "TCP",   "\\udp",       "datagrams",     "Datagrams",
                 "\\icmp",    "ICMP",  "\\ah",  "IPSEC-AH",    "ipv6-icmp",     "IPv6-ICMP",
                 "ipv6-frag", "Mixed", "mixed", "mixed-alias", "another_alias", "\\host",
                 "HOST",      "3com",  "same",  "last",        "mptcp",         "broken",
                 "nobody",    "tcp",   "\\arp", "\\ip6",       "\\sctp",        "6"}})) {
    compare(filter, packets);
  }
  EXPECT_TRUE(met_.contains(&kRefusals[2]));
  expect_compared(600, 140, 1000);
}

}  // namespace
}  // namespace bpfc
