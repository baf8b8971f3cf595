// Every name of this machine's files means to bpfc what it means to libpcap.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <pcap/pcap.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "bpfc/name_resolver.h"

// Does not compile unless pcap.h comes first.
#include <pcap/namedb.h>

namespace bpfc {
namespace {

// All names and aliases in a file where they are the first and the third and later words of a line.
std::set<std::string> names_in(const char* path) {
  std::set<std::string> names;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string word;
    for (int i = 0; words >> word; ++i) {
      if (i != 1) names.insert(word);
    }
  }
  return names;
}

TEST(NamesAsLibpcap, Services) {
  const std::set<std::string> names = names_in("/etc/services");
  ASSERT_GT(names.size(), 200U);
  const SystemNameResolver resolver;
  for (const std::string& name : names) {
    int port = 0;
    int protocol = 0;
    std::optional<NamedPort> theirs;
    if (pcap_nametoport(name.c_str(), &port, &protocol) != 0) {
      theirs = NamedPort{static_cast<std::uint16_t>(port),
                         protocol == IPPROTO_TCP   ? NamedPort::Transport::kTcp
                         : protocol == IPPROTO_UDP ? NamedPort::Transport::kUdp
                                                   : NamedPort::Transport::kAny};
    }
    const auto ours = resolver.port(name);
    EXPECT_EQ(ours ? filter_port(*ours) : std::nullopt, theirs) << name;
  }
}

TEST(NamesAsLibpcap, Protocols) {
  const std::set<std::string> names = names_in("/etc/protocols");
  ASSERT_GT(names.size(), 50U);
  const SystemNameResolver resolver;
  for (const std::string& name : names) {
    const auto ours = resolver.protocol(name);
    ASSERT_TRUE(ours.has_value()) << name;
    EXPECT_EQ(static_cast<int>(*ours), pcap_nametoproto(name.c_str())) << name;
  }
}

TEST(NamesAsLibpcap, Networks) {
  const std::set<std::string> names = names_in("/etc/networks");
  ASSERT_FALSE(names.empty());
  const SystemNameResolver resolver;
  for (const std::string& name : names) {
    const auto ours = resolver.network(name);
    ASSERT_TRUE(ours.has_value()) << name;
    EXPECT_EQ(*ours, pcap_nametonetaddr(name.c_str())) << name;
  }
}

}  // namespace
}  // namespace bpfc
