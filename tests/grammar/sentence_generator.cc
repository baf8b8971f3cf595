#include "sentence_generator.h"

#include <algorithm>
#include <array>

namespace bpfc::tests {
namespace {

// `symbol` becomes `tokens`, which are parted by spaces; those that begin with `@` are symbols. The
// first production of a symbol ends soonest: past a depth it is the one taken.
struct Production {
  std::string_view symbol;
  std::string_view tokens;
};

constexpr std::array kProductions = {
    Production{"@filter", "@term"},
    Production{"@filter", "@filter @connective @term"},
    Production{"@filter", "@filter @connective @term"},
    Production{"@filter", "@qualified @connective @identifier"},
    Production{"@filter", "@qualified @connective @identifier @connective @term"},
    Production{"@term", "@primitive"},
    Production{"@term", "@primitive"},
    Production{"@term", "@primitive"},
    Production{"@term", "@not @term"},
    Production{"@term", "( @filter )"},
    Production{"@connective", "and"},
    Production{"@connective", "or"},
    Production{"@connective", "&&"},
    Production{"@connective", "||"},
    Production{"@not", "not"},
    Production{"@not", "!"},
    Production{"@primitive", "@alone"},
    Production{"@primitive", "@qualified"},
    Production{"@primitive", "@qualified"},
    Production{"@primitive", "@relation"},
    Production{"@primitive", "@relation"},
    Production{"@primitive", "@other"},
    Production{"@qualified", "host @address"},
    Production{"@qualified", "@hosts host @address"},
    Production{"@qualified", "@direction host @address"},
    Production{"@qualified", "@direction @address"},
    Production{"@qualified", "@hosts @direction @address"},
    Production{"@qualified", "@hosts @direction host @address"},
    Production{"@qualified", "net @network"},
    Production{"@qualified", "@hosts net @network"},
    Production{"@qualified", "@hosts @direction net @network"},
    Production{"@qualified", "@direction net @network"},
    Production{"@qualified", "host ( @address @connective @address )"},
    Production{"@qualified", "net ( @network @connective @network @connective @not @network )"},
    Production{"@qualified", "port @port"},
    Production{"@qualified", "@ports port @port"},
    Production{"@qualified", "@ports @direction port @port"},
    Production{"@qualified", "@direction port @port"},
    Production{"@qualified", "@ports port ( @small @connective @small )"},
    Production{"@qualified", "@ports port ( @small @connective ( @small and not @small ) )"},
    Production{"@qualified", "@ports portrange @range"},
    Production{"@qualified", "portrange @small"},
    Production{"@qualified", "proto @small"},
    Production{"@qualified", "ip proto @small"},
    Production{"@qualified", "ip6 proto @small"},
    Production{"@qualified", "ether proto @small"},
    Production{"@qualified", "ip proto \\tcp"},
    Production{"@qualified", "ether proto \\arp"},
    Production{"@qualified", "iso proto @small"},
    Production{"@qualified", "isis proto @small"},
    Production{"@qualified", "protochain @small"},
    Production{"@qualified", "ip6 protochain @small"},
    Production{"@qualified", "ether host @mac"},
    Production{"@qualified", "ether @direction @mac"},
    Production{"@qualified", "ether @direction host @mac"},
    Production{"@qualified", "wlan ra @mac"},
    Production{"@qualified", "decnet host 10.15"},
    Production{"@hosts", "ip"},
    Production{"@hosts", "arp"},
    Production{"@hosts", "rarp"},
    Production{"@ports", "tcp"},
    Production{"@ports", "udp"},
    Production{"@ports", "sctp"},
    Production{"@direction", "src"},
    Production{"@direction", "dst"},
    Production{"@direction", "src or dst"},
    Production{"@direction", "src and dst"},
    Production{"@direction", "dst or src"},
    Production{"@direction", "dst and src"},
    Production{"@address", "1.2.3.4"},
    Production{"@address", "10.1.2.3"},
    Production{"@address", "5"},
    Production{"@network", "10.0.0.0 / 8"},
    Production{"@network", "192.168"},
    Production{"@network", "192.168.1"},
    Production{"@network", "7"},
    Production{"@network", "172.16.0.0 mask 255.240.0.0"},
    Production{"@network", "10.1 / 16"},
    Production{"@mac", "00:11:22:33:44:55"},
    Production{"@mac", "0:1:2:a:b:c"},
    Production{"@mac", "00-11-22-33-44-55"},
    Production{"@mac", "0011.2233.4455"},
    Production{"@port", "80"},
    Production{"@port", "( 80 )"},
    Production{"@port", "( ( 80 ) )"},
    Production{"@port", "0x50"},
    Production{"@range", "80-90"},
    Production{"@small", "6"},
    Production{"@small", "17"},
    Production{"@small", "1"},
    Production{"@identifier", "80"},
    Production{"@identifier", "22"},
    Production{"@identifier", "@not 80"},
    Production{"@identifier", "( 80 or 22 )"},
    Production{"@identifier", "( 80 @connective ( 22 @connective 25 ) )"},
    Production{"@identifier", "1.2.3.4"},
    Production{"@alone", "tcp"},
    Production{"@alone", "udp"},
    Production{"@alone", "ip"},
    Production{"@alone", "ip6"},
    Production{"@alone", "arp"},
    Production{"@alone", "icmp"},
    Production{"@alone", "icmp6"},
    Production{"@alone", "igmp"},
    Production{"@alone", "pim"},
    Production{"@alone", "ah"},
    Production{"@alone", "esp"},
    Production{"@alone", "vrrp"},
    Production{"@alone", "stp"},
    Production{"@alone", "iso"},
    Production{"@alone", "csnp"},
    Production{"@relation", "@arithmetic @relop @arithmetic"},
    Production{"@relation", "( @arithmetic ) @relop @arithmetic"},
    Production{"@relop", "="},
    Production{"@relop", "=="},
    Production{"@relop", "!="},
    Production{"@relop", ">"},
    Production{"@relop", "<"},
    Production{"@relop", ">="},
    Production{"@relop", "<="},
    Production{"@arithmetic", "len"},
    Production{"@arithmetic", "@number"},
    Production{"@arithmetic", "@load"},
    Production{"@arithmetic", "@load"},
    Production{"@arithmetic", "@arithmetic @operator @number"},
    Production{"@arithmetic", "@number @operator @arithmetic"},
    Production{"@arithmetic", "@arithmetic @operator @arithmetic"},
    Production{"@arithmetic", "( @arithmetic )"},
    Production{"@arithmetic", "- @arithmetic"},
    Production{"@load", "ip [ 2 ]"},
    Production{"@load", "ether [ 0 : 4 ]"},
    Production{"@load", "tcp [ tcpflags ]"},
    Production{"@load", "@loadable [ @number ]"},
    Production{"@load", "@loadable [ @number : 2 ]"},
    Production{"@load", "@loadable [ @arithmetic ]"},
    Production{"@loadable", "ip"},
    Production{"@loadable", "link"},
    Production{"@loadable", "tcp"},
    Production{"@loadable", "udp"},
    Production{"@loadable", "icmp"},
    Production{"@loadable", "arp"},
    Production{"@loadable", "ip6"},
    Production{"@number", "1"},
    Production{"@number", "2"},
    Production{"@number", "0x1f"},
    Production{"@number", "017"},
    Production{"@number", "tcp-syn"},
    Production{"@number", "icmp-echo"},
    Production{"@operator", "+"},
    Production{"@operator", "-"},
    Production{"@operator", "*"},
    Production{"@operator", "/"},
    Production{"@operator", "%"},
    Production{"@operator", "&"},
    Production{"@operator", "|"},
    Production{"@operator", "^"},
    Production{"@operator", "<<"},
    Production{"@operator", ">>"},
    Production{"@other", "broadcast"},
    Production{"@other", "multicast"},
    Production{"@other", "ether broadcast"},
    Production{"@other", "ip multicast"},
    Production{"@other", "ip6 multicast"},
    Production{"@other", "less @number"},
    Production{"@other", "greater @number"},
    Production{"@other", "byte 0 = 5"},
    Production{"@other", "byte 1 & 5"},
    Production{"@other", "byte 1 | 5"},
    Production{"@other", "vlan"},
    Production{"@other", "vlan @small"},
    Production{"@other", "vlan ( 5 )"},
    Production{"@other", "mpls @small"},
    Production{"@other", "pppoed"},
    Production{"@other", "pppoes @small"},
    Production{"@other", "geneve"},
    Production{"@other", "geneve 7"},
    Production{"@other", "vxlan"},
    Production{"@other", "vxlan 7"},
    Production{"@other", "llc"},
    Production{"@other", "llc i"},
    Production{"@other", "llc rnr"},
    Production{"@other", "inbound"},
    Production{"@other", "outbound"},
    Production{"@other", "ifindex 3"},
    Production{"@other", "on en0"},
    Production{"@other", "rnr 5"},
    Production{"@other", "srnr 6"},
    Production{"@other", "ruleset en0"},
    Production{"@other", "reason match"},
    Production{"@other", "reason 3"},
    Production{"@other", "action pass"},
    Production{"@other", "type mgt"},
    Production{"@other", "type mgt subtype beacon"},
    Production{"@other", "type 0 subtype 16"},
    Production{"@other", "wlan type data"},
    Production{"@other", "subtype beacon"},
    Production{"@other", "dir nods"},
    Production{"@other", "direction 2"},
    Production{"@other", "lane"},
    Production{"@other", "oamf4"},
    Production{"@other", "metaconnect"},
    Production{"@other", "vpi 5"},
    Production{"@other", "vpi > 5"},
    Production{"@other", "vci ( 5 or 6 )"},
    Production{"@other", "fisu"},
    Production{"@other", "hmsu"},
    Production{"@other", "opc = 5"},
    Production{"@other", "sio ( 5 or 6 or 7 )"},
    Production{"@other", "hdpc < 7"},
};

// What is no keyword and may stand anywhere.
constexpr std::array<std::string_view, 42> kLiterals = {"(",
                                                        ")",
                                                        "[",
                                                        "]",
                                                        ":",
                                                        "/",
                                                        "+",
                                                        "-",
                                                        "*",
                                                        "%",
                                                        "&",
                                                        "|",
                                                        "^",
                                                        "<<",
                                                        ">>",
                                                        "<",
                                                        ">",
                                                        "<=",
                                                        ">=",
                                                        "=",
                                                        "==",
                                                        "!=",
                                                        "!",
                                                        "&&",
                                                        "||",
                                                        "0",
                                                        "80",
                                                        "0x10",
                                                        "017",
                                                        "1.2",
                                                        "1.2.3",
                                                        "1.2.3.4",
                                                        "10.0.0.0",
                                                        "255.0.0.0",
                                                        "::1",
                                                        "fe80::1",
                                                        "00:11:22:33:44:55",
                                                        "$7f",
                                                        "\\127.0.0.1",
                                                        "\\127.0.0.1",
                                                        "beacon",
                                                        "mgt"};

constexpr std::string_view kMeaningful = "()[]:/+-*%&|^<>=! \t\n\\$.0123456789abcdefxortnhpds";

constexpr int kDeepest = 6;

}  // namespace

const std::vector<std::string>& keyword_spellings() {
  static const std::vector<std::string> spellings = {
#define BPFC_KEYWORD(text, kind, number) text,
#include "grammar/keyword.def"
#undef BPFC_KEYWORD
  };
  return spellings;
}

std::string joined(const Tokens& tokens) {
  std::string text;
  for (const std::string& token : tokens) {
    if (!text.empty()) text += ' ';
    text += token;
  }
  return text;
}

void SentenceGenerator::expand(std::string_view symbol, int depth, Tokens& tokens) {
  const auto begin = std::find_if(kProductions.begin(), kProductions.end(),
                                  [&](const Production& row) { return row.symbol == symbol; });
  const auto end = std::find_if(begin, kProductions.end(),
                                [&](const Production& row) { return row.symbol != symbol; });
  const std::size_t choice = below(static_cast<std::size_t>(end - begin));
  std::string_view rest = (depth > kDeepest ? begin : begin + static_cast<long>(choice))->tokens;
  while (!rest.empty()) {
    const std::size_t space = std::min(rest.find(' '), rest.size());
    const std::string_view part = rest.substr(0, space);
    if (part.front() == '@') {
      expand(part, depth + 1, tokens);
    } else {
      tokens.emplace_back(part);
    }
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
}

Tokens SentenceGenerator::valid() {
  Tokens tokens;
  expand("@filter", 0, tokens);
  return tokens;
}

std::string SentenceGenerator::token() {
  if (below(2) == 0) return std::string(kLiterals[below(kLiterals.size())]);
  return keyword_spellings()[below(keyword_spellings().size())];
}

Tokens SentenceGenerator::mutate(Tokens tokens, int edits) {
  for (int i = 0; i < edits; ++i) {
    const std::size_t at = tokens.empty() ? 0 : below(tokens.size());
    const auto here = tokens.begin() + static_cast<long>(at);
    switch (tokens.empty() ? 0 : below(5)) {
      case 0:
        tokens.insert(here, token());
        break;
      case 1:
        tokens.erase(here);
        break;
      case 2:
        *here = token();
        break;
      case 3:
        tokens.insert(here, std::string(*here));
        break;
      default:
        std::swap(*here, tokens[below(tokens.size())]);
        break;
    }
  }
  return tokens;
}

Tokens SentenceGenerator::scrambled(std::size_t count) {
  Tokens tokens;
  while (tokens.size() < count) tokens.push_back(token());
  return tokens;
}

std::string SentenceGenerator::bytes(std::size_t count) {
  const bool any = below(2) == 0;
  std::string text;
  while (text.size() < count) {
    text += any ? static_cast<char>(below(256)) : kMeaningful[below(kMeaningful.size())];
  }
  return text;
}

}  // namespace bpfc::tests
