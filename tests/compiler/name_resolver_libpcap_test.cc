// Names mean to bpfc what they mean to libpcap: those of this machine's files, and those of
// tests/data/names, which stand at /etc while the tests run.
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "bpfc/name_resolver.h"
#include "tests/compiler/private_etc.h"

// Does not compile unless pcap.h comes first.
#include <pcap/namedb.h>

namespace bpfc {
namespace {

// Names that no file holds, or with a meaning that a lookup could mistake.
const std::set<std::string> kOtherNames = {
    "nobody", "no.such.name", "-",   "a b", "http ",  "ALPHA",
    "Multi",  "SSH",          "Tcp", "One", "alpha.", std::string(300, 'a')};

// All names and aliases in a file where they are the words from the given one on, but for the
// second word. In all three ways of writing them.
std::set<std::string> names_in(const char* path, int first) {
  std::set<std::string> names = kOtherNames;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string word;
    for (int i = 0; words >> word; ++i) {
      if (i < first || (first == 0 && i == 1)) continue;
      names.insert(word);
      std::transform(word.begin(), word.end(), word.begin(),
                     [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      names.insert(word);
      std::transform(word.begin(), word.end(), word.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      names.insert(word);
    }
  }
  return names;
}

std::optional<NamedPort> libpcap_port(const std::string& name) {
  int port = 0;
  int protocol = 0;
  if (pcap_nametoport(name.c_str(), &port, &protocol) == 0) return std::nullopt;
  return NamedPort{static_cast<std::uint16_t>(port),
                   protocol == IPPROTO_TCP   ? NamedPort::Transport::kTcp
                   : protocol == IPPROTO_UDP ? NamedPort::Transport::kUdp
                                             : NamedPort::Transport::kAny};
}

template <typename Address>
void sort_unique(std::vector<Address>& addresses) {
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
}

// Its list, in ascending order and each address once.
std::optional<HostAddresses> libpcap_host(const std::string& name) {
  addrinfo* const list = pcap_nametoaddrinfo(name.c_str());
  if (list == nullptr) return std::nullopt;
  HostAddresses addresses;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family == AF_INET) {
      sockaddr_in address = {};
      std::memcpy(&address, entry->ai_addr, sizeof address);
      addresses.ipv4.push_back(ntohl(address.sin_addr.s_addr));
    } else if (entry->ai_family == AF_INET6) {
      sockaddr_in6 address = {};
      std::memcpy(&address, entry->ai_addr, sizeof address);
      std::memcpy(addresses.ipv6.emplace_back().data(), &address.sin6_addr, 16);
    }
  }
  freeaddrinfo(list);
  sort_unique(addresses.ipv4);
  sort_unique(addresses.ipv6);
  return addresses;
}

std::optional<EthernetAddress> libpcap_ether(const std::string& name) {
  u_char* const bytes = pcap_ether_hostton(name.c_str());
  if (bytes == nullptr) return std::nullopt;
  EthernetAddress address;
  std::copy(bytes, bytes + address.size(), address.begin());
  free(bytes);
  return address;
}

// 0 is no network to libpcap, known or not.
std::uint32_t our_network(const NameResolver& resolver, const std::string& name) {
  return resolver.network(name).value_or(0);
}

int our_protocol(const NameResolver& resolver, const std::string& name) {
  const auto found = resolver.protocol(name);
  return found ? static_cast<int>(*found) : PROTO_UNDEF;
}

template <typename Value>
std::optional<Value> value(const Expected<Value, NameError>& answer) {
  if (!answer) {
    EXPECT_EQ(answer.error().kind, NameError::Kind::kUnknown) << answer.error().message;
    return std::nullopt;
  }
  return *answer;
}

void compare_files() {
  const SystemNameResolver resolver;
  for (const std::string& name : names_in("/etc/services", 0)) {
    const auto ours = value(resolver.port(name));
    EXPECT_EQ(ours ? filter_port(*ours) : std::nullopt, libpcap_port(name)) << name;
  }
  for (const std::string& name : names_in("/etc/protocols", 0)) {
    EXPECT_EQ(our_protocol(resolver, name), pcap_nametoproto(name.c_str())) << name;
  }
  for (const std::string& name : names_in("/etc/networks", 0)) {
    EXPECT_EQ(our_network(resolver, name), pcap_nametonetaddr(name.c_str())) << name;
  }
}

// No hosts here, and no network where that can be had: what this machine's nsswitch.conf asks it
// for would come and go.
TEST(NamesOfThisMachine, AreLibpcaps) {
  testing::enter_private_namespaces();
  compare_files();
}

class NamesAsLibpcap : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string& reason = testing::enter_private_namespaces();
    if (!reason.empty()) GTEST_SKIP() << reason;
    etc_.emplace(BPFC_SOURCE_DIR "/tests/data/names");
  }
  std::optional<testing::PrivateEtc> etc_;
  SystemNameResolver resolver_;
};

TEST_F(NamesAsLibpcap, ServicesProtocolsNetworks) { compare_files(); }

TEST_F(NamesAsLibpcap, Hosts) {
  std::size_t known = 0;
  for (const std::string& name : names_in("/etc/hosts", 1)) {
    if (name.find(' ') != name.npos) continue;
    const auto ours = value(resolver_.host(name));
    EXPECT_EQ(ours, libpcap_host(name)) << name;
    if (ours) ++known;
  }
  EXPECT_GE(known, 40U);
}

TEST_F(NamesAsLibpcap, Ethers) {
  std::size_t known = 0;
  for (const std::string& name : names_in("/etc/ethers", 1)) {
    const auto ours = value(resolver_.ether(name));
    EXPECT_EQ(ours, libpcap_ether(name)) << name;
    if (ours) ++known;
  }
  EXPECT_GE(known, 16U);
}

// So that the comparisons above have compared something.
TEST_F(NamesAsLibpcap, TheFilesAreRead) {
  const HostAddresses multi = {{0x0a010204, 0x0a010205},
                               {{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
                                {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}}};
  EXPECT_EQ(resolver_.host("multi"), multi);
  EXPECT_EQ(resolver_.host("alias-of-alpha"), (HostAddresses{{0x0a010203}, {}}));
  EXPECT_EQ(resolver_.ether("Alpha"), (EthernetAddress{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(resolver_.network("one"), 0x0a000000U);
  EXPECT_EQ(resolver_.network("two"), 0xac100000U);
  EXPECT_EQ(resolver_.network("three"), 0xc0a80100U);
  EXPECT_EQ(resolver_.network("four"), 0xc0a80180U);
  EXPECT_EQ(resolver_.port("differ"), (ServicePorts{83, 84, std::nullopt}));
  EXPECT_EQ(resolver_.port("sctponly"), (ServicePorts{std::nullopt, std::nullopt, 85}));
  EXPECT_EQ(resolver_.port("all"), (ServicePorts{86, 86, 86}));
  EXPECT_EQ(resolver_.protocol("mixed-alias"), 200U);
  EXPECT_EQ(resolver_.protocol("mptcp"), 262U);
  EXPECT_FALSE(resolver_.port("Ssh"));
}

}  // namespace
}  // namespace bpfc
