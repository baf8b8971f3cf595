#include "tests/reference/evaluator.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "grammar/parse.h"
#include "tests/hex_bytes.h"

namespace bpfc::reference {
namespace {

// One host, "gate", with an Ethernet address and two IPv4 addresses and one of IPv6.
class OneHost final : public NameResolver {
 public:
  Expected<HostAddresses, NameError> host(std::string_view name) const override {
    if (name != "gate") {
      return unknown();
    }
    HostAddresses addresses;
    addresses.ipv4 = {0x0a000001, 0x0a000009};
    addresses.ipv6 = {{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
    return addresses;
  }
  Expected<EthernetAddress, NameError> ether(std::string_view name) const override {
    if (name != "gate") {
      return unknown();
    }
    return EthernetAddress{2, 0, 0, 0, 0, 1};
  }
  Expected<std::uint32_t, NameError> network(std::string_view name) const override {
    if (name != "inside") {
      return unknown();
    }
    return 0x0aU;
  }
  Expected<ServicePorts, NameError> port(std::string_view name) const override {
    ServicePorts ports;
    if (name == "web") {
      ports.tcp = 80;
    } else if (name == "dns") {
      ports.tcp = 53;
      ports.udp = 53;
    } else {
      return unknown();
    }
    return ports;
  }
  Expected<std::uint32_t, NameError> protocol(std::string_view) const override { return unknown(); }

 private:
  static Unexpected<NameError> unknown() {
    return Unexpected<NameError>(NameError{NameError::Kind::kUnknown, "unknown"});
  }
};

enum class Said : std::uint8_t { kAccept, kReject, kRefused };

Said say(std::string_view expression, const Environment& environment, std::string_view hex,
         const Ancillary* ancillary = nullptr, std::uint32_t wire_length = 0) {
  const auto filter = grammar::parse(expression);
  if (!filter) {
    ADD_FAILURE() << expression << ": " << filter.error().message;
    return Said::kRefused;
  }
  const std::vector<std::uint8_t> captured = testing::hex_bytes(hex);
  const auto length = static_cast<std::uint32_t>(captured.size());
  const Verdict verdict = evaluate(*filter, environment,
                                   {captured, wire_length == 0 ? length : wire_length, ancillary});
  switch (verdict.kind) {
    case Verdict::Kind::kAccept:
      return Said::kAccept;
    case Verdict::Kind::kReject:
      return Said::kReject;
    case Verdict::Kind::kUnsupported:
      EXPECT_FALSE(verdict.reason.empty());
      return Said::kRefused;
  }
  return Said::kRefused;
}

// From 02::01 to 02::02, 10.0.0.1 to 10.0.0.2, TCP 1025 to 80.
constexpr std::string_view kWeb =
    "020000000002 020000000001 0800 4500 0028 0001 0000 40 06 0000 0a000001 0a000002"
    "0401 0050 00000001 00000000 5002 2000 0000 0000";
// The same frame, forwarded for 10.0.0.7.
constexpr std::string_view kForwarded =
    "020000000002 020000000001 0800 4500 0028 0001 0000 40 06 0000 0a000007 0a000002"
    "0401 0050 00000001 00000000 5002 2000 0000 0000";
constexpr std::string_view kTagged =
    "020000000002 020000000001 8100 0005 0800 4500 0028 0001 0000 40 06 0000 0a000001 0a000002"
    "0401 0050 00000001 00000000 5002 2000 0000 0000";
// VXLAN 5 over IPv4 with the first frame's Ethernet header and IPv4 header inside.
constexpr std::string_view kVxlan =
    "020000000009 02000000000a 0800 4500 0060 0001 0000 40 11 0000 01010101 02020202"
    "1000 12b5 0000 0000 08 000000 000005 00"
    "020000000002 020000000001 0800 4500 0028 0001 0000 40 06 0000 0a000001 0a000002"
    "0401 0050 00000001 00000000 5002 2000 0000 0000";
constexpr std::string_view kNullIp = "02000000 4500 0014 0001 0000 40 06 0000 0a000001 0a000002";
constexpr std::string_view kNullIpBig = "00000002 4500 0014 0001 0000 40 06 0000 0a000001 0a000002";
constexpr std::string_view kNullIp6Bsd = "1e000000 60000000";

struct Case {
  std::string_view expression;
  LinkType link_type;
  std::string_view packet;
  Said verdict;
};

TEST(Evaluator, SaysWhatTheTableSays) {
  const std::vector<Case> cases{
      {"", LinkType::kEthernet, "", Said::kAccept},
      {"tcp", LinkType::kEthernet, kWeb, Said::kAccept},
      {"udp", LinkType::kEthernet, kWeb, Said::kReject},
      {"tcp dst port 80", LinkType::kEthernet, kWeb, Said::kAccept},
      {"tcp port 80 or 443", LinkType::kEthernet, kWeb, Said::kAccept},
      {"port web", LinkType::kEthernet, kWeb, Said::kAccept},
      {"port dns", LinkType::kEthernet, kWeb, Said::kReject},
      {"udp port web", LinkType::kEthernet, kWeb, Said::kRefused},
      {"host gate", LinkType::kEthernet, kWeb, Said::kAccept},
      {"dst host gate", LinkType::kEthernet, kWeb, Said::kReject},
      {"net inside", LinkType::kEthernet, kWeb, Said::kAccept},
      {"ether host gate", LinkType::kEthernet, kWeb, Said::kAccept},
      {"gateway gate", LinkType::kEthernet, kWeb, Said::kReject},
      {"gateway gate", LinkType::kEthernet, kForwarded, Said::kAccept},
      {"arp gateway gate", LinkType::kEthernet, kForwarded, Said::kReject},
      {"gateway nobody", LinkType::kEthernet, kForwarded, Said::kRefused},
      {"mpls and gateway gate", LinkType::kEthernet, kForwarded, Said::kRefused},
      {"gateway gate", LinkType::kRaw, kForwarded, Said::kRefused},
      {"len / ip[0] = 0", LinkType::kEthernet, kWeb, Said::kAccept},
      {"1 / (len - len) = 0 or ip", LinkType::kEthernet, kWeb, Said::kReject},
      {"ip or 1 / (len - len) = 0", LinkType::kEthernet, kWeb, Said::kAccept},
      {"1 << 32 = 1", LinkType::kEthernet, kWeb, Said::kRefused},
      {"1 << (len - len + 32) = 1", LinkType::kEthernet, kWeb, Said::kAccept},
      {"ether[1000] = 0 or ip", LinkType::kEthernet, kWeb, Said::kReject},
      {"ip or ether[1000] = 0", LinkType::kEthernet, kWeb, Said::kAccept},
      {"ether[1000] * 0 = 0", LinkType::kEthernet, kWeb, Said::kReject},
      {"host 10.0.0.9 or src 10.0.0.1", LinkType::kEthernet, kWeb.substr(0, 74), Said::kReject},
      {"src 10.0.0.9 or src 10.0.0.1", LinkType::kEthernet, kWeb.substr(0, 74), Said::kAccept},
      {"byte 12 & 8", LinkType::kEthernet, kWeb, Said::kAccept},
      {"byte 12 & 4", LinkType::kEthernet, kWeb, Said::kReject},
      {"byte 12 | 0", LinkType::kEthernet, kWeb, Said::kAccept},
      {"byte 12 = 256", LinkType::kEthernet, kWeb, Said::kRefused},
      {"vlan 5 and tcp dst port 80", LinkType::kEthernet, kTagged, Said::kAccept},
      {"not vlan and tcp", LinkType::kEthernet, kTagged, Said::kReject},
      {"vlan 6", LinkType::kEthernet, kTagged, Said::kReject},
      {"vxlan", LinkType::kEthernet, kVxlan, Said::kAccept},
      {"vxlan 5 and tcp dst port 80", LinkType::kEthernet, kVxlan, Said::kAccept},
      {"vxlan 6", LinkType::kEthernet, kVxlan, Said::kReject},
      {"vxlan and host 1.1.1.1", LinkType::kEthernet, kVxlan, Said::kReject},
      {"host 1.1.1.1 and vxlan and host 10.0.0.1", LinkType::kEthernet, kVxlan, Said::kAccept},
      {"vxlan and ether src 02:00:00:00:00:01", LinkType::kEthernet, kVxlan, Said::kAccept},
      {"vxlan or multicast", LinkType::kEthernet, kWeb, Said::kReject},
      {"vxlan and vxlan", LinkType::kEthernet, kVxlan, Said::kReject},
      {"vxlan 16777216", LinkType::kEthernet, kVxlan, Said::kRefused},
      {"inbound", LinkType::kEthernet, kWeb, Said::kRefused},
      {"ifindex 5", LinkType::kEthernet, kWeb, Said::kRefused},
      {"ip broadcast", LinkType::kEthernet, kWeb, Said::kRefused},
      {"ip proto 256", LinkType::kEthernet, kWeb, Said::kRefused},
      {"type mgt", LinkType::kEthernet, kWeb, Said::kRefused},
      {"ip and src 10.0.0.1", LinkType::kNull, kNullIp, Said::kAccept},
      {"ip", LinkType::kNull, kNullIpBig, Said::kReject},
      {"ip", LinkType::kLoop, kNullIpBig, Said::kAccept},
      {"ip", LinkType::kLoop, kNullIp, Said::kReject},
  };
  const OneHost names;
  for (const Case& c : cases) {
    Environment environment;
    environment.link_type = c.link_type;
    environment.resolver = &names;
    EXPECT_EQ(say(c.expression, environment, c.packet), c.verdict) << c.expression;
  }
}

TEST(Evaluator, MatchesEveryFamilyOfASavefile) {
  Environment environment;
  environment.link_type = LinkType::kNull;
  environment.target = Target::kSavefileNative;
  EXPECT_EQ(say("ip", environment, kNullIp), Said::kAccept);
  EXPECT_EQ(say("ip", environment, kNullIpBig), Said::kAccept);
  EXPECT_EQ(say("ip6", environment, kNullIp6Bsd), Said::kAccept);
  environment.target = Target::kNone;
  EXPECT_EQ(say("ip6", environment, kNullIp6Bsd), Said::kReject);
}

TEST(Evaluator, TakesTheVlanTagFromTheMetadata) {
  Environment live;
  live.target = Target::kLiveLinux;
  Ancillary tagged;
  tagged.vlan_tag_present = true;
  tagged.vlan_tag = 0x2005;
  const Ancillary plain;
  EXPECT_EQ(say("vlan", live, kWeb, &tagged), Said::kAccept);
  EXPECT_EQ(say("vlan 5 and tcp dst port 80", live, kWeb, &tagged), Said::kAccept);
  EXPECT_EQ(say("vlan 6", live, kWeb, &tagged), Said::kReject);
  EXPECT_EQ(say("vlan", live, kWeb, &plain), Said::kReject);
  EXPECT_EQ(say("vlan 5 and tcp dst port 80", live, kTagged, &plain), Said::kAccept);
  EXPECT_EQ(say("vlan and vlan 5 and tcp", live, kTagged, &tagged), Said::kAccept);
  // The shift happens where the metadata shows no tag, whatever the bytes say.
  EXPECT_EQ(say("vlan or tcp", live, kWeb, &plain), Said::kReject);
  EXPECT_EQ(say("tcp or vlan", live, kWeb, &plain), Said::kAccept);
  EXPECT_EQ(say("vlan and ip protochain 6", live, kTagged, &plain), Said::kRefused);
}

TEST(Evaluator, KnowsDirectionAndInterfaceOfALivePacket) {
  Environment live;
  live.target = Target::kLiveLinux;
  Ancillary outgoing;
  outgoing.packet_type = 4;
  outgoing.interface_index = 7;
  EXPECT_EQ(say("outbound", live, kWeb, &outgoing), Said::kAccept);
  EXPECT_EQ(say("inbound", live, kWeb, &outgoing), Said::kReject);
  EXPECT_EQ(say("ifindex 7", live, kWeb, &outgoing), Said::kAccept);
  EXPECT_EQ(say("ifindex 8", live, kWeb, &outgoing), Said::kReject);
}

TEST(Evaluator, FollowsTheChainThroughAuthenticationHeaders) {
  // IPv4, AH of 24 bytes, AH of 12 bytes, TCP.
  constexpr std::string_view kChain =
      "4500 0000 0000 0000 40 33 0000 0a000001 0a000002"
      "33 04 0000 00000000 00000000 00000000 00000000 00000000"
      "06 01 0000 00000000 00000000";
  Environment raw;
  raw.link_type = LinkType::kRaw;
  EXPECT_EQ(say("ip protochain 6", raw, kChain), Said::kAccept);
  EXPECT_EQ(say("ip protochain 51", raw, kChain), Said::kAccept);
  EXPECT_EQ(say("ip protochain 17", raw, kChain), Said::kReject);
  EXPECT_EQ(say("protochain 6", raw, kChain), Said::kAccept);
}

TEST(Evaluator, UsesTheNetmaskAndTheMachine) {
  Environment environment;
  environment.netmask = 0xfffffffcU;
  constexpr std::string_view kBroadcast =
      "ffffffffffff 020000000001 0800 4500 0014 0001 0000 40 06 0000 0a000001 0a000003";
  EXPECT_EQ(say("ip broadcast", environment, kBroadcast), Said::kAccept);
  EXPECT_EQ(say("ip broadcast", environment, kWeb), Said::kReject);
  EXPECT_EQ(say("ip[0xffffffff] = 0", environment, kWeb), Said::kAccept);
  environment.machine = Machine::kLibpcap;
  EXPECT_EQ(say("ip[0xffffffff] = 0", environment, kWeb), Said::kReject);
  EXPECT_EQ(say("1 << (len - len + 32) = 0", environment, kWeb), Said::kAccept);
  environment.snaplen = 0;
  EXPECT_EQ(say("ip", environment, kWeb), Said::kRefused);
}

}  // namespace
}  // namespace bpfc::reference
