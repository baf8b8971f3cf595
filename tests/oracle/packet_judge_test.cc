// That the judge on packet sockets sees what the kernel is known to do, whatever our engines say.
#include "judge/packet_judge.h"

#include <gtest/gtest.h>

#include "bpfc/compile.h"
#include "tests/oracle/packet_builder.h"

namespace bpfc::oracle {
namespace {

using namespace judge;

using Frames = std::vector<std::vector<std::uint8_t>>;

constexpr std::size_t kEthernetHeader = 14;

VerifiedProgram live(const char* text) {
  CompileOptions options;
  options.target = Target::kLiveLinux;
  return *verify(compile(text, options)->program, Rules::kKernel);
}

class PacketJudgeTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto made = PacketJudge::make();
    if (made) {
      judge = *std::move(made);
    } else {
      why_not = made.error();
    }
  }
  static void TearDownTestSuite() { judge.reset(); }
  void SetUp() override {
    if (judge == nullptr) GTEST_SKIP() << why_not;
  }

  static std::vector<Sighting> sightings(const char* filter, const Frames& frames) {
    const std::vector<VerifiedProgram> programs{live(filter)};
    auto judged = judge->verdicts(programs, frames);
    EXPECT_TRUE(judged) << judged.error();
    return judged ? std::move(judged->sightings) : std::vector<Sighting>();
  }

  static Bytes plain_frame() { return ethernet(0x0800, ipv4(17, udp(53, 80, Bytes(40, 0x41)))); }

  static inline std::unique_ptr<PacketJudge> judge;
  static inline std::string why_not;
};

TEST_F(PacketJudgeTest, SeesBothDirections) {
  const Frames frames{plain_frame()};
  for (const bool inbound : {false, true}) {
    const auto seen = sightings(inbound ? "inbound" : "outbound", frames);
    ASSERT_EQ(seen.size(), 2U);
    for (const Sighting& sighting : seen) {
      EXPECT_EQ(sighting.bytes, frames[0]);
      const bool received = sighting.vantage == Vantage::kReceive;
      EXPECT_EQ(sighting.kept[0], received == inbound ? frames[0].size() : 0);
      const auto& ends = judge->interfaces();
      EXPECT_EQ(sighting.ancillary.interface_index, received ? ends.far.index : ends.near.index);
      EXPECT_EQ(sighting.ancillary.protocol, 0x0800);
      EXPECT_EQ(sighting.network_offset, kEthernetHeader);
    }
  }
}

TEST_F(PacketJudgeTest, SeesTheOuterTagMoveOnReceive) {
  constexpr std::uint16_t kTag = 0x6005;
  for (const std::uint16_t tpid :
       {std::uint16_t{0x8100}, std::uint16_t{0x88a8}, std::uint16_t{0x9100}}) {
    const Frames frames{vlan(tpid, kTag, plain_frame())};
    const auto seen = sightings("vlan 5", frames);
    ASSERT_EQ(seen.size(), 2U);
    for (const Sighting& sighting : seen) {
      const bool moved = sighting.vantage == Vantage::kReceive && tpid != 0x9100;
      EXPECT_EQ(sighting.bytes, moved ? plain_frame() : frames[0]);
      EXPECT_EQ(sighting.ancillary.vlan_tag_present, moved);
      EXPECT_EQ(sighting.ancillary.vlan_tag, moved ? kTag : 0);
      EXPECT_EQ(sighting.ancillary.vlan_protocol, moved ? tpid : 0);
      EXPECT_EQ(sighting.kept[0], sighting.bytes.size());
    }
  }
}

TEST_F(PacketJudgeTest, DoesNotJudgeWhatDoesNotArrive) {
  Bytes cut = vlan(0x8100, 5, plain_frame());
  cut.resize(17);
  const Frames frames{cut, Bytes(13, 1), plain_frame()};
  const std::vector<VerifiedProgram> programs{live("vlan or ip")};
  const auto judged = judge->verdicts(programs, frames);
  ASSERT_TRUE(judged) << judged.error();
  EXPECT_EQ(judged->not_judged, 3U);
  ASSERT_EQ(judged->sightings.size(), 3U);
  EXPECT_EQ(judged->sightings[0].vantage, Vantage::kTransmit);
  EXPECT_EQ(judged->sightings[0].bytes, cut);
  EXPECT_EQ(judged->sightings[1].packet, 2U);
  EXPECT_EQ(judged->sightings[2].packet, 2U);
}

TEST_F(PacketJudgeTest, TakesNoMoreProgramsThanItHasSocketsFor) {
  const std::vector<VerifiedProgram> programs(judge->most_programs() + 1, live("ip"));
  EXPECT_FALSE(judge->verdicts(programs, Frames{plain_frame()}));
}

}  // namespace
}  // namespace bpfc::oracle
