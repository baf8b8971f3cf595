#include "tests/compiler/random_filter.h"

#include <array>
#include <fstream>
#include <string_view>

namespace bpfc::testing {
namespace {

constexpr auto kWords = std::to_array<std::string_view>({
#define BPFC_KEYWORD(text, token, value) text,
#include "grammar/keyword.def"
#undef BPFC_KEYWORD
});

constexpr std::array<std::string_view, 62> kPieces = {
    "and",        "or",     "not",       "&&",          "||",          "!",
    "(",          ")",      "[",         "]",           ":",           "=",
    "==",         "!=",     "<",         ">",           "<=",          ">=",
    "+",          "-",      "*",         "/",           "%",           "&",
    "|",          "^",      "<<",        ">>",          "0",           "1",
    "2",          "4",      "6",         "14",          "80",          "255",
    "4095",       "65535",  "65536",     "0x7fffffff",  "0x80000000",  "0xffffffff",
    "4294967296", "09",     "1.2.3.4",   "10.1",        "1.2",         "10.0.0.0/8",
    "1.2.3.0/24", "::1",    "fe80::/10", "2001:db8::1", "1:2:3:4:5:6", "$1f",
    "\\tcp",      "\\ip",   "known",     "unknown",     "80-90",       "tcpflags",
    "icmp-echo",  "tcp-syn"};

// Shapes that random words seldom make.
constexpr std::array<std::string_view, 12> kPhrases = {
    "ip[2:2] + 1",     "tcp[tcpflags] & 2 != 0",
    "vlan and",        "geneve and",
    "vxlan and",       "mpls and",
    "pppoes and",      "net 10.0.0.0 mask 255.0.0.0",
    "ip protochain 6", "ether[0] & 1 = 0",
    "host known",      "port known"};

const NameResolver& resolver() {
  static const TableNameResolver kResolver = [] {
    NameTable table;
    table.hosts["known"] = {{0x01020304, 0x0a000001}, {{0xfe, 0x80}, {0x20, 0x01}}};
    table.ethers["known"] = {1, 2, 3, 4, 5, 6};
    table.networks["known"] = 0x0a01;
    table.ports["known"] = {.tcp = 80, .udp = 80, .sctp = {}};
    table.protocols["tcp"] = 6;
    table.protocols["known"] = 17;
    return TableNameResolver(table);
  }();
  return kResolver;
}

}  // namespace

RandomFilter::RandomFilter(std::uint64_t seed) : random_(seed) {
  std::ifstream file(BPFC_SOURCE_DIR "/tests/data/expressions.txt");
  for (std::string line; std::getline(file, line);) {
    const std::size_t tab = line.find('\t');
    if (tab != std::string::npos && line[0] != '#') valid_.push_back(line.substr(tab + 1));
  }
  if (valid_.empty()) valid_.emplace_back("tcp port 80");
}

std::string RandomFilter::bytes() {
  std::string made(below(40), ' ');
  for (char& byte : made) byte = static_cast<char>(below(256));
  return made;
}

std::string RandomFilter::token() {
  const std::uint32_t kind = below(16);
  if (kind == 0) return std::to_string(random_());
  if (kind == 1) return std::string(kPhrases[below(kPhrases.size())]);
  if (kind < 8) return std::string(kPieces[below(kPieces.size())]);
  return std::string(kWords[below(kWords.size())]);
}

std::string RandomFilter::tokens() {
  std::string made;
  for (std::uint32_t count = 1 + below(14); count > 0; --count) {
    made += token();
    if (below(8) != 0) made += ' ';
  }
  return made;
}

std::string RandomFilter::mutated() {
  const auto pick = [&]() -> const std::string& {
    return valid_[below(static_cast<std::uint32_t>(valid_.size()))];
  };
  std::string made = pick();
  for (std::uint32_t count = 1 + below(4); count > 0; --count) {
    const std::uint32_t at = below(static_cast<std::uint32_t>(made.size()) + 1);
    const std::uint32_t length = below(8);
    switch (below(7)) {
      case 0:
        made.erase(at, length);
        break;
      case 1:
        made.insert(at, made.substr(at, length));
        break;
      case 2:
        made.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 3:
        made.replace(at, length, " " + token() + " ");
        break;
      case 4:
        made = (below(2) == 0 ? "not (" : "(") + made + ")";
        break;
      default:
        made += (below(2) == 0 ? " and " : " or ") + pick();
    }
  }
  return made;
}

std::string RandomFilter::text() {
  switch (below(8)) {
    case 0:
      return bytes();
    case 1:
    case 2:
    case 3:
      return tokens();
    default:
      return mutated();
  }
}

CompileOptions RandomFilter::options() {
  const auto types = link_types();
  CompileOptions options;
  options.link_type = &types[below(static_cast<std::uint32_t>(types.size()))];
  // Most filters are for Ethernet.
  if (below(2) == 0) options.link_type = find_link_type("EN10MB");
  options.target = static_cast<Target>(below(4));
  options.optimization = below(3) == 0 ? Optimization::kNone : Optimization::kDefault;
  options.snaplen = below(20) == 0 ? below(3) : kDefaultSnaplen;
  if (below(2) == 0) options.netmask = 0xffffff00U << below(24);
  if (below(8) != 0) options.resolver = &resolver();
  if (below(64) == 0) {
    const auto stages = dump_stages();
    options.dump = stages[below(static_cast<std::uint32_t>(stages.size()))];
  }
  return options;
}

}  // namespace bpfc::testing
