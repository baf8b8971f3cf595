// Tests ordered by a sample of packets.
#include "compiler/sets/profile.h"

#include <gtest/gtest.h>

#include <array>

#include "bpfc/compile.h"
#include "bpfc/listing.h"
#include "compiler/generate.h"
#include "compiler/pass.h"
#include "measure/traffic_mix.h"
#include "tests/compiler/graph_evaluator.h"
#include "tests/compiler/graph_generator.h"
#include "tests/traffic/filter_lists.h"
#include "tests/vm/program_generator.h"

namespace bpfc {
namespace {

Profile profile_of(const std::vector<traffic::Frame>& frames) {
  Profile profile;
  for (const traffic::Frame& frame : frames) {
    profile.add(frame, static_cast<std::uint32_t>(frame.size()));
  }
  return profile;
}

// Ethernet, IPv4 without options, and ports.
traffic::Frame ip4_frame(std::uint8_t protocol, std::uint16_t port) {
  traffic::Frame frame(60, 0);
  frame[12] = 0x08;
  frame[14] = 0x45;
  frame[23] = protocol;
  frame[36] = static_cast<std::uint8_t>(port >> 8U);
  frame[37] = static_cast<std::uint8_t>(port);
  return frame;
}

Program program_for(const std::string& filter, const Profile* profile,
                    Optimization level = Optimization::kDefault) {
  CompileOptions options;
  options.profile = profile;
  options.optimization = level;
  return compile(filter, options)->program;
}

std::uint64_t executed_by(const Program& program, const Profile& packets) {
  const auto verified = verify(program, Rules::kKernel);
  std::uint64_t executed = 0;
  for (std::size_t i = 0; i < packets.size(); ++i) interpret(*verified, packets[i], &executed);
  return executed;
}

TEST(Profiles, TakeSoManyPacketsAndBytes) {
  Profile profile;
  const std::vector<std::uint8_t> bytes(Profile::kMostBytes + 1, 7);
  EXPECT_TRUE(profile.add(bytes, 9000));
  EXPECT_EQ(profile[0].captured.size(), Profile::kMostBytes);
  EXPECT_EQ(profile[0].wire_length, 9000U);
  for (std::size_t i = 1; i < Profile::kMostPackets; ++i) {
    EXPECT_TRUE(profile.add(std::span(bytes).first(i % 3), 5));
  }
  EXPECT_FALSE(profile.add(bytes, 5));
  EXPECT_EQ(profile.size(), Profile::kMostPackets);
  EXPECT_EQ(profile[4].captured.size(), 1U);
}

TEST(Profiles, BringWhatIsSeenMostToTheFront) {
  std::vector<traffic::Frame> frames(90, ip4_frame(17, 53));
  frames.insert(frames.end(), 10, ip4_frame(6, 80));
  const Profile profile = profile_of(frames);
  // The listing names the numbers in the order in which they are asked for.
  const auto places = [&](const char* filter, const char* first, const char* second,
                          const Profile* given) {
    const std::string text = to_listing(program_for(filter, given));
    return std::pair{text.find(first), text.find(second)};
  };
  const char* const ports = "ip and udp dst port (22 or 53 or 80 or 123)";
  const auto [asked, other] = places(ports, "#0x35 ", "#0x16 ", &profile);
  EXPECT_LT(asked, other) << to_listing(program_for(ports, &profile));
  const auto [unasked, before] = places(ports, "#0x35 ", "#0x16 ", nullptr);
  EXPECT_GT(unasked, before);
  const char* const protocols = "tcp dst port 80 or udp dst port 53";
  EXPECT_LT(executed_by(program_for(protocols, &profile), profile),
            executed_by(program_for(protocols, nullptr), profile))
      << to_listing(program_for(protocols, &profile));
}

TEST(Profiles, OfNoPacketsChangeNothing) {
  const Profile none;
  const char* const filter = "port 80 or port 443";
  EXPECT_EQ(program_for(filter, &none), program_for(filter, nullptr));
}

TEST(Profiles, GiveEachPartItsShare) {
  ir::Graph graph;
  const ir::NodeIndex no = graph.add_return(0);
  const ir::NodeIndex yes = graph.add_return(1);
  const ir::ValueIndex protocol = graph.values.load(1, ir::kNoValue, 23);
  graph.root = graph.decide(Comparison::kEqual, protocol, graph.values.constant(17), yes, no);
  sets::Graph parts = sets::partition_graph(graph);
  std::vector<traffic::Frame> frames(300, ip4_frame(17, 53));
  frames.insert(frames.end(), 100, ip4_frame(6, 80));
  frames.insert(frames.end(), 50, traffic::Frame(20, 0));  // ends at the load
  sets::weigh_by_profile(parts, graph.values, profile_of(frames));
  const std::vector<double>& weights = parts.nodes[parts.root].weights;
  ASSERT_EQ(weights.size(), 3U);
  EXPECT_NEAR(weights[0], 0.25, 0.01);
  EXPECT_NEAR(weights[1], 0.75, 0.01);
  EXPECT_EQ(weights[2], 0);
  EXPECT_GT(sets::expected_share(graph.values, parts.nodes[parts.root],
                                 parts.nodes[parts.root].parts[1].target),
            0.7);
  EXPECT_TRUE(parts.nodes[0].weights.empty());
}

// Any sample at all, of packets that fit the graph or not.
TEST(Profiles, KeepEveryVerdict) {
  testing::GraphGenerator generator(testing::test_seed());
  constexpr int kRounds = 300;
  for (int round = 0; round < kRounds; ++round) {
    const ir::Graph graph = generator.graph(40);
    Profile profile;
    for (std::uint32_t i = generator.below(30); i > 0; --i) {
      const auto bytes = generator.packet(generator.below(testing::kPacketBytes + 8));
      profile.add(bytes, static_cast<std::uint32_t>(bytes.size()));
    }
    const PassContext context{static_cast<Optimization>(1 + generator.below(3)), &profile};
    ir::Graph result = graph;
    for (const Pass& pass : passes()) {
      result = pass.run(std::move(result), context);
      ASSERT_EQ(ir::check_graph(result), std::nullopt) << pass.name;
    }
    for (std::size_t length = 0; length <= testing::kPacketBytes + 8; ++length) {
      const auto bytes = generator.packet(length);
      Packet packet;
      packet.captured = bytes;
      packet.wire_length = static_cast<std::uint32_t>(length);
      packet.network_offset = packet.link_offset = ~std::uint32_t{0};
      ASSERT_EQ(testing::evaluate(result, packet), testing::evaluate(graph, packet))
          << "round " << round << "\n"
          << to_text(graph) << "becomes\n"
          << to_text(result);
    }
  }
}

constexpr std::array kFilters = {
    "ip",
    "tcp port 80",
    "udp port 53",
    "udp port 53 or tcp",
    "port 80 or port 443 or port 8080",
    "portrange 8000-9000",
    "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
    "net 10.0.0.0/8 and not net 10.1.0.0/16",
    "icmp or arp or ip6",
    "tcp[13] & 7 != 0 and not port 22",
    "host 10.0.0.1 and (tcp port 80 or udp port 53)",
};

TEST(Profiles, NeverMakeTheirTrafficCostMore) {
  const std::vector<traffic::Frame> frames = traffic::mixed_traffic(3000);
  const Profile profile = profile_of(frames);
  std::vector<std::string> filters(kFilters.begin(), kFilters.end());
  filters.push_back(traffic::hosts_joined(
      traffic::host_list(300, traffic::Spread::kScattered, traffic::ip4_addresses(frames))));
  for (const std::string& filter : filters) {
    for (const Optimization level :
         {Optimization::kDefault, Optimization::kFull, Optimization::kSize}) {
      const Program with = program_for(filter, &profile, level);
      const Program without = program_for(filter, nullptr, level);
      EXPECT_LE(executed_by(with, profile), executed_by(without, profile)) << filter;
      EXPECT_TRUE(level != Optimization::kSize || with.size() <= without.size()) << filter;
      const auto one = verify(with, Rules::kKernel);
      const auto other = verify(without, Rules::kKernel);
      for (std::size_t i = 0; i < profile.size(); ++i) {
        ASSERT_EQ(interpret(*one, profile[i]), interpret(*other, profile[i])) << filter;
      }
    }
  }
}

// Without one, by guess.
TEST(Levels, FullExecutesNoMoreThanDefaultOfMixedTraffic) {
  const Profile sample = profile_of(traffic::mixed_traffic(3000));
  std::uint64_t full = 0;
  std::uint64_t usual = 0;
  for (const char* const filter : kFilters) {
    full += executed_by(program_for(filter, nullptr, Optimization::kFull), sample);
    usual += executed_by(program_for(filter, nullptr, Optimization::kDefault), sample);
  }
  EXPECT_LE(full, usual);
}

// A chain of thousands of tests of different bytes is not walked to its end by all packets.
TEST(Profiles, AreReadInBoundedTime) {
  std::string filter = "ether[60] = 1";
  for (int i = 61; i < 2000; ++i) filter += " or ether[" + std::to_string(i) + "] = 1";
  Profile profile;
  const std::vector<std::uint8_t> bytes(2048, 0);
  while (profile.add(bytes, 2048)) {
  }
  CompileOptions options;
  options.profile = &profile;
  EXPECT_TRUE(compile(filter, options));
}

}  // namespace
}  // namespace bpfc
