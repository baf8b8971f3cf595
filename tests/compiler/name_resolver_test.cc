#include "bpfc/name_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace bpfc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = NameError::Kind;

constexpr std::array<std::uint8_t, 16> kLoopback6 = {0, 0, 0, 0, 0, 0, 0, 0,
                                                     0, 0, 0, 0, 0, 0, 0, 1};
constexpr std::array<std::uint8_t, 16> kAny6 = {};

TEST(FilterPort, FollowsLibpcap) {
  using Transport = NamedPort::Transport;
  EXPECT_EQ(filter_port({.tcp = 80, .udp = {}, .sctp = {}}), (NamedPort{80, Transport::kTcp}));
  EXPECT_EQ(filter_port({.tcp = {}, .udp = 69, .sctp = {}}), (NamedPort{69, Transport::kUdp}));
  EXPECT_EQ(filter_port({.tcp = 53, .udp = 53, .sctp = {}}), (NamedPort{53, Transport::kAny}));
  EXPECT_EQ(filter_port({.tcp = 1, .udp = 2, .sctp = 3}), (NamedPort{1, Transport::kTcp}));
  EXPECT_EQ(filter_port({.tcp = 5, .udp = {}, .sctp = 5}), (NamedPort{5, Transport::kTcp}));
  EXPECT_EQ(filter_port({.tcp = {}, .udp = {}, .sctp = 9}), std::nullopt);
  EXPECT_EQ(filter_port({.tcp = 0, .udp = {}, .sctp = {}}), (NamedPort{0, Transport::kTcp}));
  EXPECT_EQ(filter_port({}), std::nullopt);
}

TEST(TableNameResolver, SortsAddressesAndDropsRepeatedOnes) {
  NameTable table;
  table.hosts["twins"] = {.ipv4 = {9, 0x0a000001, 9, 1}, .ipv6 = {kLoopback6, kAny6, kLoopback6}};
  const auto host = TableNameResolver(table).host("twins");
  ASSERT_TRUE(host.has_value());
  EXPECT_THAT(host->ipv4, ElementsAre(1U, 9U, 0x0a000001U));
  EXPECT_THAT(host->ipv6, ElementsAre(kAny6, kLoopback6));
}

TEST(TableNameResolver, FindsEachKindOfName) {
  NameTable table;
  table.ethers["printer"] = {0, 1, 2, 3, 4, 5};
  table.networks["campus"] = 0x0a010000;
  table.ports["http"] = {.tcp = 80, .udp = {}, .sctp = {}};
  table.protocols["tcp"] = 6;
  const TableNameResolver resolver(table);
  EXPECT_EQ(resolver.ether("printer").value(), (EthernetAddress{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(resolver.network("campus").value(), 0x0a010000U);
  EXPECT_EQ(resolver.port("http").value().tcp, 80);
  EXPECT_EQ(resolver.protocol("tcp").value(), 6U);
  EXPECT_EQ(resolver.host("printer").error().kind, Kind::kUnknown);
  EXPECT_EQ(resolver.port("campus").error().kind, Kind::kUnknown);
}

TEST(TableNameResolver, IgnoresCaseAsTheSystemDoes) {
  NameTable table;
  table.hosts["Alpha"].ipv4 = {1};
  table.ethers["Alpha"] = {};
  table.networks["Alpha"] = 1;
  table.ports["Alpha"].tcp = 1;
  table.protocols["Alpha"] = 1;
  const TableNameResolver resolver(table);
  EXPECT_TRUE(resolver.host("aLPHA").has_value());
  EXPECT_TRUE(resolver.ether("aLPHA").has_value());
  EXPECT_TRUE(resolver.network("aLPHA").has_value());
  EXPECT_FALSE(resolver.port("aLPHA").has_value());
  EXPECT_FALSE(resolver.protocol("aLPHA").has_value());
  EXPECT_TRUE(resolver.port("Alpha").has_value());
  EXPECT_TRUE(resolver.protocol("Alpha").has_value());
}

TEST(TableNameResolver, EntryWithNothingInItIsUnknown) {
  NameTable table;
  table.hosts["nobody"];
  table.ports["nothing"];
  const TableNameResolver resolver(table);
  EXPECT_EQ(resolver.host("nobody").error().kind, Kind::kUnknown);
  EXPECT_EQ(resolver.port("nothing").error().kind, Kind::kUnknown);
}

TEST(TableNameResolver, EmptyTableKnowsNothing) {
  const TableNameResolver resolver;
  for (const char* name : {"", "localhost", "tcp", "http"}) {
    EXPECT_EQ(resolver.host(name).error().kind, Kind::kUnknown);
    EXPECT_EQ(resolver.ether(name).error().kind, Kind::kUnknown);
    EXPECT_EQ(resolver.network(name).error().kind, Kind::kUnknown);
    EXPECT_EQ(resolver.port(name).error().kind, Kind::kUnknown);
    EXPECT_EQ(resolver.protocol(name).error().kind, Kind::kUnknown);
    EXPECT_FALSE(resolver.host(name).error().message.empty());
  }
}

// Addresses in figures pass through the same function of the C library, and need no /etc/hosts.
TEST(SystemNameResolver, FindsHosts) {
  const SystemNameResolver resolver;
  const auto four = resolver.host("127.0.0.1");
  ASSERT_TRUE(four.has_value()) << four.error().message;
  EXPECT_EQ(*four, (HostAddresses{.ipv4 = {0x7f000001}, .ipv6 = {}}));
  const auto six = resolver.host("::1");
  ASSERT_TRUE(six.has_value()) << six.error().message;
  EXPECT_EQ(*six, (HostAddresses{.ipv4 = {}, .ipv6 = {kLoopback6}}));
}

// RFC 6761 reserves "invalid"; without a name server the answer is a failure, not "unknown".
TEST(SystemNameResolver, DoesNotFindHostThatNobodyHas) {
  const SystemNameResolver resolver({.timeout = std::chrono::seconds(2)});
  const auto host = resolver.host("bpfc-test.invalid");
  ASSERT_FALSE(host.has_value());
  EXPECT_FALSE(host.error().message.empty());
}

TEST(SystemNameResolver, FindsServices) {
  const SystemNameResolver resolver;
  EXPECT_EQ(resolver.port("http").value(), (ServicePorts{.tcp = 80, .udp = {}, .sctp = {}}));
  EXPECT_EQ(resolver.port("domain").value(), (ServicePorts{.tcp = 53, .udp = 53, .sctp = {}}));
  EXPECT_EQ(resolver.port("ntp").value(), (ServicePorts{.tcp = {}, .udp = 123, .sctp = {}}));
  EXPECT_EQ(resolver.port("amqp").value(), (ServicePorts{.tcp = 5672, .udp = {}, .sctp = 5672}));
  EXPECT_EQ(resolver.port("HTTP").error().kind, Kind::kUnknown);
  EXPECT_EQ(resolver.port("bpfc-test").error().kind, Kind::kUnknown);
}

TEST(SystemNameResolver, FindsProtocols) {
  const SystemNameResolver resolver;
  EXPECT_EQ(resolver.protocol("tcp").value(), 6U);
  EXPECT_EQ(resolver.protocol("UDP").value(), 17U);
  EXPECT_EQ(resolver.protocol("Udp").error().kind, Kind::kUnknown);
  EXPECT_EQ(resolver.protocol("bpfc-test").error().kind, Kind::kUnknown);
}

TEST(SystemNameResolver, FindsNetworks) {
  const SystemNameResolver resolver;
  EXPECT_EQ(resolver.network("loopback").value(), 0x7f000000U);
  EXPECT_EQ(resolver.network("link-local").value(), 0xa9fe0000U);
  EXPECT_EQ(resolver.network("default").value(), 0U);
  EXPECT_FALSE(resolver.network("bpfc-test").has_value());
}

TEST(SystemNameResolver, TakesNoNameThatIsEmptyOrHoldsNul) {
  using std::string_view_literals::operator""sv;
  const SystemNameResolver resolver;
  for (const std::string_view name : {""sv, "http\0x"sv, "\0"sv}) {
    EXPECT_EQ(resolver.host(name).error().kind, Kind::kUnknown);
    EXPECT_EQ(resolver.ether(name).error().kind, Kind::kUnknown);
    EXPECT_EQ(resolver.network(name).error().kind, Kind::kUnknown);
    EXPECT_EQ(resolver.port(name).error().kind, Kind::kUnknown);
    EXPECT_EQ(resolver.protocol(name).error().kind, Kind::kUnknown);
  }
}

TEST(SystemNameResolver, TakesLongNames) {
  const SystemNameResolver resolver({.timeout = std::chrono::seconds(2)});
  const std::string name(100'000, 'a');
  EXPECT_FALSE(resolver.host(name).has_value());
  EXPECT_FALSE(resolver.network(name).has_value());
  EXPECT_FALSE(resolver.port(name).has_value());
  EXPECT_FALSE(resolver.protocol(name).has_value());
}

TEST(SystemNameResolver, ReadsTheEthersFile) {
  const std::string path = testing::TempDir() + "/bpfc_ethers." + std::to_string(getpid());
  std::ofstream(path) << "0:1:2:3:4:5 printer\n";
  const SystemNameResolver resolver({.ethers_file = path});
  EXPECT_EQ(resolver.ether("Printer").value(), (EthernetAddress{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(resolver.ether("scanner").error().kind, Kind::kUnknown);
  unlink(path.c_str());
  const auto missing = resolver.ether("printer");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().kind, Kind::kUnknown);
  EXPECT_THAT(missing.error().message, HasSubstr(path));
}

TEST(SystemNameResolver, AnswersManyThreads) {
  const SystemNameResolver resolver;
  std::vector<std::thread> threads;
  std::array<bool, 8> right = {};
  threads.reserve(right.size());
  for (bool& mine : right) {
    threads.emplace_back([&mine, &resolver] {
      mine = true;
      for (int i = 0; i < 20; ++i) {
        mine = mine && resolver.port("http").value_or(ServicePorts{}).tcp == 80 &&
               resolver.protocol("udp").value_or(0) == 17 &&
               resolver.network("loopback").value_or(0) == 0x7f000000;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(right, testing::Each(true));
}

}  // namespace
}  // namespace bpfc
