#include "tests/oracle/link_expressions.h"

#include <string_view>

namespace bpfc::oracle {

namespace {

using Texts = std::vector<std::string>;

void append(Texts& texts, const Texts& more) {
  texts.insert(texts.end(), more.begin(), more.end());
}

// Each beginning with each end.
void append(Texts& texts, const Texts& beginnings, const Texts& ends) {
  for (const std::string& beginning : beginnings) {
    for (const std::string& end : ends) {
      texts.push_back(beginning);
      texts.back().append(" ").append(end);
    }
  }
}

Texts wlan() {
  Texts texts;
  const Texts management{"assoc-req",   "assocreq",       "assoc-resp",   "assocresp",
                         "reassoc-req", "reassocreq",     "reassoc-resp", "reassocresp",
                         "probe-req",   "probereq",       "probe-resp",   "proberesp",
                         "beacon",      "atim",           "disassoc",     "disassociation",
                         "auth",        "authentication", "deauth",       "deauthentication"};
  const Texts control{"bar", "ba", "ps-poll", "rts", "cts", "ack", "cf-end", "cf-end-ack"};
  const Texts data{"data",     "data-cf-ack",     "data-cf-poll",     "data-cf-ack-poll",
                   "null",     "cf-ack",          "cf-poll",          "cf-ack-poll",
                   "qos-data", "qos-data-cf-ack", "qos-data-cf-poll", "qos-data-cf-ack-poll",
                   "qos",      "qos-cf-poll",     "qos-cf-ack-poll"};
  for (const Texts& names : {management, control, data}) {
    append(texts, {"subtype"}, names);
  }
  append(texts, {"type mgt subtype", "type 0 subtype"}, management);
  append(texts, {"type ctl subtype", "wlan type control subtype"}, control);
  append(texts, {"type data subtype", "ip type 8 subtype"}, data);
  append(texts, {"type", "wlan type", "tcp type"},
         {"mgt",
          "management",
          "ctl",
          "control",
          "data",
          "0",
          "4",
          "8",
          "12",
          "1",
          "16",
          "0x84",
          "foo",
          "MGT",
          "12 subtype 0x10",
          "12 subtype qos",
          "4 subtype 0xb0",
          "0 subtype 0x81",
          "mgt subtype 0x100",
          "mgt subtype rts",
          "data subtype beacon",
          "DATA subtype NULL"});
  append(texts, {"dir", "direction", "wlan dir", "udp direction"},
         {"nods", "tods", "fromds", "dstods", "0", "1", "2", "3", "4", "256", "foo", "ToDS"});
  append(texts,
         {"wlan ra", "wlan ta", "wlan addr1", "wlan addr2", "link addr3", "ether address4",
          "wlan address1", "wlan address2", "wlan address3", "wlan addr4", "wlan ra host", "ra",
          "addr1", "ip ra", "tcp addr2", "wlan ta net"},
         {"00:01:02:03:04:05", "0a:0b:0c:0d:0e:0f", "1.2.3.4", "$5"});
  append(texts, {"not dir tods and subtype beacon", "type data and ip", "type mgt or tcp",
                 "less 100 or type mgt", "subtype qos-data and udp port 53", "dir dstods and arp"});
  return texts;
}

Texts addresses() {
  Texts texts;
  append(
      texts,
      {"link host", "link src", "ether dst host", "wlan src or dst host", "fddi src and dst host",
       "tr src", "wlan dst", "slip src", "link net", "host", "ip src", "src"},
      {"00:01:02:03:04:05", "0a:0b:0c:0d:0e:0f", "ff:ff:ff:ff:ff:ff", "$5", "$f", "$00", "$ff",
       "10.1.2.3", "10.1"});
  append(texts, {"broadcast", "multicast", "link broadcast", "wlan multicast", "ether broadcast",
                 "not multicast and ip", "broadcast or tcp", "multicast or len > 80"});
  append(texts, {"inbound", "outbound", "not inbound", "inbound and ip", "outbound or tcp",
                 "not outbound and not inbound"});
  return texts;
}

Texts pflog() {
  Texts texts;
  append(texts, {"on", "ifname", "rset", "ruleset"},
         {"eth0", "em10", "e", "lo", "foo", "em1", "eth0x", "abcdefghijk", "abcdefghijklmno",
          "abcdefghijklmnop", "foo-bar", "15", "\\ip"});
  append(texts, {"rulenum", "rnr", "srnr", "subrulenum"},
         {"0", "1", "3", "0x5", "65536", "4294967295", "4294967296", "x"});
  append(texts, {"reason"},
         {"match",
          "bad-offset",
          "fragment",
          "short",
          "normalize",
          "memory",
          "bad-timestamp",
          "congestion",
          "ip-option",
          "proto-cksum",
          "state-mismatch",
          "state-insert",
          "state-limit",
          "src-limit",
          "synproxy",
          "0",
          "7",
          "255",
          "300",
          "foo",
          "MATCH"});
  append(texts, {"action"},
         {"pass", "accept", "drop", "block", "scrub", "noscrub", "nat", "nonat", "binat", "nobinat",
          "rdr", "nordr", "synproxy-drop", "0", "foo", "PASS"});
  append(texts, {"on eth0 and tcp", "action pass and not ip6", "reason match or port 80"});
  return texts;
}

Texts atm() {
  const Texts channels{"oam", "oamf4", "oamf4sc", "oamf4ec",    "metac",       "bcc",
                       "sc",  "ilmic", "lane",    "connectmsg", "metaconnect", "llc"};
  Texts texts = channels;
  append(texts, {"not", "lane and", "lane or", "ip and", "lane and lane and"}, channels);
  append(texts,
         {"vpi", "vpi =", "vpi >", "vpi <", "vpi >=", "vpi <=", "vpi !=", "vci", "vci =", "vci >",
          "vci !=", "lane and vpi", "lane and vci"},
         {"0", "5", "3", "100", "255", "256", "65535", "65536", "(0 or 5)", "(1 or 2 or 16)"});
  append(texts, {"lane and"},
         {"ip",
          "arp",
          "tcp port 80",
          "host 10.1.2.3",
          "ether host 00:01:02:03:04:05",
          "broadcast",
          "multicast",
          "iso",
          "stp",
          "ipx",
          "atalk",
          "vlan",
          "vlan 5 and ip",
          "mpls",
          "mpls and ip",
          "pppoes and ip",
          "link[0] & 1 = 0",
          "byte 12 = 8",
          "llc u",
          "l1",
          "decnet",
          "ip[0] = 0x45",
          "ip protochain 17",
          "net 10",
          "radio[0] = 1"});
  append(texts, {"not lane and ip", "ip or lane or ip", "lane or (ip and vpi 0)", "vpi not 3",
                 "vci 3 and lane"});
  return texts;
}

Texts ss7() {
  const Texts units{"fisu", "lssu", "lsu", "msu", "hfisu", "hlssu", "hmsu"};
  Texts texts = units;
  append(texts, {"not", "len > 3 and"}, units);
  append(texts, {"sio", "hsio"}, {"0", "2", "5", "255", "256", "(2 or 5)"});
  append(texts, {"opc", "dpc", "hopc", "hdpc"},
         {"0", "5", "0x123", "16383", "16384", "(5 or 6 or 0x126)"});
  append(texts, {"sls", "hsls"}, {"0", "3", "15", "16", "(3 or 5)"});
  append(texts, {"sio", "hsio", "opc", "hopc", "dpc", "hdpc", "sls", "hsls"},
         {"= 5", "== 5", "> 3", "< 5", ">= 3", "<= 5", "!= 5", "> 0x123", "not 5", "(1 and 2)"});
  return texts;
}

Texts accessors() {
  Texts texts;
  append(texts, {"radio[0] = 0",
                 "radio[2:2] > 8",
                 "radio[4:4] & 0x80 = 0",
                 "radio[link[0]] = 0",
                 "radio[len - 1] = 0",
                 "radio[0:3] = 1",
                 "radio",
                 "radio host 10.1.2.3",
                 "link[0] = 8",
                 "link[0:4] & 0xff = 0",
                 "link[radio[2]] & 12 = 8",
                 "wlan[1] & 3 = 2",
                 "link[0:3] = 0",
                 "ppp[2:2] = 0x21",
                 "slip[0] = 1",
                 "fddi[0] = 0x50",
                 "link[link[0]] = 0",
                 "link[100] >= 0",
                 "tcp[0:2] = 80 and link[0] = 8",
                 "ip[2:2] = len",
                 "ip[ip[0] & 15] = link[1]",
                 "icmp6[0] = 128",
                 "len > 60",
                 "less 40 or ip",
                 "greater 40 and tcp",
                 "byte 0 = 8",
                 "byte 1 & 3",
                 "byte 5 | 0"});
  return texts;
}

Texts protocols() {
  Texts texts;
  append(
      texts, {"ether proto", "link proto", "wlan proto"},
      {"0x800", "0x86dd", "0x806",   "0x600",  "0x27",      "6",     "0xf0",     "0xfe",  "0x42",
       "5",     "0x81",   "0xfefe",  "0x8137", "1500",      "1501",  "212",      "240",   "\\iso",
       "\\ip",  "\\stp",  "\\atalk", "\\aarp", "\\netbeui", "\\ipx", "\\decnet", "65535", "65536"});
  append(texts, {"iso proto \\clnp",
                 "iso proto \\esis",
                 "iso proto 5",
                 "isis proto 15",
                 "isis proto 27",
                 "l1",
                 "l2",
                 "iih",
                 "lsp",
                 "snp",
                 "csnp",
                 "psnp",
                 "isis",
                 "esis",
                 "clnp",
                 "llc",
                 "llc i",
                 "llc s",
                 "llc u",
                 "llc rr",
                 "llc rnr",
                 "llc rej",
                 "llc ui",
                 "llc ua",
                 "llc disc",
                 "llc dm",
                 "llc sabme",
                 "llc test",
                 "llc xid",
                 "llc frmr",
                 "llc foo",
                 "decnet src 1.2",
                 "decnet dst host 1.2",
                 "decnet host 1.2",
                 "protochain 17",
                 "ip protochain 51",
                 "ip6 protochain 17",
                 "port 80",
                 "udp port 53",
                 "portrange 50-90",
                 "host 10.1.2.3",
                 "arp host 10.1.2.3",
                 "rarp src 10.1.2.3",
                 "net 192.168",
                 "host fe80::1",
                 "ip multicast",
                 "ip broadcast",
                 "ip6 multicast",
                 "gateway nobody",
                 "tcp",
                 "icmp6",
                 "ip proto 17",
                 "igmp",
                 "icmp[0] = 8"});
  return texts;
}

Texts encapsulations() {
  Texts texts;
  append(texts, {"vlan", "vlan 5", "mpls", "mpls 5", "pppoed", "pppoes", "pppoes 5", "geneve",
                 "not vlan", "geneve 5"});
  append(texts,
         {"vlan and", "vlan 5 and", "vlan and vlan and", "mpls and", "mpls and mpls and",
          "pppoes and", "geneve and", "pppoes or", "vlan or"},
         {"ip",
          "tcp",
          "arp",
          "iso",
          "l1",
          "port 80",
          "ether host 00:01:02:03:04:05",
          "broadcast",
          "multicast",
          "llc",
          "link[0] = 0",
          "mpls",
          "vlan",
          "pppoes",
          "type mgt",
          "dir tods",
          "wlan ra 00:01:02:03:04:05",
          "radio[0] = 0",
          "on eth0",
          "lane",
          "fisu",
          "link src $5",
          "ip protochain 17",
          "stp",
          "ether proto 5",
          "inbound"});
  return texts;
}

}  // namespace

std::vector<std::string> link_expressions() {
  Texts all;
  for (const Texts& texts :
       {wlan(), addresses(), pflog(), atm(), ss7(), accessors(), protocols(), encapsulations()}) {
    append(all, texts);
  }
  return all;
}

}  // namespace bpfc::oracle
