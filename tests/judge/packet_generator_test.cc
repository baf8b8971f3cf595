// The generator takes the branches of filters both ways, and does so again for the same seed.
#include "judge/packet_generator.h"

#include <gtest/gtest.h>

#include <iostream>

#include "bpfc/compile.h"
#include "bpfc/listing.h"

namespace bpfc::judge {
namespace {

struct Filter {
  const char* text;
  Optimization level = Optimization::kDefault;
  Target target = Target::kPlain;
};

VerifiedProgram compiled(const Filter& filter) {
  CompileOptions options;
  options.optimization = filter.level;
  options.target = filter.target;
  return *verify(compile(filter.text, options)->program, Rules::kKernel);
}

std::string missing_ways(const BranchCoverage& coverage) {
  std::string text;
  for (const auto& [instruction, taken] : coverage.missing()) {
    text += std::to_string(instruction) + (taken ? " true, " : " false, ");
  }
  return text;
}

constexpr const char* kHttpGet =
    "tcp dst port 80 and tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420";
constexpr const char* kHttpData =
    "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)";

TEST(PacketGeneratorTest, TakesEveryBranchBothWays) {
  for (const char* text : {"tcp port 80",
                           "portrange 8000-9000",
                           kHttpGet,
                           kHttpData,
                           "vlan",
                           "vlan 5 and tcp port 80",
                           "ip6",
                           "ip6 and udp port 53",
                           "icmp[icmptype] = icmp-echo",
                           "host 10.0.0.1 or 10.0.0.2",
                           "not (arp or icmp)",
                           "ether host 00:01:02:03:04:05",
                           "ether multicast",
                           "udp[8:4] > 0x01020304",
                           "len > 500 and len <= 1000",
                           "less 60 or greater 1400",
                           "mpls 100 and ip",
                           "pppoes 7 and ip6",
                           "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
                           "ip broadcast or net 10.0.0.0/8",
                           "ip[0] & 0xf > 5",
                           "tcp[0:2] = tcp[2:2]",
                           "ip[2:2] * 3 - 7 > ip[4:2] / 2",
                           "ether[ether[14]] = 7 and ether[ether[15] + 16] = 8",
                           "geneve 5 and tcp port 80",
                           "vxlan 5 and host 10.0.0.1"}) {
    CompileOptions options;
    options.netmask = 0xffffff00U;
    const VerifiedProgram program = *verify(compile(text, options)->program, Rules::kKernel);
    const VerifiedProgram* const programs[] = {&program};
    PacketGenerator generator(programs, 1);
    const auto packets = generator.branch_packets();
    const BranchCoverage& coverage = generator.coverage(0);
    EXPECT_EQ(coverage.reached(), coverage.total())
        << text << ": not " << missing_ways(coverage) << '\n'
        << to_listing(program.program());
    std::cout << text << ": " << coverage.reached() << " of " << coverage.total() << " with "
              << packets.size() << " packets\n";
  }
}

TEST(PacketGeneratorTest, TakesWhatTheKernelTells) {
  for (const char* text : {"inbound", "vlan 5 and tcp port 80", "vlan and vlan 7",
                           "ifindex 3 and outbound", "not vlan and ip6"}) {
    const VerifiedProgram program = compiled({text, Optimization::kDefault, Target::kLiveLinux});
    const VerifiedProgram* const programs[] = {&program};
    PacketGenerator generator(programs, 1);
    generator.branch_packets();
    EXPECT_EQ(generator.coverage(0).reached(), generator.coverage(0).total())
        << text << ": not " << missing_ways(generator.coverage(0)) << '\n'
        << to_listing(program.program());
  }
}

TEST(PacketGeneratorTest, MakesTheSamePacketsForTheSameSeed) {
  const VerifiedProgram lowered = compiled({"vlan 5 or tcp port 80", Optimization::kNone});
  const VerifiedProgram optimized = compiled({"vlan 5 or tcp port 80"});
  const VerifiedProgram* const programs[] = {&lowered, &optimized};
  const auto all_packets = [&](std::uint64_t seed) {
    PacketGenerator generator(programs, seed);
    TestPacket real{std::vector<std::uint8_t>(70, 8), 70, {}};
    generator.learn(real);
    std::vector<TestPacket> packets = generator.branch_packets();
    for (int i = 0; i < 500; ++i) packets.push_back(generator.random_packet());
    return packets;
  };
  EXPECT_EQ(all_packets(7), all_packets(7));
  EXPECT_NE(all_packets(7), all_packets(8));
}

TEST(PacketGeneratorTest, KnowsWaysThatNobodyGoes) {
  // A value is asked for twice, and the second time nothing is left to decide.
  const Program program{
      {0x30, 0, 0, 0}, {0x15, 0, 2, 7}, {0x15, 0, 1, 7}, {0x06, 0, 0, 1}, {0x06, 0, 0, 0}};
  const VerifiedProgram verified = *verify(program, Rules::kKernel);
  const VerifiedProgram* const programs[] = {&verified};
  PacketGenerator generator(programs, 1);
  generator.branch_packets();
  ASSERT_EQ(generator.coverage(0).missing().size(), 1U);
  EXPECT_EQ(generator.coverage(0).missing()[0].instruction, 2U);
  EXPECT_FALSE(generator.coverage(0).missing()[0].taken);
}

TEST(PacketGeneratorTest, CutsWhereLoadsEnd) {
  const VerifiedProgram program = compiled({"icmp"});
  const VerifiedProgram* const programs[] = {&program};
  PacketGenerator generator(programs, 1);
  const auto packets = generator.branch_packets();
  for (const std::size_t length : {13U, 14U, 23U, 24U}) {
    for (const bool whole : {false, true}) {
      EXPECT_TRUE(std::any_of(packets.begin(), packets.end(), [&](const TestPacket& packet) {
        return packet.bytes.size() == length && packet.is_whole() == whole;
      })) << length;
    }
  }
}

}  // namespace
}  // namespace bpfc::judge
