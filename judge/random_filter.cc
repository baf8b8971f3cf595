#include "judge/random_filter.h"

#include <fmt/format.h>

#include <array>
#include <span>

namespace bpfc::judge {
namespace {

using Forms = std::span<const std::string_view>;

constexpr unsigned kDepth = 3;
constexpr unsigned kExpressionDepth = 2;
constexpr std::size_t kLongestList = 12;

// What follows a % is a place; place() says what stands there.
constexpr auto kPrimitives = std::to_array<std::string_view>({
    "ip",
    "ip6",
    "arp",
    "tcp",
    "udp",
    "icmp",
    "icmp6",
    "%q host %a",
    "ip %q host %a",
    "arp %q host %a",
    "ip6 %q host %6",
    "%q net %n",
    "ip6 %q net %6/%l",
    "%q port %p",
    "%t %q port %p",
    "%q portrange %p-%P",
    "%t %q portrange %p-%P",
    "ip proto %b",
    "ip6 proto %b",
    "ether proto %h",
    "ether %d %m",
    "ether broadcast",
    "ether multicast",
    "ip multicast",
    "ip6 multicast",
    "vlan",
    "vlan %v",
    "mpls %v",
    "pppoes",
    "geneve",
    "vxlan",
    "less %s",
    "greater %s",
    "tcp[tcpflags] & (tcp-syn | tcp-fin) != 0",
    "icmp[icmptype] = icmp-echo",
    "%e %o %e",
    "%e %o %e",
    "%e & %h = %h",
    "ip protochain %b",
});
// Before lists of values.
constexpr auto kLists = std::to_array<std::string_view>(
    {"%q host %a", "ip6 %q host %6", "%q port %p", "%t %q port %p", "%q net %n", "ip proto %b",
     "ether proto %h", "vlan %v", "%q portrange %p-%P"});
constexpr auto kDirections =
    std::to_array<std::string_view>({"", "src", "dst", "src or dst", "src and dst"});
constexpr auto kEnds = std::to_array<std::string_view>({"src", "dst", "host"});
constexpr auto kTransports = std::to_array<std::string_view>({"tcp", "udp", "sctp"});
constexpr auto kComparisons = std::to_array<std::string_view>({"=", "!=", "<", ">", "<=", ">="});
constexpr auto kArithmetic =
    std::to_array<std::string_view>({"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"});
constexpr auto kAccessors =
    std::to_array<std::string_view>({"ether", "ip", "ip6", "tcp", "udp", "icmp", "arp", "link"});
constexpr auto kPorts = std::to_array<unsigned>({22, 53, 80, 81, 443, 8000, 8080, 9000, 65535});
constexpr auto kProtocols = std::to_array<unsigned>({0, 1, 2, 6, 17, 44, 47, 50, 58, 132, 255});
constexpr auto kEthertypes = std::to_array<unsigned>(
    {0x0800, 0x0806, 0x86dd, 0x8100, 0x8847, 0x8863, 0x8864, 0x88a8, 0xff, 0xffff});
constexpr auto kSizes = std::to_array<std::string_view>({"", ":1", ":2", ":4"});

template <typename Table>
const auto& any_of(const Table& table, RandomSource& random) {
  return table[random.below(table.size())];
}

}  // namespace

std::string RandomFilter::address() {
  // Few networks, so that they share prefixes.
  const bool wide = random_.one_in(4);
  return fmt::format("{}.{}.{}.{}", wide ? random_.byte() : 10, random_.below(wide ? 256 : 2),
                     random_.below(4), random_.below(8));
}

std::string RandomFilter::expression(unsigned depth) {
  switch (random_.below(depth == 0 ? 3 : 5)) {
    case 0:
      return random_.one_in(2) ? fmt::format("{}", random_.below(70))
                               : fmt::format("{:#x}", random_.word());
    case 1:
      return "len";
    case 2: {
      const std::string_view of = any_of(kAccessors, random_);
      const std::string at = depth == 0 || !random_.one_in(4) ? fmt::format("{}", random_.below(24))
                                                              : expression(depth - 1);
      return fmt::format("{}[{}{}]", of, at, any_of(kSizes, random_));
    }
    default:
      return fmt::format("({} {} {})", expression(depth - 1), any_of(kArithmetic, random_),
                         expression(depth - 1));
  }
}

std::string RandomFilter::place(char kind) {
  switch (kind) {
    case 'q':
      return std::string(any_of(kDirections, random_));
    case 'd':
      return std::string(any_of(kEnds, random_));
    case 't':
      return std::string(any_of(kTransports, random_));
    case 'o':
      return std::string(any_of(kComparisons, random_));
    case 'a':
      return address();
    case 'n': {
      // The bits behind the prefix have to be 0.
      const std::size_t length = 8 * (1 + random_.below(3));
      return fmt::format("10{}{}.0/{}", length == 8 ? ".0" : fmt::format(".{}", random_.below(2)),
                         length == 24 ? fmt::format(".{}", random_.below(4)) : ".0", length);
    }
    case '6':
      return fmt::format("2001:db8::{:x}", random_.below(8));
    case 'l':
      return "128";
    case 'm':
      return fmt::format("02:00:00:00:00:0{}", random_.below(4));
    case 'p':
      return fmt::format("{}", random_.one_in(4) ? random_.below(1024) : any_of(kPorts, random_));
    case 'P':
      return fmt::format("{}", 1024 + random_.below(64512));
    case 'b':
      return fmt::format("{}", any_of(kProtocols, random_));
    case 'h':
      return fmt::format("{:#x}", any_of(kEthertypes, random_));
    case 'v':
      return fmt::format("{}", random_.one_in(4) ? random_.below(4096) : random_.below(8));
    case 's':
      return fmt::format("{}", random_.below(1600));
    default:
      return expression(kExpressionDepth);
  }
}

std::string RandomFilter::filled(std::string_view form) {
  std::string text;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] == '%') {
      text += place(form[++i]);
    } else if (form[i] != ' ' || !(text.empty() || text.back() == ' ')) {
      text += form[i];
    }
  }
  return text;
}

std::string RandomFilter::list() {
  const std::string_view form = any_of(kLists, random_);
  const std::string_view value = form.substr(form.rfind(' ') + 1);
  std::string text = filled(form);
  for (std::size_t i = random_.below(kLongestList); i > 0; --i) text += " or " + filled(value);
  return random_.one_in(8) ? "not (" + text + ")" : "(" + text + ")";
}

std::string RandomFilter::condition(unsigned depth) {
  if (depth == 0 || random_.one_in(4)) {
    return random_.one_in(4) ? list() : filled(any_of(kPrimitives, random_));
  }
  switch (random_.below(5)) {
    case 0:
      return "not (" + condition(depth - 1) + ")";
    case 1:
    case 2:
      return "(" + condition(depth - 1) + " or " + condition(depth - 1) + ")";
    default:
      return condition(depth - 1) + " and " + condition(depth - 1);
  }
}

std::string RandomFilter::text() {
  return condition(static_cast<unsigned>(random_.below(kDepth + 1)));
}

}  // namespace bpfc::judge
