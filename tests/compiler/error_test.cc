// Every diagnostic of the compiler: what was written, what is said, and where.
#include <gmock/gmock.h>

#include "bpfc/compile.h"
#include "compiler/unasked_hosts.h"
#include "tests/compiler/known_names.h"

namespace bpfc {
namespace {

using Code = DiagnosticCode;

struct Case {
  const char* link_type;
  const char* expression;
  bool live;
  Code code;
  std::uint32_t column;  // from 1
  const char* message;
  const char* hint;
};

constexpr Case kCases[] = {
    {"EN10MB", "host", false, Code::kSyntax, 5,
     "the expression ends where there should be an address, name or number", ""},
    {"EN10MB", "ip 1.2.3.4", false, Code::kSyntax, 4,
     "'1.2.3.4' cannot stand here: there should be a qualifier such as 'src', 'host' or 'port', "
     "'and', 'or', or the end of the expression",
     "ip host 1.2.3.4"},
    {"EN10MB", "1.2.3.4", false, Code::kSyntax, 1,
     "'1.2.3.4' cannot stand here: there should be a test such as 'host 1.2.3.4' or 'tcp'",
     "host 1.2.3.4"},
    {"EN10MB", "tcp 80", false, Code::kSyntax, 5,
     "'80' cannot stand here: there should be a qualifier such as 'src', 'host' or 'port', 'and', "
     "'or', or the end of the expression",
     "tcp port 80"},
    {"EN10MB", "tcp dst 80", false, Code::kInvalidQualifier, 1,
     "'tcp dst' is not a valid qualifier of IPv4 host '80'", "tcp dst port 80"},
    {"EN10MB", "tcp port 80 or", false, Code::kSyntax, 15,
     "the expression ends where there should be a test such as 'host 1.2.3.4' or 'tcp', or an "
     "address, name or number",
     ""},
    {"EN10MB", "= =", false, Code::kSyntax, 1,
     "'=' cannot stand here: there should be a test such as 'host 1.2.3.4' or 'tcp'", ""},
    {"EN10MB", "net 10/8", false, Code::kSyntax, 7,
     "'/' cannot stand here: there should be 'and', 'or' or the end of the expression",
     "net 10.0.0.0/8"},
    {"EN10MB", "net 10 mask 255.0.0.0", false, Code::kSyntax, 8,
     "'mask' cannot stand here: there should be 'and', 'or' or the end of the expression",
     "net 10.0.0.0 mask 255.0.0.0"},
    {"EN10MB", "ip proto tcp", false, Code::kSyntax, 10,
     "'tcp' is a keyword, and as a name needs a backslash: there should be an address, name or "
     "number",
     "ip proto \\tcp"},
    {"EN10MB", "port 099", false, Code::kBadNumber, 6,
     "'9' is no digit of an octal number, which a leading 0 says this is", ""},
    {"EN10MB", "len = 4294967296", false, Code::kBadNumber, 7,
     "this number needs more than 32 bits", ""},
    {"EN10MB", "host 1.2.3.300", false, Code::kBadAddress, 6,
     "'1.2.3.300' is no IPv4 address: each part is a decimal number up to 255", ""},
    {"EN10MB", "decnet host 64.1", false, Code::kBadAddress, 13,
     "'64.1' is no DECnet address: write AREA.NODE, at most 63.1023", ""},
    {"EN10MB", "decnet host 1.1024", false, Code::kBadAddress, 13,
     "'1.1024' is no DECnet address: write AREA.NODE, at most 63.1023", ""},
    {"EN10MB", "src 1.2.3.0/24", false, Code::kInvalidQualifier, 5,
     "only 'net' takes a mask or a prefix length", "src net 1.2.3.0/24"},
    {"EN10MB", "host 1.2.3.0/24", false, Code::kInvalidQualifier, 6,
     "only 'net' takes a mask or a prefix length", "net 1.2.3.0/24"},
    {"EN10MB", "host fe80::1/64", false, Code::kInvalidQualifier, 6,
     "only 'net' takes a mask or a prefix length", ""},
    {"EN10MB", "net 1.2.3.4/24", false, Code::kNonNetworkBits, 5,
     "non-network bits set: '1.2.3.4' has bits outside its mask", "net 1.2.3.0/24"},
    {"EN10MB", "net 1.2.3.4 mask 255.255.255.0", false, Code::kNonNetworkBits, 5,
     "non-network bits set: '1.2.3.4' has bits outside its mask", "net 1.2.3.0 mask 255.255.255.0"},
    {"EN10MB", "ip6 net 1::2/16", false, Code::kNonNetworkBits, 9,
     "non-network bits set: '1::2' has bits outside its first 16", ""},
    {"EN10MB", "net 1.2.3.0/33", false, Code::kTooLarge, 5,
     "prefix length 33 is greater than its maximum 32", ""},
    {"EN10MB", "ip6 net 1::/129", false, Code::kTooLarge, 9,
     "prefix length 129 is greater than its maximum 128", ""},
    {"EN10MB", "ip6 host 1.2.3.4", false, Code::kInvalidQualifier, 1,
     "'ip6 host' is not a valid qualifier of IPv4 host '1.2.3.4'", ""},
    {"EN10MB", "ip host 1::2", false, Code::kInvalidQualifier, 1,
     "'ip host' is not a valid qualifier of IPv6 host '1::2'", ""},
    {"EN10MB", "tcp host 1.2.3.4", false, Code::kInvalidQualifier, 1,
     "'tcp host' is not a valid qualifier of IPv4 host '1.2.3.4'", "tcp and host 1.2.3.4"},
    {"EN10MB", "icmp net 10", false, Code::kInvalidQualifier, 1,
     "'icmp net' is not a valid qualifier of IPv4 network '10'", ""},
    {"EN10MB", "ip6 port 80", false, Code::kInvalidQualifier, 1,
     "'ip6 port' is not a valid qualifier: only tcp, udp and sctp have ports", ""},
    {"EN10MB", "port 1.2", false, Code::kInvalidQualifier, 6,
     "'1.2' is an address, which 'port' does not take", ""},
    {"EN10MB", "gateway 1.2.3.4", false, Code::kInvalidQualifier, 9,
     "'1.2.3.4' is an address, which 'gateway' does not take", ""},
    {"EN10MB", "tcp proto 5", false, Code::kInvalidQualifier, 11,
     "'proto' goes with ip, ip6, iso, isis, link, or nothing before it", ""},
    {"EN10MB", "udp protochain 6", false, Code::kInvalidQualifier, 16,
     "'protochain' goes with ip, ip6, or nothing before it", ""},
    {"EN10MB", "ip6 broadcast", false, Code::kInvalidQualifier, 1,
     "'broadcast' goes with link, ip, or nothing before it", ""},
    {"EN10MB", "arp multicast", false, Code::kInvalidQualifier, 1,
     "'multicast' goes with link, ip, ip6, or nothing before it", ""},
    {"EN10MB", "link", false, Code::kInvalidQualifier, 1,
     "'link' is no filter by itself: it needs an address or the like behind it", ""},
    {"EN10MB", "host 1:2:3:4:5:6", false, Code::kInvalidQualifier, 6,
     "'1:2:3:4:5:6' is a link-layer address, which needs 'ether' and no 'net' before it",
     "ether host 1:2:3:4:5:6"},
    {"EN10MB", "port 65536", false, Code::kTooLarge, 6,
     "port 65536 is greater than its maximum 65535", ""},
    {"EN10MB", "portrange 1-65536", false, Code::kTooLarge, 11,
     "port 65536 is greater than its maximum 65535", ""},
    {"EN10MB", "byte 5 = 256", false, Code::kTooLarge, 10,
     "byte value 256 is greater than its maximum 255", ""},
    {"EN10MB", "vlan 4096", false, Code::kTooLarge, 6,
     "VLAN tag 4096 is greater than its maximum 4095", ""},
    {"EN10MB", "mpls 1048576", false, Code::kTooLarge, 6,
     "MPLS label 1048576 is greater than its maximum 1048575", ""},
    {"EN10MB", "pppoes 65536", false, Code::kTooLarge, 8,
     "PPPoE session 65536 is greater than its maximum 65535", ""},
    {"EN10MB", "geneve 16777216", false, Code::kTooLarge, 8,
     "VNI 16777216 is greater than its maximum 16777215", ""},
    {"EN10MB", "vxlan 16777216", false, Code::kTooLarge, 7,
     "VNI 16777216 is greater than its maximum 16777215", ""},
    {"EN10MB", "proto 256", false, Code::kTooLarge, 7,
     "IP protocol 256 is greater than its maximum 255", ""},
    {"EN10MB", "ip6 proto 256", false, Code::kTooLarge, 11,
     "IPv6 next header 256 is greater than its maximum 255", ""},
    {"EN10MB", "isis proto 32", false, Code::kTooLarge, 12,
     "IS-IS PDU type 32 is greater than its maximum 31", ""},
    {"EN10MB", "ether proto 65536", false, Code::kTooLarge, 13,
     "link-layer protocol 65536 is greater than its maximum 65535", ""},
    {"EN10MB", "ip proto \\mptcp", false, Code::kTooLarge, 11,
     "IP protocol 262 is greater than its maximum 255", ""},
    {"EN10MB", "host foo", false, Code::kUnknownName, 6, "unknown host 'foo'", ""},
    {"EN10MB", "net foo", false, Code::kUnknownName, 5, "unknown network 'foo'", ""},
    {"EN10MB", "port foo", false, Code::kUnknownName, 6, "unknown port 'foo'", ""},
    {"EN10MB", "portrange foo-bar", false, Code::kUnknownName, 11, "unknown port 'foo'", ""},
    {"EN10MB", "proto foo", false, Code::kUnknownName, 7, "unknown protocol 'foo'", ""},
    {"EN10MB", "ether proto \\foo", false, Code::kUnknownName, 14, "unknown protocol 'foo'", ""},
    {"EN10MB", "isis proto \\clnp", false, Code::kUnknownName, 13, "unknown protocol 'clnp'", ""},
    {"EN10MB", "ether host foo", false, Code::kUnknownName, 12, "unknown ether host 'foo'", ""},
    {"EN10MB", "gateway foo", false, Code::kUnknownName, 9, "unknown ether host 'foo'", ""},
    {"EN10MB", "llc foo", false, Code::kUnknownName, 5, "unknown type of 802.2 frame 'foo'", ""},
    {"EN10MB", "ip[0:3]=1", false, Code::kDataSize, 6, "data size must be 1, 2 or 4, not 3", ""},
    {"EN10MB", "stp[0]=1", false, Code::kNotIndexable, 1,
     "'stp' does not support the index operation", ""},
    {"EN10MB", "ah[0]=1", false, Code::kNotIndexable, 1,
     "'ah' does not support the index operation", ""},
    {"EN10MB", "radio[0]=1", false, Code::kUnsupportedLinkType, 1,
     "'radio' is not supported on link type EN10MB", ""},
    {"EN10MB", "len / 0 = 1", false, Code::kDivisionByZero, 7, "division by zero", ""},
    {"EN10MB", "len % 0 = 1", false, Code::kDivisionByZero, 7, "modulus by zero", ""},
    {"EN10MB", "len << 32 = 0", false, Code::kShiftTooFar, 8,
     "shift by 32, which is more than 31 bits", ""},
    {"EN10MB", "1 >> 33 = 0", false, Code::kShiftTooFar, 6,
     "shift by 33, which is more than 31 bits", ""},
    {"EN10MB", "mpls and vlan", false, Code::kEncapsulation, 10, "no VLAN match after MPLS", ""},
    {"EN10MB", "mpls and arp", false, Code::kEncapsulation, 10,
     "unsupported protocol over MPLS: only ip, ip6 and mpls can follow", ""},
    {"EN10MB", "mpls and pppoes", false, Code::kEncapsulation, 10,
     "unsupported protocol over MPLS: only ip, ip6 and mpls can follow", ""},
    {"EN10MB", "mpls and decnet host 1.2", false, Code::kEncapsulation, 10,
     "unsupported protocol over MPLS: only ip, ip6 and mpls can follow", ""},
    {"EN10MB", "geneve and ip protochain 6", false, Code::kEncapsulation, 26,
     "'protochain' is not supported behind headers of variable length", ""},
    {"EN10MB", "vxlan and gateway four", false, Code::kEncapsulation, 19,
     "'gateway' is not supported behind mpls, geneve or vxlan", ""},
    {"EN10MB", "ip broadcast", false, Code::kNetmaskUnknown, 1,
     "the netmask is not known, so 'ip broadcast' cannot be told: give it as the option netmask "
     "(-m)",
     ""},
    {"EN10MB", "inbound", false, Code::kNotLive, 1,
     "'inbound' needs a live capture: link type EN10MB does not say which way packets go", ""},
    {"EN10MB", "ifindex 3", false, Code::kNotLive, 1,
     "'ifindex' needs a live capture: link type EN10MB does not name the interface", ""},
    {"RAW", "inbound", false, Code::kNotLive, 1,
     "'inbound' needs a live capture: link type RAW does not say which way packets go", ""},
    {"LINUX_SLL", "ifindex 3", false, Code::kNotLive, 1,
     "'ifindex' needs a live capture: link type LINUX_SLL does not name the interface", ""},
    {"LINUX_SLL", "link[0]=1", true, Code::kUnsupportedLinkType, 1,
     "a live LINUX_SLL socket does not show the bytes of the link-layer header", ""},
    {"EN10MB", "type mgt", false, Code::kUnsupportedLinkType, 1,
     "'type' is not supported on link type EN10MB", ""},
    {"EN10MB", "vpi 5", false, Code::kUnsupportedLinkType, 1,
     "'vpi' is not supported on link type EN10MB", ""},
    {"EN10MB", "fisu", false, Code::kUnsupportedLinkType, 1,
     "'fisu' is not supported on link type EN10MB", ""},
    {"EN10MB", "on eth0", false, Code::kUnsupportedLinkType, 1,
     "'on' is not supported on link type EN10MB", ""},
    {"EN10MB", "wlan addr1 1:2:3:4:5:6", false, Code::kUnsupportedLinkType, 1,
     "'addr1' is not supported on link type EN10MB", ""},
    {"EN10MB", "ether host $1f", false, Code::kUnsupportedLinkType, 12,
     "link type EN10MB has no addresses of one byte", ""},
    {"EN10MB", "pppoes and vlan", false, Code::kUnsupportedLinkType, 12,
     "'vlan' is not supported on link type PPP", ""},
    {"RAW", "vlan", false, Code::kUnsupportedLinkType, 1,
     "'vlan' is not supported on link type RAW", ""},
    {"IPV4", "mpls", false, Code::kUnsupportedLinkType, 1,
     "'mpls' is not supported on link type IPV4", ""},
    {"NULL", "llc", false, Code::kUnsupportedLinkType, 1,
     "'llc' is not supported on link type NULL", ""},
    {"LOOP", "broadcast", false, Code::kUnsupportedLinkType, 1,
     "'broadcast' is not supported on link type LOOP", ""},
    {"LINUX_SLL", "ether host 1:2:3:4:5:6", false, Code::kUnsupportedLinkType, 12,
     "'ether host' is not supported on link type LINUX_SLL", ""},
    {"LINUX_SLL2", "multicast", false, Code::kUnsupportedLinkType, 1,
     "'multicast' is not supported on link type LINUX_SLL2", ""},
    {"IPV6", "gateway foo", false, Code::kUnsupportedLinkType, 9,
     "'gateway' is not supported on link type IPV6", ""},
    {"IEEE802_11", "type foo", false, Code::kUnknownName, 6, "unknown 802.11 type 'foo'", ""},
    {"IEEE802_11", "tcp type mgt", false, Code::kInvalidQualifier, 1,
     "'tcp' is not a valid qualifier of what 802.11 frames are asked", "wlan type mgt"},
    {"IEEE802_11", "type 5", false, Code::kTooLarge, 6, "802.11 type 5 is not 0, 4, 8 or 12", ""},
    {"IEEE802_11", "type data subtype beacon", false, Code::kUnknownName, 19,
     "unknown 802.11 subtype 'beacon' of that type", ""},
    {"IEEE802_11", "type mgt subtype 7", false, Code::kTooLarge, 18,
     "802.11 subtype 7 is not a multiple of 16 up to 240", ""},
    {"IEEE802_11", "subtype xyz", false, Code::kUnknownName, 9, "unknown 802.11 subtype 'xyz'", ""},
    {"IEEE802_11", "dir 4", false, Code::kTooLarge, 5,
     "802.11 direction 4 is greater than its maximum 3", ""},
    {"IEEE802_11", "dir sideways", false, Code::kUnknownName, 5,
     "unknown 802.11 direction 'sideways'", ""},
    {"EN10MB", "type mgt", false, Code::kUnsupportedLinkType, 1,
     "'type' is not supported on link type EN10MB, only on 802.11", ""},
    {"EN10MB", "icmp type 8", false, Code::kUnsupportedLinkType, 1,
     "'type' is that of 802.11, and not supported on link type EN10MB", "icmp[icmptype] = 8"},
    {"EN10MB", "wlan ra 1:2:3:4:5:6", false, Code::kUnsupportedLinkType, 1,
     "'ra' is not supported on link type EN10MB, only on 802.11", ""},
    {"EN10MB", "ip ra 1.2.3.4", false, Code::kInvalidQualifier, 1,
     "'ip ra' is not a valid qualifier", ""},
    {"EN10MB", "ra port 80", false, Code::kInvalidQualifier, 1,
     "'ra port' is not a valid qualifier of a port", ""},
    {"PFLOG", "reason foo", false, Code::kUnknownName, 8, "unknown pf reason 'foo'", ""},
    {"PFLOG", "action foo", false, Code::kUnknownName, 8, "unknown pf action 'foo'", ""},
    {"PFLOG", "on abcdefghijklmnop", false, Code::kTooLarge, 4,
     "a pf interface name has at most 15 characters", ""},
    {"PFLOG", "rset abcdefghijklmnop", false, Code::kTooLarge, 6,
     "a pf ruleset name has at most 15 characters", ""},
    {"EN10MB", "action pass", false, Code::kUnsupportedLinkType, 1,
     "'action' is not supported on link type EN10MB, only on PFLOG", ""},
    {"SUNATM", "vpi 256", false, Code::kTooLarge, 5, "vpi 256 is greater than its maximum 255", ""},
    {"SUNATM", "vci (1 or 65536)", false, Code::kTooLarge, 11,
     "vci 65536 is greater than its maximum 65535", ""},
    {"EN10MB", "vpi 3", false, Code::kUnsupportedLinkType, 1,
     "'vpi' is not supported on link type EN10MB, only on SUNATM", ""},
    {"EN10MB", "lane", false, Code::kUnsupportedLinkType, 1,
     "'lane' is not supported on link type EN10MB, only on SUNATM", ""},
    {"MTP2", "opc 16384", false, Code::kTooLarge, 5, "opc 16384 is greater than its maximum 16383",
     ""},
    {"MTP2", "hsls > 16", false, Code::kTooLarge, 8, "hsls 16 is greater than its maximum 15", ""},
    {"MTP3", "opc 5", false, Code::kUnsupportedLinkType, 1,
     "'opc' is not supported on link type MTP3, only on MTP2, MTP2_WITH_PHDR and ERF", ""},
    {"MTP3", "fisu", false, Code::kUnsupportedLinkType, 1,
     "'fisu' is not supported on link type MTP3, only on MTP2, MTP2_WITH_PHDR and ERF", ""},
    {"MTP2", "ip", false, Code::kUnsupportedLinkType, 1,
     "protocols cannot be told on link type MTP2: ask for bytes (link[]) or len", ""},
    {"ARCNET", "ether host 1:2:3:4:5:6", false, Code::kUnsupportedLinkType, 12,
     "'ether host' is not supported on link type ARCNET", ""},
    {"EN10MB", "ether host $5", false, Code::kUnsupportedLinkType, 12,
     "link type EN10MB has no addresses of one byte", ""},
    {"BACNET_MS_TP", "multicast", false, Code::kUnsupportedLinkType, 1,
     "'multicast' is not supported on link type BACNET_MS_TP", ""},
    {"EN10MB", "radio[0] = 1", false, Code::kUnsupportedLinkType, 1,
     "'radio' is not supported on link type EN10MB", ""},
    {"PPI", "vlan", false, Code::kUnsupportedLinkType, 1,
     "'vlan' is not supported on link type PPI", ""},
    {"IEEE802_11_RADIO", "protochain 6", false, Code::kEncapsulation, 12,
     "'protochain' is not supported behind headers of variable length", ""},
    {"LINUX_SLL", "pppoes and inbound", false, Code::kNotLive, 12,
     "'inbound' needs a live capture: link type PPP (inside the encapsulation before it)", ""},
    {"EN10MB", "not tcp host 1.2.3.4", false, Code::kInvalidQualifier, 5,
     "'tcp host' is not a valid qualifier of IPv4 host '1.2.3.4'", "not (tcp and host 1.2.3.4)"},
    {"EN10MB", "src 1:2:3:4:5:6", false, Code::kInvalidQualifier, 5,
     "'1:2:3:4:5:6' is a link-layer address", "ether src 1:2:3:4:5:6"},
    {"IEEE802_11", "not ta 1:2:3:4:5:6", false, Code::kInvalidQualifier, 8,
     "'1:2:3:4:5:6' is a link-layer address", "not wlan ta 1:2:3:4:5:6"},
    {"EN10MB", "length > 5 bytes", false, Code::kSyntax, 12, "'bytes' is not a keyword", ""},
    {"EN10MB", "tcp[0:2] = 80,443", false, Code::kSyntax, 14, "',' means nothing here", ""},
    {"EN10MB", "vlan foo", false, Code::kSyntax, 6, "'foo' is not a keyword", ""},
    {"EN10MB", "tcp 80 or host nobody", false, Code::kSyntax, 5, "'80' cannot stand here",
     "tcp port 80 or host nobody"},
    {"EN10MB", "vlan id 5", false, Code::kSyntax, 6, "'id' is not a keyword", "vlan 5"},
    {"EN10MB", "port 80-90", false, Code::kUnknownName, 6, "unknown port '80-90'",
     "portrange 80-90"},
    {"EN10MB", "host 1.2.3.4 and dport 80", false, Code::kSyntax, 24, "'80' cannot stand here",
     "host 1.2.3.4 and dst port 80"},
    {"EN10MB", "tcp and udp", false, Code::kRejectsAll, 1, "expression rejects all packets", ""},
};

CompileOptions options_of(const Case& c, const NameResolver& resolver) {
  CompileOptions options;
  options.link_type = find_link_type(c.link_type);
  options.target = c.live ? Target::kLiveLinux : Target::kPlain;
  options.resolver = &resolver;
  return options;
}

TEST(CompileError, SaysWhatIsWrongAndWhere) {
  const TableNameResolver resolver = testing::known_names();
  for (const Case& c : kCases) {
    SCOPED_TRACE(std::string(c.link_type) + ": " + c.expression);
    const auto compiled = compile(c.expression, options_of(c, resolver));
    ASSERT_FALSE(compiled);
    const Diagnostic& error = compiled.error();
    EXPECT_EQ(name(error.code), name(c.code));
    EXPECT_EQ(error.range.begin + 1, c.column);
    EXPECT_THAT(error.message, ::testing::HasSubstr(c.message));
    EXPECT_EQ(error.hint, c.hint);
  }
}

TEST(CompileError, GivesHintsThatCompile) {
  const TableNameResolver resolver = testing::known_names();
  for (const Case& c : kCases) {
    if (*c.hint == '\0') continue;
    // Nobody asks whether a host in a hint exists.
    const UnaskedHosts names(&resolver, c.expression);
    EXPECT_TRUE(compile(c.hint, options_of(c, names))) << c.hint;
  }
}

TEST(CompileError, RefusesASnaplenOfZero) {
  CompileOptions options;
  options.snaplen = 0;
  const auto compiled = compile("ip", options);
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().code, Code::kBadOption);
}

TEST(CompileError, RefusesNestingPastTheLimit) {
  const std::string deep = std::string(30'000, '(') + "ip" + std::string(30'000, ')');
  const auto compiled = compile(deep, CompileOptions{});
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().code, Code::kTooDeep);
}

TEST(CompileError, RefusesMoreTunnelsThanThereAreVariables) {
  std::string text = "geneve";
  for (int i = 0; i < 100; ++i) text += " and geneve";
  const auto compiled = compile(text, CompileOptions{});
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().code, Code::kTooComplex);
}

TEST(CompileWarning, NamesTheKernelsLimit) {
  // Far apart, so that no two are neighbours.
  std::string text = "host 10.0.0.0";
  for (std::uint32_t i = 1; i < 3000; ++i) {
    const std::uint32_t address = i * 0x9e3779b1U;
    text += " or host";
    char between = ' ';
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
      text += between + std::to_string(address >> shift & 0xffU);
      between = '.';
    }
  }
  const auto compiled = compile(text, CompileOptions{});
  ASSERT_TRUE(compiled);
  ASSERT_EQ(compiled->warnings.size(), 1U);
  EXPECT_EQ(compiled->warnings[0].code, Code::kWarnProgramTooLong);
  EXPECT_THAT(compiled->warnings[0].message, ::testing::HasSubstr("4096"));
}

}  // namespace
}  // namespace bpfc
