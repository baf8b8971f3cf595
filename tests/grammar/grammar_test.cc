#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grammar/parse.h"
#include "grammar/print.h"
#include "tree_check.h"

namespace bpfc::tests {
namespace {

// The identifiers of a filter with the qualifiers each one got, `tcp port number 80 (inherited)`,
// and the other leaves, in the text's order.
std::vector<std::string> leaves(const ast::Filter& filter) {
  std::vector<std::string> result;
  const std::string text = grammar::print(filter);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t digit = line.find_first_of("0123456789");
    line = line.substr(line.find(' ', digit) + 1);
    if (line != "chain" && line != "not") result.push_back(line);
  }
  return result;
}

TEST(Grammar, Qualifiers) {
  using testing::ElementsAreArray;
  const struct {
    std::string_view text;
    std::vector<std::string> leaves;
  } kRows[] = {
      {"tcp port 80", {"tcp port number 80"}},
      {"tcp src port 80", {"tcp src port number 80"}},
      {"src 1.2.3.4", {"src ipv4 1.2.3.4"}},
      {"ip src or dst host a", {"ip src or dst host name a"}},
      {"dst or src host a", {"src or dst host name a"}},
      {"dst and src port 5", {"src and dst port number 5"}},
      {"src and dst 1.2", {"src and dst ipv4 1.2"}},
      {"wlan addr4 $1", {"link addr4 mac8 $1"}},
      {"ra 0:1:2:3:4:5", {"ra mac48 0:1:2:3:4:5"}},
      {"net 10.0.0.0/8", {"net ipv4 10.0.0.0/8"}},
      {"net fe80::/10", {"net ipv6 fe80::/10"}},
      {"net 1.0.0.0 mask 255.0.0.0", {"net ipv4 1.0.0.0 mask 255.0.0.0"}},
      {"host fe80::1/128", {"host ipv6 fe80::1/128"}},
      {"ip proto \\tcp", {"ip proto name tcp"}},
      {"ether gateway foo", {"link gateway name foo"}},
      {"portrange 80-90", {"portrange name 80-90"}},
      {"tcp port 80 or 443", {"tcp port number 80", "tcp port number 443 (inherited)"}},
      {"port (80 or 443)", {"port number 80", "port number 443 (inherited)"}},
      {"tcp port 80 or (443 and not 22)",
       {"tcp port number 80", "tcp port number 443 (inherited)", "tcp port number 22 (inherited)"}},
      {"port not 80", {"port number 80"}},
      {"host a and not b", {"host name a", "host name b (inherited)"}},
      {"src host a or dst host b or c",
       {"src host name a", "dst host name b", "dst host name c (inherited)"}},
      {"port ((80))", {"port number 80"}},
      {"host a or ((80))", {"host name a", "host number 80 (inherited)"}},
      {"port (80 or (443 and not 22))",
       {"port number 80", "port number 443 (inherited)", "port number 22 (inherited)"}},
      {"(port 80 or 443)", {"port number 80", "port number 443 (inherited)"}},
      {"port 80 and (udp or port 53 or 54)",
       {"port number 80", "udp", "port number 53", "port number 54 (inherited)"}},
      {"port 80 or (port 443 or 22) or 23",
       {"port number 80", "port number 443", "port number 22 (inherited)",
        "port number 23 (inherited)"}},
      {"not port 80 and 443", {"port number 80", "port number 443 (inherited)"}},
      {"port 80 or not (443 or 22)",
       {"port number 80", "port number 443 (inherited)", "port number 22 (inherited)"}},
      {"tcp or port 80 or 443", {"tcp", "port number 80", "port number 443 (inherited)"}},
  };
  for (const auto& row : kRows) {
    const auto filter = grammar::parse(row.text);
    ASSERT_TRUE(filter) << row.text << ": " << filter.error().message;
    EXPECT_THAT(leaves(*filter), ElementsAreArray(row.leaves)) << row.text;
    EXPECT_EQ(broken_promise(*filter), "") << row.text;
  }
}

TEST(Grammar, Primitives) {
  const struct {
    std::string_view text;
    std::string_view printed;
  } kRows[] = {
      {"tcp", "tcp"},
      {"is-is", "isis"},
      {"broadcast", "broadcast"},
      {"ether broadcast", "link broadcast"},
      {"ip6 multicast", "ip6 multicast"},
      {"less 0x10", "less 16"},
      {"greater 100", "greater 100"},
      {"byte 3 & 0xf", "byte 3 & 15"},
      {"byte 3 | 1", "byte 3 | 1"},
      {"byte 3 < 1", "byte 3 < 1"},
      {"inbound", "inbound"},
      {"outbound", "outbound"},
      {"ifindex 7", "ifindex 7"},
      {"vlan", "vlan"},
      {"vlan 5", "vlan 5"},
      {"vlan (5)", "vlan 5"},
      {"mpls 100", "mpls 100"},
      {"pppoed", "pppoed"},
      {"pppoes 0x27", "pppoes 39"},
      {"geneve 1", "geneve 1"},
      {"vxlan", "vxlan"},
      {"vxlan 9", "vxlan 9"},
      {"llc", "llc"},
      {"llc xid", "llc xid"},
      {"llc rnr", "llc rnr"},
      {"llc SABME", "llc SABME"},
      {"on en0", "on en0"},
      {"ifname en0", "on en0"},
      {"rset x", "rset x"},
      {"rnr 5", "rulenum 5"},
      {"srnr 5", "srnr 5"},
      {"reason match", "reason match"},
      {"reason 7", "reason 7"},
      {"action block", "action block"},
      {"type mgt", "type mgt"},
      {"type 4 subtype 0xb0", "type 4 subtype 0xb0"},
      {"wlan type data subtype qos-data", "link type data subtype qos-data"},
      {"ether subtype beacon", "link subtype beacon"},
      {"direction fromds", "dir fromds"},
      {"link dir 2", "link dir 2"},
      {"oamf4", "oamf4"},
      {"lsu", "lssu"},
      {"vpi 5", "vpi = 5"},
      {"vci >= 5", "vci >= 5"},
      {"opc (1 or 2 or 3)", "opc = 1 or 2 or 3"},
      {"hsls != 3", "hsls != 3"},
  };
  for (const auto& row : kRows) {
    const auto filter = grammar::parse(row.text);
    ASSERT_TRUE(filter) << row.text << ": " << filter.error().message;
    EXPECT_THAT(leaves(*filter), testing::ElementsAre(row.printed)) << row.text;
    EXPECT_EQ(broken_promise(*filter), "") << row.text;
  }
}

TEST(Grammar, Accepted) {
  for (const std::string_view text : {
           "",
           " ",
           "\n",
           "not not tcp",
           "((tcp))",
           "tcp or udp and not icmp",
           "tcp&&udp||!arp",
           "not (tcp or udp)",
           "1 = 1",
           "(1) = (1)",
           "not 1 = 2",
           "((1 + 2)) = 3",
           "tcp[0] = 1 and port 80",
           "len > 5 or (len < 4 and tcp)",
           "tcp and port (80 or 443)",
           "vlan 5 and vlan 6 and tcp",
           "vlan and (tcp or udp)",
           "geneve or tcp",
           "not vxlan and tcp",
           "host 1",
           "host 1.2.3.300",
           "tcp host 1.2.3.4",
           "ip6 net 10",
           "\r\n tcp \t port\n80 ",
           "tcp port http or https",
           "decnet host 10.15",
           "host \\and or \\or",
           "net 10.1/16",
           "tcp[0:3] = 1",
           "host a or b or c and d",
       }) {
    const auto filter = grammar::parse(text);
    ASSERT_TRUE(filter) << text << ": " << filter.error().message;
    EXPECT_EQ(broken_promise(*filter), "") << text;
  }
}

TEST(Grammar, Refused) {
  for (const std::string_view text : {
           "1.2.3.4",
           "tcp 80",
           "ip 1.2.3.4",
           "not 80",
           "80",
           "foo",
           "(tcp port 80) or 443",
           "tcp port 80 or udp or 53",
           "port ((80 or 443))",
           "port 80 or ((443 or 22))",
           "host ((1.2.3.4))",
           "port 80 and (443 or tcp)",
           "(tcp or 443)",
           "net 10/8",
           "net 10 mask 255.0.0.0",
           "tcp and",
           "and tcp",
           "not",
           "()",
           "(",
           ")",
           "tcp)",
           "(tcp",
           "tcp udp",
           "port",
           "tcp port",
           "src",
           "src tcp",
           "port tcp 80",
           "host src 1.2.3.4",
           "src or port 80",
           "len",
           "len =",
           "len = = 5",
           "len > 1 > 2",
           "1 = 1 = 1",
           "ip[]= 1",
           "ip[0 = 1",
           "ip[0:] = 1",
           "ip[0:1+1] = 1",
           "ip[0:1:1] = 1",
           "- tcp",
           "tcp + 1 = 2",
           "less",
           "less tcp",
           "byte 0 != 1",
           "byte 0",
           "vlan vlan",
           "opc (1 and 2)",
           "opc ()",
           "vpi",
           "type",
           "type mgt subtype",
           "subtype 5",
           "on",
           "on 5",
           "rnr x",
           "inbound 5",
           "llc 5",
           "ifindex",
           "tcp port proto 6",
           "proto src 6",
           "src proto 6",
           "mask",
           "pppoed 5",
           "net 1.2.3.4 mask 5",
           "net a/8",
           "net 1.2.0.0/255.255.0.0",
           "tcp len",
       }) {
    EXPECT_FALSE(grammar::parse(text)) << text;
  }
}

TEST(Grammar, ChainsAreReadFromTheLeftAndStayFlat) {
  const auto filter = grammar::parse("tcp or udp and arp or (ip and ip6)");
  ASSERT_TRUE(filter);
  EXPECT_EQ(grammar::print(*filter),
            "1-34 chain\n"
            "  1-3 tcp\n"
            "  or 8-10 udp\n"
            "  and 16-18 arp\n"
            "  or 23-34 chain\n"
            "    24-25 ip\n"
            "    and 31-33 ip6\n");
}

TEST(Grammar, EmptyExpressionHasNoRoot) {
  for (const std::string_view text : {"", " ", "\t\r\n"}) {
    const auto filter = grammar::parse(text);
    ASSERT_TRUE(filter);
    EXPECT_FALSE(filter->root);
    EXPECT_TRUE(filter->nodes.empty());
  }
}

}  // namespace
}  // namespace bpfc::tests
