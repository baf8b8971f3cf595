#include "tests/oracle/expression_generator.h"

#include <array>
#include <string_view>

namespace bpfc::oracle {

namespace {

// One list for each kind of word in the keyword table that the link types of this test know.
struct Words {
  std::vector<std::string> protocols;
  std::vector<std::string> types;  // host, net, port...
  std::vector<std::string> casts;
  std::vector<std::string> encapsulations;
  std::vector<std::string> numbers;
  std::vector<std::string> others;  // of other link types, for the refusals
};

void sort_in(Words& words, const std::string& spelling, std::string_view token) {
  if (token == "PROTOCOL") {
    words.protocols.push_back(spelling);
  } else if (token == "ADDRESS_TYPE" || token == "UNDIRECTED_TYPE") {
    words.types.push_back(spelling);
  } else if (token == "CAST") {
    words.casts.push_back(spelling);
  } else if (token == "ENCAPSULATION" || token == "PPPOED") {
    words.encapsulations.push_back(spelling);
  } else if (token == "NUMBER") {
    words.numbers.push_back(spelling);
  } else if (token == "ATM_KIND" || token == "SS7_KIND") {
    words.others.push_back(spelling);
  } else if (token == "SIGNALLING_FIELD") {
    words.others.push_back(spelling + " 3");
  }
}

Words words() {
  Words sorted;
#define BPFC_KEYWORD(spelling, token, value) sort_in(sorted, spelling, #token);
#include "grammar/keyword.def"
#undef BPFC_KEYWORD
  return sorted;
}

// libpcap asks the network for a host or network of that name, so no names of those.
std::vector<std::string> identifiers(const std::string& type) {
  if (type == "port") {
    return {"80", "53", "ssh", "domain", "0", "65535"};
  }
  if (type == "portrange") {
    return {"80-90", "100-20", "7", "ssh-smtp"};
  }
  if (type == "proto" || type == "protochain") {
    return {"6",     "17",     "0",      "51",    "255",  "\\tcp", "\\icmp", "\\ip", "\\arp",
            "\\stp", "\\clnp", "\\esis", "0x800", "1500", "1501",  "0x86dd", "65535"};
  }
  if (type == "net") {
    return {"10",        "192.168",       "10.1.2.0/24", "10.1.2.0 mask 255.255.255.0",
            "0.0.0.0/0", "2001:db8::/32", "fe80::/10",   "::/0"};
  }
  return {"10.1.2.3", "192.168.1.1",       "0.0.0.0", "2001:db8::1",
          "fe80::1",  "00:01:02:03:04:05", "1.5"};
}

constexpr std::array kDirections{"", "src ", "dst ", "src or dst ", "src and dst "};

std::string spaced(std::string word) {
  if (!word.empty()) {
    word += ' ';
  }
  return word;
}

}  // namespace

std::vector<std::string> generated_primitives() {
  Words all = words();
  std::vector<std::string> made;
  std::vector<std::string> qualifiers = all.protocols;
  qualifiers.emplace_back("");
  all.types.emplace_back("");
  for (const std::string& protocol : qualifiers) {
    for (const std::string& type : all.types) {
      for (const std::string direction : kDirections) {
        if (!type.empty() || !direction.empty()) {
          for (const std::string& id : identifiers(type)) {
            made.push_back(spaced(protocol).append(direction).append(spaced(type)).append(id));
          }
        }
      }
    }
    for (const std::string& cast : all.casts) {
      made.push_back(spaced(protocol) + cast);
    }
    if (protocol.empty()) {
      continue;
    }
    made.push_back(protocol);
    for (const std::string access :
         {"[0] = 1", "[2:2] > 5", "[4:4] & 0xff != 0", "[0] & 15 = 5", "[len - 30] = 0",
          "[0:4] - ip[0] < 70", "[1] << 3 >= 9", "[(ip[0] & 15) * 4] != 6", "[9] = 17"}) {
      made.push_back(protocol + access);
    }
  }
  for (const std::string& number : all.numbers) {
    made.push_back("icmp[icmptype] = " + number);
    made.push_back("icmp6[icmp6type] = " + number);
    made.push_back("tcp[tcpflags] & " + number + " != 0");
    made.push_back("udp[" + number + "] = 1");
  }
  for (const std::string& encapsulation : all.encapsulations) {
    if (encapsulation != "vxlan") {
      made.push_back(encapsulation);
      for (const std::string number : {" 1", " 100", " 4095", " 4096", " 65536", " 1048576"}) {
        made.push_back(encapsulation + number);
      }
    }
  }
  for (const std::string kind : {"", " i", " s", " u", " rr", " rnr", " rej", " ui", " ua", " disc",
                                 " dm", " sabme", " test", " xid", " frmr"}) {
    made.push_back("llc" + kind);
  }
  for (const std::string text :
       {"inbound",       "outbound",           "ifindex 1",         "ifindex 0x100",
        "less 40",       "greater 100",        "byte 0 = 1",        "byte 9 > 5",
        "byte 70 < 9",   "len = 60",           "len - 14 > 46",     "len < 0",
        "len & 1 = 1",   "len % 2 = 0",        "len ^ 3 > 20",      "len >> 2 = 15",
        "1 << len > 4",  "len / 3 * 3 != len", "-len > 4294967200", "on eth0",
        "rset foo",      "rulenum 3",          "reason match",      "action pass",
        "type mgt",      "subtype beacon",     "dir nods",          "len / 0 = 1",
        "len << 32 = 0", "len % 0 = 0"}) {
    made.push_back(text);
  }
  made.insert(made.end(), all.others.begin(), all.others.end());
  return made;
}

std::vector<std::string> generated_newer_primitives() {
  return {"vxlan",
          "vxlan 100",
          "vxlan and ip",
          "vxlan and tcp port 80",
          "vxlan or ip",
          "not vxlan and tcp",
          "vxlan and vxlan",
          "vxlan and vlan and ip6",
          "vxlan and geneve and icmp",
          "geneve and vxlan and udp",
          "vlan and vxlan and host 10.1.2.3",
          "mpls and vxlan and tcp",
          "vxlan and ether host 00:01:02:03:04:05",
          "vxlan and broadcast",
          "vxlan and tcp[tcpflags] & tcp-syn != 0",
          "vxlan and link[0] & 1 = 0",
          "vxlan and byte 12 = 8",
          "vxlan and protochain 6",
          "vxlan and mpls 1 and ip",
          "vxlan and pppoes and ip",
          "vxlan 16777215",
          "vxlan 16777216",
          "ether proto \\lldp",
          "ether proto \\slow",
          "ether proto lldp",
          "ether proto slow"};
}

std::string random_combination(const std::vector<std::string>& primitives, std::mt19937& random,
                               unsigned most) {
  const auto terms = static_cast<unsigned>(random() % most) + 1;
  std::string text;
  unsigned open = 0;
  for (unsigned i = 0; i < terms; ++i) {
    if (i > 0) {
      text += random() % 2 == 0 ? " and " : " or ";
    }
    text += random() % 4 == 0 ? "not " : "";
    if (random() % 4 == 0 && i + 1 < terms) {
      text += "(";
      ++open;
    }
    text += primitives[random() % primitives.size()];
    if (open > 0 && random() % 2 == 0) {
      text += ")";
      --open;
    }
  }
  return text + std::string(open, ')');
}

}  // namespace bpfc::oracle
